// `serve`: runs the broker until it is told to stop, and reloads it when its files change.

import { type App, openApp, StartFault } from '../app.ts';
import { EXIT } from '../command/command.ts';
import { parseOptions, required } from '../command/options.ts';
import type { Log } from '../core/seams.ts';
import { watchFiles } from '../files/watch.ts';
import { ListenFailed } from '../server/listeners.ts';
import type { Config } from '../settings/config.ts';
import { formatDiagnostic, type Loaded } from '../settings/load.ts';
import { createLog } from '../telemetry/log.ts';
import { collectProcessMetrics, createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { VERSION } from '../version.ts';
import { load, printErrors } from './configuration.ts';
import { exposureOf } from './exposure.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { announce } from './started.ts';
import { untilStopped } from './stopping.ts';

const HELP = `Runs the broker.

Usage: kube-auth-broker serve --config FILE

  --config FILE   the configuration (YAML)

SIGTERM drains and exits 0, a second one exits at once. SIGHUP and every change of the configuration or of a file it names
reload it; a configuration with errors is not taken over.
`;

export const serve: CliCommand = {
  name: 'serve',
  summary: 'run the broker',
  help: HELP,
  run: async (args, seams) => {
    const exposure = exposureOf(seams.started);
    if (exposure !== undefined) {
      seams.stderr.write(`kube-auth-broker serve: ${exposure}\n`);
      return EXIT.usage;
    }
    const file = required(parseOptions(args, { config: { type: 'string' } }).config, '--config');
    const loaded = load(file, seams);
    if (!loaded.ok) {
      printErrors(file, loaded.errors, seams);
      return EXIT.usage;
    }
    return serveConfig(file, loaded, seams);
  },
};

async function serveConfig(file: string, loaded: Extract<Loaded, { ok: true }>, seams: CliSeams): Promise<number> {
  const { config } = loaded;
  const log = createLog(config.log, seams.logSink);
  const metrics = createMetrics();
  collectProcessMetrics(metrics);
  metrics.gauge('build_info').set({ version: VERSION, node: process.versions.node }, 1);
  for (const warning of config.warnings) log('warn', 'configuration warning', { warning });
  const app = await open(config, metrics, log, seams);
  if (app === undefined) return EXIT.usage;
  announce(app, config, log, seams);
  const watcher = watchFiles(() => reload());
  const reload = reloader(file, app, { metrics, log, follow: (paths) => watcher.follow(paths) }, seams);
  watcher.follow(loaded.files);
  seams.signals.on('SIGHUP', reload);
  // Without a handler Node.js would open its debugger.
  seams.signals.on('SIGUSR1', () => log('warn', 'no debugger is opened', { why: 'SIGUSR1' }));
  const code = await untilStopped(app, log, seams);
  watcher.close();
  return code;
}

async function open(config: Config, metrics: Metrics, log: Log, seams: CliSeams): Promise<App | undefined> {
  const { clock, randomBytes, wait } = seams;
  try {
    return await openApp(config, { clock, randomBytes, wait, metrics, log });
  } catch (error) {
    if (!(error instanceof ListenFailed) && !(error instanceof StartFault)) throw error;
    seams.stderr.write(`kube-auth-broker serve: ${error.message}\n`);
    return undefined;
  }
}

interface Reloading {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly follow: (paths: readonly string[]) => void;
}

/** Loads again and swaps; whatever is wrong, the configuration in force stays and one line says why. */
function reloader(file: string, app: App, { metrics, log, follow }: Reloading, seams: CliSeams): () => void {
  const reloads = metrics.counter('config_reloads_total');
  for (const result of ['success', 'failure']) reloads.inc({ result }, 0);
  return () => {
    const loaded = load(file, seams);
    follow(loaded.files);
    const errors = loaded.ok ? replaced(app, loaded.config) : loaded.errors.map(formatDiagnostic);
    reloads.inc({ result: errors.length === 0 ? 'success' : 'failure' });
    if (errors.length === 0) log('info', 'configuration reloaded', { file });
    else log('error', 'configuration not reloaded, the last good one stays in force', { file, errors });
  };
}

function replaced(app: App, config: Config): readonly string[] {
  try {
    const fault = app.replace(config);
    return fault === undefined ? [] : [fault];
  } catch (error) {
    return [
      `the new configuration could not be put in force: ${error instanceof Error ? error.name : 'unknown error'}`,
    ];
  }
}
