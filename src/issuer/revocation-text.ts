// A list of revocations as text: YAML that people may write, and that the broker reads fast when it is its own.

import type { EpochMs } from '../core/verdict.ts';
import { isJsonObject, isText, type JsonObject, parseJsonObject } from '../text/json.ts';
import { firstFault, parseYaml } from '../text/yaml.ts';
import { type ListHead, NO_HEAD, type Note, type Revocation, type RevocationList } from './revocation-list.ts';

export type Parsed = { readonly list: RevocationList } | { readonly fault: string };

const HEAD_LINE = /^# kube-auth-broker revocations (\{.*\})$/m;
const HINT = '# Keep the line above: by it a broker notices lost entries. Entries: { jti } or { username, before }.\n';

/** `fault` completes "<file> …". */
export function parseRevocations(text: string): Parsed {
  const list = ownLines(text) ?? yamlList(text);
  if (!Array.isArray(list)) return list;
  const entries: Revocation[] = [];
  for (const [index, { item, watchedMs }] of list.entries()) {
    const entry = isJsonObject(item) ? entryOf(item, watchedMs) : undefined;
    if (entry === undefined)
      return { fault: `has an entry that is neither { jti } nor { username, before }: number ${index + 1}` };
    entries.push(entry);
  }
  const line = HEAD_LINE.exec(text)?.[1];
  if (line === undefined) return { list: { entries } };
  const head = parseHead(line);
  return head === undefined ? { fault: 'has a first line that was changed' } : { list: { head, entries } };
}

/** Undefined when a number is missing or is no count. */
function parseHead(json: string): ListHead | undefined {
  const { change, watchedMs, forgottenMs, acceptedAt } = parseJsonObject(json) ?? {};
  if (!isCount(change) || !isCount(watchedMs) || !isCount(forgottenMs) || !isCount(acceptedAt)) return undefined;
  return { change, watchedMs, forgottenMs, acceptedAt };
}

/** Undefined when it is none. */
export function parseNote(json: string): Note | undefined {
  const { change, acceptedAt, entries } = parseJsonObject(json) ?? {};
  return isCount(change) && isCount(acceptedAt) && isCount(entries) ? { change, acceptedAt, entries } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

interface Item {
  readonly item: unknown;
  readonly watchedMs?: number;
}

/** An entry on a line of its own; the comment is when it was added, in the list's `watchedMs`. */
const OWN_LINE = /^- (\{.*\})(?: # (\d{1,15}))?$/s;

/** A file as the broker writes it, a hundred times faster than YAML: thousands log out, and each time all is read. */
function ownLines(text: string): Item[] | undefined {
  const items: Item[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, json = '', watched] = OWN_LINE.exec(line) ?? [];
    const item = parseJsonObject(json);
    // Whatever could mean something else in YAML (a key twice, another spelling) is left to YAML.
    if (item === undefined || JSON.stringify(item) !== json) return undefined;
    items.push(watched === undefined ? { item } : { item, watchedMs: Number(watched) });
  }
  return items;
}

function yamlList(text: string): Item[] | { readonly fault: string } {
  const yaml = parseYaml(text);
  const fault = firstFault(yaml);
  if (fault !== undefined) return { fault };
  const list = yaml.data ?? [];
  return Array.isArray(list) ? list.map((item: unknown) => ({ item })) : { fault: 'is not a list' };
}

/** `expires` is what earlier versions wrote beside a jti. */
function entryOf({ jti, username, before, expires, ...rest }: JsonObject, watchedMs?: number): Revocation | undefined {
  if (Object.keys(rest).length > 0) return undefined;
  if (isText(jti) && username === undefined && before === undefined) {
    if (expires !== undefined && time(expires) === undefined) return undefined;
    return watchedMs === undefined ? { jti } : { jti, watchedMs };
  }
  const beforeMs = time(before);
  const isOfUser = isText(username) && beforeMs !== undefined && jti === undefined && expires === undefined;
  return isOfUser ? { username, before: beforeMs } : undefined;
}

function time(value: unknown): EpochMs | undefined {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** One line of JSON for each, which is YAML too. */
export function formatRevocations({ head = NO_HEAD, entries }: RevocationList): string {
  const items = entries.length === 0 ? '[]\n' : entries.map((entry) => `- ${lineOf(entry)}\n`).join('');
  return `# kube-auth-broker revocations ${JSON.stringify(head)}\n${HINT}${items}`;
}

function lineOf(entry: Revocation): string {
  if ('username' in entry) return JSON.stringify({ ...entry, before: new Date(entry.before).toISOString() });
  const { jti, watchedMs } = entry;
  return JSON.stringify({ jti }) + (watchedMs === undefined ? '' : ` # ${watchedMs}`);
}
