// Holds a lock until it is killed: `node lock-process.ts FILE`; prints `held` once it does.

import { thisHost } from '../../src/files/holder.ts';
import { withLock } from '../../src/files/lock.ts';

const [path = ''] = process.argv.slice(2);
const forever = setInterval(() => undefined, 60_000);
await withLock(path, { host: thisHost(), nonce: 'held', patienceMs: 0 }, () => {
  process.stdout.write('held');
  return new Promise<void>(() => forever);
});
