// A person with kubectl, a kubeconfig that names the credential plugin, and a cluster that asks the broker who they are.
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { usersFile } from '../../support/users-file.ts';
import { run } from '../rig/command.ts';
import { makePki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freePort } from '../rig/wait.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { API_AUDIENCE, type ControlPlane, startControlPlane } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { program } from './programs.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const PTY = fileURLToPath(new URL('login-plugin-pty.py', import.meta.url));
export const PASSWORD = 'Canary-pässwörd-7Q';

/** One terminal that one or more commands share. */
export interface AtTerminal {
  readonly results: readonly { readonly status: number; readonly stdout: string }[];
  /** What the terminal showed. */
  readonly terminal: string;
  /** Questions for a password. */
  readonly prompts: number;
}

export interface Person {
  /** Their home: kubeconfig, kubectl's cache, shell history. */
  readonly home: string;
  readonly kubeconfig: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs commands at one terminal; each `Password of ` is answered with the next text. */
  atTerminal(commands: readonly (readonly string[])[], typed?: readonly string[]): Promise<AtTerminal>;
  /** Without a terminal. */
  withoutTerminal(argv: readonly string[]): ReturnType<typeof run>;
  /** A command of this program. */
  program(...args: readonly string[]): readonly string[];
  /** The token in the cache, as `logout` would find it. */
  token(): string;
  /** Every file of the home folder and its content. */
  files(): readonly { readonly path: string; readonly text: string }[];
}

export interface LoginWorld {
  readonly broker: Broker;
  readonly plane: ControlPlane;
  readonly portal: string;
  /** Somebody else with an empty cache. `mode` is the `interactiveMode` of the kubeconfig. */
  person(version?: 'v1' | 'v1beta1', mode?: 'IfAvailable' | 'Never' | 'Always'): Person;
  /** As somebody else would; the status. */
  revoke(token: string): Promise<number>;
  stop(): Promise<void>;
}

/** `kubectl auth whoami`, which says the username. */
export const WHOAMI = ['kubectl', 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'];

export async function startLoginWorld(): Promise<LoginWorld> {
  const folder = temporaryFolder('login-plugin');
  const pki = makePki(join(folder, 'pki'));
  const portal = `https://127.0.0.1:${await freePort()}`;
  const broker = await startBroker({
    pki,
    providers: [
      { name: 'tokens', type: 'issued' },
      {
        name: 'demo',
        type: 'users',
        options: { file: write(folder, 'users.yaml', usersFile({ username: 'alice', password: PASSWORD })) },
        claimMappings: { username: { claim: 'username', prefix: 'demo:' } },
      },
    ],
    endpoints: [{ path: '/authenticate', audiences: [API_AUDIENCE] }],
    settings: {
      limits: { failedPasswords: { max: 100, window: '1m' } },
      issuer: {
        name: portal,
        audience: 'kubernetes',
        keys: [{ id: 'one', algorithm: 'EdDSA', privateKey: { file: write(folder, 'one.pem', newKey()) } }],
        revocationsFile: join(folder, 'revocations.yaml'),
      },
      portal: {
        address: new URL(portal).host,
        tls: pki.server,
        publicURL: portal,
        signIn: { password: { endpoint: '/authenticate' } },
      },
    },
  });
  const server = `https://127.0.0.1:${broker.webhookPort}/authenticate`;
  const plane = await startControlPlane({
    webhookKubeconfig: writeKubeconfig(join(folder, 'webhook.kubeconfig'), {
      server,
      caFile: pki.caFile,
      client: broker.client,
    }),
    cacheTTL: '0s',
  });
  return {
    broker,
    plane,
    portal,
    person: (version = 'v1', mode = 'IfAvailable') => person({ plane, portal, caFile: pki.caFile, version, mode }),
    revoke: (token) => revoke(token, portal, pki.caFile),
    stop: async () => {
      await Promise.all([plane.stop(), broker.stop()]);
    },
  };
}

/** `kubectl` is the one under test. */
function whole(argv: readonly string[]): readonly string[] {
  return argv.map((word) => (word === 'kubectl' ? program('kubectl') : word));
}

interface PersonSpec {
  readonly plane: ControlPlane;
  readonly portal: string;
  readonly caFile: string;
  readonly version: string;
  readonly mode: string;
}

function person({ plane, portal, caFile, version, mode }: PersonSpec): Person {
  const home = temporaryFolder('login-person');
  const args = [MAIN, 'login', '--server', portal, '--username', 'alice', '--ca', caFile];
  const exec = {
    apiVersion: `client.authentication.k8s.io/${version}`,
    command: process.execPath,
    args,
    interactiveMode: mode,
  };
  const kubeconfig = write(home, 'kubeconfig', execKubeconfig(plane, exec));
  const env = { HOME: home, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(home, 'cache') };
  const cache = join(home, 'cache', 'kube-auth-broker');
  return {
    home,
    kubeconfig,
    env,
    atTerminal: async (commands, typed = []) => {
      const replies = typed.map((text) => ['Password of ', text]);
      const input = JSON.stringify({ commands: commands.map(whole), replies, timeoutS: 100 });
      const { stdout, stderr } = await run('python3', [PTY], { env, input, timeoutMs: 120_000 });
      if (stdout === '') throw new Error(`the terminal broke: ${stderr}`);
      const done: Omit<AtTerminal, 'prompts'> = JSON.parse(stdout);
      return { ...done, prompts: done.terminal.split('Password of ').length - 1 };
    },
    withoutTerminal: (argv) => {
      const [command = '', ...rest] = whole(argv);
      return run('setsid', ['--wait', command, ...rest], { env, timeoutMs: 60_000 });
    },
    program: (command = '', ...more) => [process.execPath, MAIN, command, '--server', portal, '--ca', caFile, ...more],
    token: () => {
      const name = readdirSync(cache).find((file) => file.endsWith('.json')) ?? '';
      const session: { readonly token: string } = JSON.parse(readFileSync(join(cache, name), 'utf8'));
      return session.token;
    },
    files: () =>
      readdirSync(home, { recursive: true, encoding: 'utf8' })
        .map((name) => join(home, name))
        .filter((path) => statSync(path).isFile())
        .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
  };
}

function execKubeconfig({ server, caFile }: ControlPlane, exec: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'live',
    clusters: [{ name: 'live', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'live', user: { exec } }],
    contexts: [{ name: 'live', context: { cluster: 'live', user: 'live' } }],
  });
}

async function revoke(token: string, portal: string, caFile: string): Promise<number> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  const headers = { authorization: `Bearer ${token}` };
  const { statusCode } = await request(`${portal}/revoke`, { method: 'POST', headers, dispatcher });
  await dispatcher.close();
  return statusCode;
}

function newKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
