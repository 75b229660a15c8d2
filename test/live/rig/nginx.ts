// A real nginx as basic-auth upstream over plain HTTP, TLS and mutual TLS, with the faults of nginx-config.ts.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { runOrThrow } from './command.ts';
import { findServer, requireServer } from './installed.ts';
import { nginxConf } from './nginx-config.ts';
import type { KeyPair, Pki } from './pki.ts';
import { startProcess } from './process.ts';
import { copyForServer, fileForServer, keyPairForServer, temporaryFolder } from './temp.ts';
import { startThief, type Theft } from './thief.ts';
import { freePort, waitFor, waitForPort } from './wait.ts';

const CANDIDATES = ['/usr/sbin/nginx', 'nginx'];

/** For a test's `skip`. */
export function nginxMissing(): string | false {
  return requireServer('nginx', CANDIDATES);
}

/** Who `/ok` and its like know; `/basic-auth/user1/pass1` knows user1 with pass1 only. */
export const NGINX_USERS = { alice: 'pw-alice', bob: 'pw-bob', jürgen: 'pä:ßwörd' } as const;

export interface LoggedRequest {
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  /** The name in the Authorization header, whether or not its password was right; empty without one. */
  readonly user: string;
  readonly authorization: string;
  readonly scheme: 'http' | 'https';
  /** The subject of the client certificate; empty without one. */
  readonly client: string;
  /** nginx's number of the TCP connection: equal for requests that shared one. */
  readonly connection: number;
}

export interface Nginx {
  readonly plainUrl: string;
  readonly tlsUrl: string;
  /** Demands a client certificate of `pki.clientCA` (400 without one, as nginx does). */
  readonly mutualTlsUrl: string;
  readonly plainPort: number;
  readonly tlsPort: number;
  readonly mutualTlsPort: number;
  /** Every request answered so far, oldest first; waits until nginx has logged them all. */
  requests(): Promise<readonly LoggedRequest[]>;
  /** What arrived at the server that /redir-out and /redir-307 point to. */
  thefts(): readonly Theft[];
  suspend(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface NginxOptions {
  readonly pki: Pki;
  /** Instead of `pki.server`: one that clients should refuse. */
  readonly certificate?: KeyPair;
}

export async function startNginx({ pki, certificate }: NginxOptions): Promise<Nginx> {
  const folder = temporaryFolder('nginx');
  const ports = { plain: await freePort(), tls: await freePort(), mutualTls: await freePort() };
  const thief = await startThief();
  const server = keyPairForServer(folder, certificate ?? pki.server);
  const clientCAFile = copyForServer(folder, pki.clientCA.certFile);
  const conf = fileForServer(
    folder,
    'nginx.conf',
    nginxConf({ folder, ports, thiefUrl: thief.url, server, clientCAFile }),
  );
  fileForServer(folder, 'users.htpasswd', await htpasswd(NGINX_USERS));
  fileForServer(folder, 'user1.htpasswd', await htpasswd({ user1: 'pass1' }));
  const nginx = startProcess({
    name: 'nginx',
    command: findServer(CANDIDATES) ?? 'nginx',
    args: ['-p', folder, '-c', conf, '-e', 'stderr'],
    directory: folder,
    unprivileged: true,
  });
  await waitForPort(ports.mutualTls, nginx);
  const plainUrl = `http://127.0.0.1:${ports.plain}`;
  return {
    plainUrl,
    tlsUrl: `https://127.0.0.1:${ports.tls}`,
    mutualTlsUrl: `https://127.0.0.1:${ports.mutualTls}`,
    plainPort: ports.plain,
    tlsPort: ports.tls,
    mutualTlsPort: ports.mutualTls,
    requests: () => readRequests(plainUrl, join(folder, 'access.log')),
    thefts: () => thief.thefts(),
    suspend: () => nginx.signal('SIGSTOP'),
    resume: () => nginx.signal('SIGCONT'),
    stop: async () => {
      await nginx.stop();
      await thief.stop();
    },
  };
}

/** sha512-crypt, which Debian's nginx takes and openssl writes; `$2y$` would need another package. */
async function htpasswd(users: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(users).map(async ([name, password]) => {
    const hash = await runOrThrow('openssl', ['passwd', '-6', '-stdin'], { input: `${password}\n` });
    return `${name}:${hash.trim()}\n`;
  });
  return (await Promise.all(lines)).join('');
}

const MARKER = '/rig-marker-';
let markers = 0;

/** nginx logs in the order in which it finishes, so once a request of our own is in the log, all before it are. */
async function readRequests(plainUrl: string, logFile: string): Promise<readonly LoggedRequest[]> {
  markers += 1;
  const marker = `${MARKER}${markers}"`;
  const { body } = await request(plainUrl + marker.slice(0, -1), { reset: true });
  await body.dump();
  const log = await waitFor('the access log', () => {
    const text = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
    return text.includes(marker) ? text : undefined;
  });
  return log
    .split('\n')
    .filter((line) => line !== '' && !line.includes(MARKER) && !line.includes('"/internal-'))
    .map(readLine);
}

function readLine(line: string): LoggedRequest {
  const logged: LoggedRequest = JSON.parse(line);
  return logged;
}
