// A real Keycloak over HTTPS with one realm: people, groups and clients are in keycloak-data.ts, and its admin REST API changes them.
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingServer } from './installed.ts';
import { type Admin, type Caller, callerOf, clientForm, grant, type TokenAnswer } from './keycloak-calls.ts';
import { ADMIN, KEYCLOAK_CLIENTS, PEOPLE, REALM } from './keycloak-data.ts';
import { addKey, dropOldKeys, makeRealm, setEnabled } from './keycloak-realm.ts';
import type { Pki } from './pki.ts';
import { type ServerProcess, startProcess } from './process.ts';
import { temporaryFolder } from './temp.ts';
import { freePort, waitFor, waitForPort } from './wait.ts';

const SCRIPT = fileURLToPath(new URL('keycloak.sh', import.meta.url));

/** The folder of the program; the first call may fetch and build it, which takes a minute. */
function installed(): string | undefined {
  const { stdout } = spawnSync(SCRIPT, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return /^keycloak=(?<folder>.+)$/m.exec(stdout)?.groups?.['folder'];
}

/** For a test's `skip`. */
export function keycloakMissing(): string | false {
  return installed() === undefined ? missingServer(`Keycloak cannot be had here: ${SCRIPT} says why`) : false;
}

export interface PasswordGrant {
  readonly username: string;
  /** Default: the right one of PEOPLE. */
  readonly password?: string;
  /** Default: `kubectl`. */
  readonly client?: { readonly id: string; readonly secret?: string };
}

export interface Keycloak {
  /** `https://127.0.0.1:<port>/realms/corp`. */
  readonly issuer: string;
  readonly port: number;
  /** Throws when Keycloak refuses. */
  passwordGrant(wanted: PasswordGrant): Promise<TokenAnswer>;
  /** Client credentials of `machine`. */
  clientGrant(): Promise<TokenAnswer>;
  /** One call of the admin REST API below `/admin/realms/corp`; throws unless it succeeds. */
  readonly admin: Admin;
  /** A new key signs from now on; the earlier ones still verify until `dropOldKeys`. Gives its kid. */
  rotateKeys(): Promise<string>;
  /** Keys that were replaced are published no more. */
  dropOldKeys(): Promise<void>;
  /** No login and no introspection from now on, or both again. */
  setEnabled(username: string, enabled: boolean): Promise<void>;
  log(): string;
  suspend(): void;
  resume(): void;
  stop(): Promise<void>;
  /** Again, on the same port and with the same realm, keys and people; sessions are kept as well. */
  start(): Promise<void>;
}

export interface KeycloakOptions {
  readonly pki: Pki;
}

/** Ready, with its realm, after some 15 s on an idle machine; started again after some 10 s. */
export async function startKeycloak({ pki }: KeycloakOptions): Promise<Keycloak> {
  const folder = homeFolder();
  const port = await freePort();
  const origin = `https://127.0.0.1:${port}`;
  const call = callerOf(origin, readFileSync(pki.caFile));
  const launch = async (): Promise<ServerProcess> => {
    const server = startProcess({
      name: 'keycloak',
      command: 'java',
      args: [...JAVA, ...programArguments(folder), 'start', '--optimized', ...settings(port, pki)],
      directory: folder,
      env: { KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username, KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password },
    });
    await waitForPort(port, server, STARTED_WITHIN_MS);
    await waitFor(`Keycloak at ${origin}`, () => isReady(call, server), STARTED_WITHIN_MS);
    return server;
  };
  let server = await launch();
  const adminToken = renewed(() => grant(call, 'master', { grant_type: 'password', client_id: 'admin-cli', ...ADMIN }));
  const admin: Admin = async (method, path, body) => {
    const { access_token: token } = await adminToken();
    return call(method, `/admin/realms${path}`, { token, ...(body && { json: body }) });
  };
  await makeRealm(admin);
  const inRealm: Admin = (method, path, body) => admin(method, `/${REALM}${path}`, body);
  return {
    issuer: `${origin}/realms/${REALM}`,
    port,
    passwordGrant: ({ username, password = PEOPLE[username]?.password ?? '', client = KEYCLOAK_CLIENTS.kubectl }) =>
      grant(call, REALM, { grant_type: 'password', scope: 'openid', username, password, ...clientForm(client) }),
    clientGrant: () =>
      grant(call, REALM, { grant_type: 'client_credentials', ...clientForm(KEYCLOAK_CLIENTS.machine) }),
    admin: inRealm,
    rotateKeys: () => addKey(inRealm),
    dropOldKeys: () => dropOldKeys(inRealm),
    setEnabled: (username, enabled) => setEnabled(inRealm, username, enabled),
    log: () => server.output(),
    suspend: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    stop: () => server.stop(),
    start: async () => {
      if (server.hasExited()) server = await launch();
    },
  };
}

const STARTED_WITHIN_MS = 120_000;

/** For a short life: a quick start, not the highest speed. */
const JAVA = [
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  ...['java.util', 'java.util.concurrent', 'java.security', 'java.lang'].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  ),
];

/** kc.sh without its shell, which would outlive a test that is killed. */
function programArguments(folder: string): readonly string[] {
  const home = [`-Dkc.home.dir=${folder}`, `-Djboss.server.config.dir=${folder}/conf`];
  return [...home, '-cp', `${folder}/lib/quarkus-run.jar`, 'io.quarkus.bootstrap.runner.QuarkusEntryPoint'];
}

function settings(port: number, { server }: Pki): readonly string[] {
  return [
    '--http-host=127.0.0.1',
    `--https-port=${port}`,
    `--https-certificate-file=${server.certFile}`,
    `--https-certificate-key-file=${server.keyFile}`,
    `--hostname=https://127.0.0.1:${port}`,
    '--cache=local',
  ];
}

/** The program is shared; the database beside it is this server's own. */
function homeFolder(): string {
  const [folder, program] = [temporaryFolder('keycloak'), installed()];
  if (program === undefined) throw new Error('Keycloak is missing');
  for (const part of ['lib', 'conf', 'providers', 'themes']) symlinkSync(join(program, part), join(folder, part));
  return folder;
}

async function isReady(call: Caller, server: ServerProcess): Promise<true | undefined> {
  if (server.hasExited()) throw new Error(`Keycloak has ended:\n${server.output().slice(-4000)}`);
  return call('GET', '/realms/master').then(
    () => true,
    () => undefined,
  );
}

/** The administrator's token lives for a minute. */
const ADMIN_TOKEN_MS = 30_000;

function renewed<T>(fetch: () => Promise<T>): () => Promise<T> {
  let last: { readonly value: Promise<T>; readonly atMs: number } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.atMs > ADMIN_TOKEN_MS)
      last = { value: fetch(), atMs: performance.now() };
    return last.value;
  };
}
