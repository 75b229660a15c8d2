// Another process that revokes twenty tokens one after the other, in the file that it is given.

import { revocations } from '../../src/issuer/revocations.ts';
import { inOrder } from '../support/settled.ts';

const list = revocations(process.argv[2] ?? '', { now: () => Date.now() });
await inOrder(
  Array.from({ length: 20 }, (_, index) => `other-${index}`),
  async (jti) => {
    if ((await list.add({ jti })) !== undefined) process.exitCode = 1;
  },
);
