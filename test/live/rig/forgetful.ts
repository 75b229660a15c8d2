// Something between a client and a server that forgets connections: one socat process for each, which can be frozen.
import { readFileSync } from 'node:fs';
import { requireServer } from './installed.ts';
import { startProcess } from './process.ts';
import { temporaryFolder } from './temp.ts';
import { freePort, waitForPort } from './wait.ts';

/** For a test's `skip`. */
export function socatMissing(): string | false {
  return requireServer('socat', ['socat']);
}

export interface Forgetful {
  readonly port: number;
  /** Every connection that is open now swallows whatever either side sends; new ones work. Returns how many there are. */
  forget(): number;
  stop(): Promise<void>;
}

/** Listens on a free loopback port and passes everything on to `targetPort`. */
export async function startForgetful(targetPort: number): Promise<Forgetful> {
  const port = await freePort();
  const listen = `TCP4-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=256`;
  const args = [listen, `TCP4:127.0.0.1:${targetPort}`];
  const socat = startProcess({ name: 'socat', command: 'socat', args, directory: temporaryFolder('forgetful') });
  await waitForPort(port, socat);
  const connections = (): readonly number[] =>
    readFileSync(`/proc/${socat.pid}/task/${socat.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return {
    port,
    forget: () => {
      const open = connections();
      for (const pid of open) process.kill(pid, 'SIGSTOP');
      return open.length;
    },
    stop: () => socat.stop(),
  };
}
