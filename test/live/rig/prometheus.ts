// A real Prometheus that scrapes one target, and promtool's opinion of a metrics page.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { type CommandResult, run } from './command.ts';
import { findServer, requireServer } from './installed.ts';
import { startProcess } from './process.ts';
import { fileForServer, temporaryFolder } from './temp.ts';
import { freePort, waitFor, waitForPort } from './wait.ts';

/** Where .ci/install unpacks it, or wherever it is installed. */
function candidates(program: 'prometheus' | 'promtool'): string[] {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return [join(cache, 'kube-auth-broker/prometheus/usr/bin', program), program];
}

/** For a test's `skip`. */
export function prometheusMissing(): string | false {
  return requireServer('prometheus', candidates('prometheus')) || requireServer('promtool', candidates('promtool'));
}

export interface PrometheusOptions {
  /** `127.0.0.1:<port>`, scraped at /metrics four times a second. */
  readonly target: string;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  readonly url: string;
  /** An instant query; throws with Prometheus's own words when the expression is wrong. */
  query(expression: string): Promise<readonly Sample[]>;
  /** Whether the last scrape succeeded, and what went wrong if not; resolves once the target was scraped. */
  targetHealth(): Promise<{ readonly health: string; readonly lastError: string }>;
  stop(): Promise<void>;
}

/** Resolves when the target was scraped for the first time, well or badly: about six seconds, Prometheus's own pace. */
export async function startPrometheus({ target }: PrometheusOptions): Promise<Prometheus> {
  const folder = temporaryFolder('prometheus');
  const port = await freePort();
  const config = fileForServer(folder, 'prometheus.yml', scrapeConfig(target));
  const server = startProcess({
    name: 'prometheus',
    command: findServer(candidates('prometheus')) ?? 'prometheus',
    args: [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`],
    directory: folder,
  });
  await waitForPort(port, server);
  const url = `http://127.0.0.1:${port}`;
  const targetHealth = () => waitFor('a scrape', () => scrapedTarget(url));
  await targetHealth();
  return { url, query: (expression) => instantQuery(url, expression), targetHealth, stop: () => server.stop() };
}

/** promtool's exit code: 0 clean, 3 a lint remark (printed), 1 not parsable. */
export function promtoolCheckMetrics(text: string): Promise<CommandResult> {
  return run(findServer(candidates('promtool')) ?? 'promtool', ['check', 'metrics'], { input: text });
}

function scrapeConfig(target: string): string {
  return [
    'global: { scrape_interval: 250ms, scrape_timeout: 250ms }',
    'scrape_configs:',
    '  - job_name: itest',
    `    static_configs: [{ targets: ["${target}"] }]`,
    '',
  ].join('\n');
}

interface ApiAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly activeTargets?: readonly { readonly health: string; readonly lastError: string }[];
    readonly result?: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
  };
}

async function callApi(url: string): Promise<ApiAnswer> {
  const { body } = await request(url);
  const answer: ApiAnswer = JSON.parse(await body.text());
  return answer;
}

async function scrapedTarget(
  url: string,
): Promise<{ readonly health: string; readonly lastError: string } | undefined> {
  const { data } = await callApi(`${url}/api/v1/targets`).catch(() => ({ data: undefined }));
  const target = data?.activeTargets?.[0];
  return target === undefined || target.health === 'unknown' ? undefined : target;
}

async function instantQuery(url: string, expression: string): Promise<readonly Sample[]> {
  const { status, error, data } = await callApi(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  if (status !== 'success') throw new Error(`Prometheus refused ${expression}: ${error}`);
  return (data?.result ?? []).map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
