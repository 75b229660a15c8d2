// Runs the broker as operators do: a process of its own, a YAML file, certificates and mutual TLS, on free loopback ports.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { stringify } from 'yaml';
import { type CommandResult, run } from '../rig/command.ts';
import type { KeyPair, Pki } from '../rig/pki.ts';
import { type ServerProcess, startProcess } from '../rig/process.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freePort, waitFor } from '../rig/wait.ts';
import { type LogLine, linesOf, sumOf } from './broker-output.ts';
import { type ReviewAnswer, type ReviewRequest, reviewOver } from './review.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
/** A drain takes 16 s at most. */
const DRAINED_WITHIN_MS = 25_000;

/** Keys of the configuration file as they are written; `address`, `tls`, `apiVersion` and `kind` are added. */
export interface BrokerSpec {
  readonly pki: Pki;
  readonly providers: readonly object[];
  readonly endpoints?: readonly object[];
  /** `cache`, `limits`, `log`, `ignoreIssuers`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where `{ env: NAME }` is looked up. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Broker {
  /** `https://127.0.0.1:<port>/authenticate`. */
  readonly webhookUrl: string;
  readonly webhookPort: number;
  /** `127.0.0.1:<port>` of /metrics, /livez and /readyz. */
  readonly operations: string;
  /** The certificate that the webhook demands of its client. */
  readonly client: KeyPair;
  readonly caFile: string;
  readonly configFile: string;
  /** Posts a TokenReview as kube-apiserver does, over kept-alive connections of its own. */
  review(token: string, request?: ReviewRequest): Promise<ReviewAnswer>;
  metrics(): Promise<string>;
  /** The sum of all samples of a metric that have these labels; 0 when there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** `/readyz?verbose`; status 0 when nobody listens. */
  readyz(): Promise<{ readonly status: number; readonly text: string }>;
  /** The lines of the log since the first start, of one message or of all. */
  lines(message?: string): readonly LogLine[];
  /** The log line of one review; it is written after the answer is sent. */
  lineOf(answer: ReviewAnswer): Promise<LogLine>;
  /** The log lines of all reviews that were answered while the work was done: kube-apiserver keeps their ids to itself. */
  reviewsDuring(work: () => Promise<unknown>): Promise<readonly LogLine[]>;
  /** Everything that every instance printed to stdout and stderr. */
  output(): string;
  /** Another command of the program (`check`, `issuer revoke`) with the same file and environment; `--config` is added. */
  cli(command: string, args: readonly string[], input?: string): Promise<CommandResult>;
  /** Writes the file anew, as an editor does, and resolves with the line that says what became of it. */
  reload(change: Partial<Pick<BrokerSpec, 'providers' | 'endpoints' | 'settings'>>): Promise<LogLine>;
  /** Nothing of it runs. */
  hasEnded(): boolean;
  /** SIGTERM; resolves when the process has drained and ended. */
  term(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Again, on the same ports, unless it runs; ready when it resolves. */
  start(): Promise<void>;
  /** `term`, then `start`. */
  restart(): Promise<void>;
  /** Ends the process at once and the connections of `review`; for `after`. */
  stop(): Promise<void>;
}

/** Ready in about a second; fails with what the broker printed. */
export async function startBroker(spec: BrokerSpec): Promise<Broker> {
  const directory = temporaryFolder('broker');
  const configFile = join(directory, 'broker.yaml');
  const ports = { webhook: await freePort(), operations: await freePort() };
  const operations = `127.0.0.1:${ports.operations}`;
  const client = spec.pki.client('kube-apiserver');
  const agent = webhookClient(spec.pki, client);
  const webhookUrl = `https://127.0.0.1:${ports.webhook}/authenticate`;
  const environment = { env: { ...spec.env } };
  const write = (next: BrokerSpec) => {
    writeFileSync(`${configFile}.new`, configOf(next, ports));
    renameSync(`${configFile}.new`, configFile);
  };
  const readyz = () => get(`http://${operations}/readyz?verbose`);
  const launch = async (): Promise<ServerProcess> => {
    const args = [MAIN, 'serve', '--config', configFile];
    const server = startProcess({ name: 'broker', command: process.execPath, args, directory, ...environment });
    await waitFor(`the broker at ${operations}`, async () => {
      if (server.hasExited()) throw new Error(`the broker has ended:\n${server.output()}`);
      return (await readyz()).status === 200 || undefined;
    });
    return server;
  };
  const ended = (within = DRAINED_WITHIN_MS) =>
    waitFor('the broker to end', () => server.hasExited() || undefined, within).then(() => undefined);
  const metrics = async () => (await get(`http://${operations}/metrics`)).text;
  const answered = async () => sumOf(await metrics(), 'authbroker_token_reviews_total', {});
  const lines = (message?: string) => linesOf(server.output(), message);
  const term = async () => {
    server.signal('SIGTERM');
    await ended();
  };
  const start = async () => {
    if (server.hasExited()) server = await launch();
  };
  write(spec);
  let server = await launch();
  return {
    webhookUrl,
    webhookPort: ports.webhook,
    operations,
    client,
    caFile: spec.pki.caFile,
    configFile,
    review: (token, wanted = {}) => reviewOver(agent, webhookUrl, token, wanted),
    metrics,
    metric: async (name, labels = {}) => sumOf(await metrics(), name, labels),
    readyz,
    lines,
    lineOf: ({ id }) => waitFor(`the line of review ${id}`, () => lines('review').find((line) => line['id'] === id)),
    reviewsDuring: async (work) => {
      const before = await answered();
      await waitFor('the lines of earlier reviews', () => lines('review').length >= before || undefined);
      const earlier = lines('review').length;
      await work();
      const wanted = earlier + (await answered()) - before;
      await waitFor('the lines of these reviews', () => lines('review').length >= wanted || undefined);
      return lines('review').slice(earlier, wanted);
    },
    output: () => server.output(),
    hasEnded: () => server.hasExited(),
    cli: (command, args, input = '') =>
      run(process.execPath, [MAIN, ...command.split(' '), '--config', configFile, ...args], { ...environment, input }),
    reload: async (change) => {
      const before = lines().filter(isReload).length;
      write({ ...spec, ...change });
      return waitFor('a reload', () => lines().filter(isReload)[before]);
    },
    term,
    kill: async () => {
      server.signal('SIGKILL');
      await ended();
    },
    start,
    restart: async () => {
      await term();
      await start();
    },
    stop: async () => {
      await server.stop();
      await agent.destroy();
    },
  };
}

const isReload = ({ msg }: LogLine) => /^configuration (?:not )?reloaded/.test(msg);

function configOf(
  { pki, providers, endpoints, settings }: BrokerSpec,
  ports: Readonly<Record<string, number>>,
): string {
  const tls = { ...pki.server, clientCAFile: pki.clientCA.certFile, clientNames: ['kube-apiserver'] };
  const config = {
    apiVersion: 'kube-auth-broker/v1',
    kind: 'BrokerConfiguration',
    webhook: { address: `127.0.0.1:${ports['webhook']}`, tls, ...(endpoints && { endpoints }) },
    operations: { address: `127.0.0.1:${ports['operations']}` },
    providers,
    ...settings,
  };
  // The broker refuses anchors, which stringify writes for an object that is used twice.
  return stringify(config, { aliasDuplicateObjects: false });
}

/** As many connections as reviews under way, each kept alive, as Go's client has them. */
function webhookClient(pki: Pki, client: KeyPair): Agent {
  const connect = {
    ca: readFileSync(pki.caFile),
    cert: readFileSync(client.certFile),
    key: readFileSync(client.keyFile),
  };
  return new Agent({ connect, keepAliveTimeout: 90_000, connections: null });
}

async function get(url: string): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { statusCode, body } = await request(url, { reset: true });
    return { status: statusCode, text: await body.text() };
  } catch {
    return { status: 0, text: '' };
  }
}
