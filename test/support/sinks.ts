// Collects everything a part of the broker gives away, and searches it for secrets in every spelling.

import { inspect } from 'node:util';
import type { Log } from '../../src/core/seams.ts';

/** A sink is anything a person or a machine may read later: log lines, verdicts, answers, metrics. */
export interface Sinks {
  readonly log: Log;
  /** Adds a value as every printer would show it: `JSON.stringify`, `inspect` with all depths and hidden fields. */
  add(where: string, value: unknown): void;
  /** The log's lines so far, as JSON text. */
  logLines(): readonly string[];
  /** `<where>: <spelling>` of every place that gives the secret away; empty when it is nowhere. */
  leaksOf(secret: string): readonly string[];
}

interface Entry {
  readonly where: string;
  readonly text: string;
}

export function createSinks(): Sinks {
  const lines: string[] = [];
  const entries: Entry[] = [];
  return {
    log: (level, message, fields) => void lines.push(JSON.stringify({ level, message, ...fields })),
    add: (where, value) => void entries.push(...printed(value).map((text) => ({ where, text }))),
    logLines: () => lines,
    leaksOf: (secret) => {
      const all = [...entries, ...lines.map((text) => ({ where: 'log', text }))];
      return all.flatMap(({ where, text }) => spellingsIn(text, secret).map((spelling) => `${where}: ${spelling}`));
    },
  };
}

/** Which spellings of the secret the text has. */
export function spellingsIn(text: string, secret: string): readonly string[] {
  const lower = text.toLowerCase();
  return spellings(secret)
    .filter(([, spelled]) => text.includes(spelled) || lower.includes(spelled.toLowerCase()))
    .map(([name]) => name);
}

function printed(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const whole = inspect(value, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null });
  return [whole, stringified(value), String(value)];
}

function stringified(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

function spellings(secret: string): readonly (readonly [string, string])[] {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    ['raw', secret],
    ['latin1', bytes.toString('latin1')],
    ['hex', bytes.toString('hex')],
    ['URL-escaped', encodeURIComponent(secret)],
    ['form-escaped', new URLSearchParams({ s: secret }).toString().slice(2)],
    ['JSON-escaped', json],
    ['JSON-escaped twice', JSON.stringify(json).slice(1, -1)],
    ...[0, 1, 2].map((before) => [`base64 after ${before} bytes`, base64Inside(bytes, before, 'base64')] as const),
    ...[0, 1, 2].map(
      (before) => [`base64url after ${before} bytes`, base64Inside(bytes, before, 'base64url')] as const,
    ),
  ];
}

/** The characters that every base64 text has in which these bytes follow `before` (mod 3) others, as in `user:password`. */
function base64Inside(bytes: Buffer, before: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString(encoding)
    .replace(/=+$/, '');
  const isPartial = (before + bytes.length) % 3 !== 0;
  return text.slice(Math.ceil((before * 4) / 3), isPartial ? -1 : undefined);
}
