// Another process that revokes twenty tokens one after the other, in the file that it is given.

import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/core/seams.ts';
import { revocations } from '../../src/issuer/revocations.ts';
import { inOrder } from '../support/settled.ts';

const list = revocations(process.argv[2] ?? '', { clock: systemClock, randomBytes, lifetimeMaxMs: 86_400_000 });
await inOrder(
  Array.from({ length: 20 }, (_, index) => `other-${index}`),
  async (jti) => {
    if ((await list.add({ jti })) !== undefined) process.exitCode = 1;
  },
);
