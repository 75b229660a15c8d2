// Command-line options, parsed strictly and explained when they are wrong.

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { errorCode } from '../text/error-code.ts';
import { printable } from '../text/printable.ts';
import { didYouMean } from '../text/suggest.ts';
import { UsageError } from './command.ts';

/** The options given, or a {@link UsageError}; positional arguments are not taken by any command. */
export function parseOptions<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  const { values, tokens } = parsed(args, options);
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option' || options[token.name]?.type !== 'string') continue;
    if (seen.has(token.name) && options[token.name]?.multiple !== true) {
      throw new UsageError(`${token.rawName} is given twice, and only one can count; see --help`);
    }
    seen.add(token.name);
  }
  return values;
}

function parsed<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false, tokens: true });
  } catch (error) {
    throw new UsageError(`${whatIsWrong(error, Object.keys(options))}; see --help`);
  }
}

/** An argument without a dash may be a token or a password, so it is never quoted. */
function whatIsWrong(error: unknown, names: readonly string[]): string {
  if (!(error instanceof Error)) return 'bad arguments';
  if (errorCode(error) === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return 'there is an argument too many';
  const [sentence = 'bad arguments'] = error.message.split(/[.\n](?:\s|$)/);
  const unknown = /^Unknown option '(--[^']+)'$/.exec(sentence)?.[1];
  const known = [...names, 'help'].map((name) => `--${name}`);
  return unknown === undefined ? sentence : `${sentence}${didYouMean(unknown, known)}`;
}

/** The value of an option that must be there. */
export function required(value: string | undefined, option: string): string {
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`${option} is required; see --help`);
}

/** `-o`, in the form that `parseArgs` wants it. */
export const OUTPUT = { type: 'string', short: 'o', default: 'text' } as const;

/** The value of `-o`, one of `formats`. */
export function outputFormat<const F extends string>(value: string, formats: readonly F[]): F {
  const format = formats.find((candidate) => candidate === value);
  if (format !== undefined) return format;
  throw new UsageError(`-o takes ${formats.join(', ')}${didYouMean(value, formats)}; see --help`);
}

/** What every command prints for `-o json`: the same JSON, with what could play tricks with a terminal escaped. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2).split('\n').map(printable).join('\n')}\n`;
}
