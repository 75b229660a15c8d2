// One kubectl's plugin as a process, given SERVER FOLDER PASSWORD: stderr says that it runs, stdout what became of it.

import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/core/seams.ts';
import { Secret } from '../../src/core/secret.ts';
import { openCache } from '../../src/login/cache.ts';
import { currentSession } from '../../src/login/current-session.ts';
import { thisMachine } from '../../src/login/machine.ts';
import { createPortalClient } from '../../src/login/portal-client.ts';

const [server = '', folder = '', password = ''] = process.argv.slice(2);
process.stderr.write('runs');
const machine = { ...thisMachine(), parentPid: process.pid };
const portal = createPortalClient(new URL(server), { ca: undefined, env: process.env });
let prompts = 0;
const outcome = await currentSession(
  { server, username: 'alice' },
  {
    cache: openCache(folder, { machine, randomBytes }),
    portal,
    clock: systemClock,
    machine,
    withPerson: (work) =>
      work({
        username: async () => undefined,
        password: async () => {
          prompts += 1;
          return new Secret(password);
        },
        say: () => undefined,
      }),
  },
);
const token = 'session' in outcome ? outcome.session.token.reveal() : undefined;
process.stdout.write(JSON.stringify({ kind: outcome.kind, token, prompts }));
