// Holds a lock until it is killed: `node lock-process.ts FILE`; prints `held` once it does.

import { withLock } from '../../src/files/lock.ts';
import { thisMachine } from '../../src/login/machine.ts';

const [path = ''] = process.argv.slice(2);
const forever = setInterval(() => undefined, 60_000);
await withLock(path, { host: thisMachine(), nonce: 'held' }, () => {
  process.stdout.write('held');
  return new Promise<void>(() => forever);
});
