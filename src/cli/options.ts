// Command-line options, parsed strictly and explained when they are wrong.

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './seams.ts';

/** The options given, or a {@link UsageError}; positional arguments are not taken by any command. */
export function parseOptions<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? 'bad arguments') : 'bad arguments';
    throw new UsageError(`${message}; see --help`);
  }
}

/** The value of an option that must be there. */
export function required(value: string | undefined, option: string): string {
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`${option} is required; see --help`);
}
