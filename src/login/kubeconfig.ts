// Which broker the current context of the kubeconfig signs in at, so that people need not type its address.

import { basename, delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { asData, isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { parseKubernetesYaml } from '../text/yaml.ts';

export interface KubeconfigSeams {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Throws when there is no such file. */
  readonly readFile: (path: string) => string;
}

/** Options of `login`, by name, with which the kubeconfig runs the plugin. */
export type PluginOptions = Readonly<Partial<Record<'server' | 'username' | 'lifetime' | 'ca', string>>>;

/**
 * Of the user of the current context; undefined when there is none, or it is signed in by something else. Files of KUBECONFIG
 * are merged as client-go does it (tools/clientcmd/loader.go): of two that say the same, the first counts.
 */
export function pluginOptions(seams: KubeconfigSeams): PluginOptions | undefined {
  const files = kubeconfigPaths(seams).flatMap((path) => documentsIn(path, seams));
  const current = files.map((file) => file['current-context']).find((name) => typeof name === 'string' && name !== '');
  const context = named(files, 'contexts', current, 'context');
  const exec = named(files, 'users', context?.['user'], 'user')?.['exec'];
  return isJsonObject(exec) ? optionsOf(exec) : undefined;
}

/** In the order in which client-go looks. */
export function kubeconfigPaths({ env, home }: Pick<KubeconfigSeams, 'env' | 'home'>): readonly string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed : [join(home, '.kube', 'config')];
}

/** A file that is missing or broken has no entries: this is a convenience, and kubectl says what is wrong with it. */
function documentsIn(path: string, { readFile }: KubeconfigSeams): readonly JsonObject[] {
  let text: string;
  try {
    text = readFile(path);
  } catch {
    return [];
  }
  const document = asData(parseKubernetesYaml(text).data);
  return isJsonObject(document) ? [document] : [];
}

function named(
  files: readonly JsonObject[],
  list: 'contexts' | 'users',
  name: JsonValue | undefined,
  member: 'context' | 'user',
): JsonObject | undefined {
  const lists = files.map((file) => file[list]).filter(isJsonList);
  const entries = lists.flat().filter(isJsonObject);
  const value = entries.find((entry) => name !== undefined && entry['name'] === name)?.[member];
  return isJsonObject(value) ? value : undefined;
}

/** Our own program, also when Node or kubectl starts it; an address that another plugin signs in at is none of ours. */
const OURS = /^(?:kube-auth-broker|kubectl-broker)(?:\.\w+)?$/;

function optionsOf({ command, args }: JsonObject): PluginOptions | undefined {
  const words = [command, ...(isJsonList(args) ? args : [])].map((word) => (typeof word === 'string' ? word : ''));
  const place = words.indexOf('login');
  const program = words.slice(0, Math.max(0, place)).map((word) => basename(word.replaceAll('\\', '/')));
  if (!program.some((word) => OURS.test(word)) && program.join(' ') !== 'kubectl broker') return undefined;
  const option = { type: 'string' } as const;
  const options = { server: option, username: option, lifetime: option, ca: option };
  const { values } = parseArgs({ args: words.slice(place + 1), options, strict: false });
  const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts);
}
