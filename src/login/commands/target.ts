// What `login`, `logout` and `status` have in common: which broker, which user, and a cache that cannot be used.

import { type CommandSeams, EXIT, UsageError } from '../../command/command.ts';
import { required } from '../../command/options.ts';
import { certificatesOf } from '../../core/certificate.ts';
import { FileFault, UnwritableFault } from '../../files/private-file.ts';
import { whyUnreadable } from '../../text/error-code.ts';
import { printable } from '../../text/printable.ts';
import { type Cache, openCache } from '../cache.ts';
import type { PluginOptions } from '../kubeconfig.ts';
import { cacheFolder, type Machine } from '../machine.ts';
import { createPortalClient, type PortalClient } from '../portal-client.ts';
import { parseServer } from '../server.ts';
import type { SessionKey } from '../session.ts';

/** As `parseArgs` wants them. */
export const TARGET_OPTIONS = {
  server: { type: 'string' },
  username: { type: 'string' },
  ca: { type: 'string' },
} as const;

export const TARGET_HELP = `  --server URL          the broker's portal, https://broker.corp.example; plain http is for a loopback address only; default
                        the one of the kubeconfig's current context, with the options that are there`;
export const CA_HELP = `  --ca FILE             the authority (PEM) that signed the broker's certificate, when the system does not know it`;

export interface Target {
  readonly url: URL;
  readonly key: SessionKey;
  readonly ca?: string;
}

/**
 * `given` is what was typed. Without a server it is completed by the options with which the kubeconfig runs `login`; with one the
 * kubeconfig is not looked at.
 */
export async function withKubeconfig<O extends PluginOptions>(
  given: O,
  { seams, machine }: { readonly seams: CommandSeams; readonly machine: Pick<Machine, 'home'> },
): Promise<O & PluginOptions> {
  if (given.server !== undefined) return given;
  const { kubeconfigPaths, pluginOptions } = await import('../kubeconfig.ts');
  const sources = { env: seams.env, readFile: seams.readFile, home: machine.home };
  const found = pluginOptions(sources);
  if (found?.server !== undefined) return { ...found, ...given };
  const where = kubeconfigPaths(sources).join(', ');
  throw new UsageError(
    `--server is required, since the current context of the kubeconfig (${where}) is not signed in by this program; see --help`,
  );
}

/** {@link UsageError} for what cannot be used. */
export function targetOf(options: PluginOptions, seams: Pick<CommandSeams, 'readFile'>): Target {
  const server = parseServer(required(options.server, '--server'));
  if (!server.ok) throw new UsageError(`--server ${server.why}`);
  const { username, ca } = options;
  if (username === '') throw new UsageError('--username is empty');
  const key = { server: server.url.href, ...(username !== undefined && { username }) };
  return { url: server.url, key, ...(ca !== undefined && { ca: readAuthority(ca, seams) }) };
}

export interface Tools {
  readonly cache: Cache;
  readonly portal: PortalClient;
}

/** Runs `work`; what the cache folder forbids is one sentence on stderr and 1. */
export async function withTools(
  command: string,
  { url, ca }: Target,
  { seams, machine }: { readonly seams: CommandSeams; readonly machine: Machine },
  work: (tools: Tools) => Promise<number>,
): Promise<number> {
  const { env, randomBytes } = seams;
  const portal = createPortalClient(url, { ca, env });
  try {
    return await work({ cache: openCache(cacheFolder(env, machine.home), { machine, randomBytes }), portal });
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    const cure = error instanceof UnwritableFault ? '; set KUBECACHEDIR to a folder that you can write to' : '';
    say(command, error.message + cure, seams);
    return EXIT.refused;
  }
}

/** One line on stderr that cannot play tricks with the terminal. */
export function say(command: string, sentence: string, { program, stderr }: CommandSeams): void {
  stderr.write(`${program} ${command}: ${printable(sentence)}\n`);
}

function readAuthority(file: string, { readFile }: Pick<CommandSeams, 'readFile'>): string {
  let pem: string;
  try {
    pem = readFile(file);
  } catch (error) {
    throw new UsageError(`--ca: cannot read ${file}: ${whyUnreadable(error)}`);
  }
  if (certificatesOf(pem) === undefined) throw new UsageError(`--ca: ${file} has no PEM certificate`);
  return pem;
}
