// Parses the options of a provider as the configuration loader does, from plain values and files in memory.

import { createFields } from '../../src/settings/fields.ts';
import type { ProviderModule } from '../../src/settings/provider-module.ts';

export type ParsedOptions<T> = { readonly options: T } | { readonly faults: readonly string[] };

/** `files` by absolute path below `/etc/broker`, the folder of the configuration. */
export function parseOptions<T>(
  module: Pick<ProviderModule<T>, 'options'>,
  given: unknown,
  files: Readonly<Record<string, string>> = {},
): ParsedOptions<T> {
  const fields = createFields({
    dir: '/etc/broker',
    env: {},
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
    seen: () => undefined,
  });
  const result = module.options(fields).safeParse(given);
  if (result.success) return { options: result.data };
  return { faults: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

/** The options, for tests in which they must be right. */
export function optionsOf<T>(
  module: Pick<ProviderModule<T>, 'options'>,
  given: unknown,
  files: Readonly<Record<string, string>> = {},
): T {
  const parsed = parseOptions(module, given, files);
  if ('options' in parsed) return parsed.options;
  throw new Error(parsed.faults.join('\n'));
}
