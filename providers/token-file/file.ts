// Reads a token file: YAML with digests of tokens, or kube-apiserver's CSV with the tokens themselves.

import { tokenDigest, whyNeverLookedUp } from '../../src/core/token-digest.ts';
import { type Entries, faultSentences, parseEntries } from '../../src/settings/entries-file.ts';
import type { ConfigFile, Fields } from '../../src/settings/provider-module.ts';
import type { YamlFault } from '../../src/text/yaml.ts';
import { type CsvRecord, parseCsv } from './csv.ts';
import { entriesSchema, type TokenEntry, usernameProblem } from './entry.ts';

/** The entries and what is doubtful about them, or everything that is wrong, as `<file>:<line>:<column>: <sentence>`. */
export type TokenFile =
  | { readonly entries: readonly TokenEntry[]; readonly doubts: readonly string[] }
  | { readonly faults: readonly string[] };

/** By its name, as everything else in a CSV is one field of some line. */
export function isYamlName(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

export function parseTokenFile(fields: Fields, file: ConfigFile): TokenFile {
  if (!isYamlName(file.path)) return parseTokenCsv(file);
  const parsed: Entries<TokenEntry> = parseEntries(file, {
    schema: entriesSchema(fields),
    entry: 'a map with sha256 and username',
    unique: ['sha256'],
  });
  return 'faults' in parsed ? parsed : { ...parsed, doubts: [] };
}

function parseTokenCsv({ path, text }: ConfigFile): TokenFile {
  const { records, faults } = parseCsv(text);
  const all = [...byteOrderMark(text), ...faults, ...records.flatMap(recordFaults), ...repeated(records)];
  if (all.length > 0) return { faults: faultSentences(all, path) };
  const doubts = records.flatMap(recordDoubts);
  return { entries: records.map(entryOf), doubts: faultSentences(doubts, path) };
}

/** kube-apiserver would take it for the first letter of the first token. */
function byteOrderMark(text: string): readonly YamlFault[] {
  if (!text.startsWith('\ufeff')) return [];
  return [{ line: 1, column: 1, message: 'the file begins with a byte order mark; save it as UTF-8 without one' }];
}

function recordFaults(record: CsvRecord): readonly YamlFault[] {
  const [token, user, uid] = record;
  if (token === undefined || user === undefined || uid === undefined) {
    const { line = 1, column = 1 } = token ?? {};
    const message = `a line has at least token, user name and uid, but this one has ${record.length} of them; the uid may be empty`;
    return [{ line, column, message }];
  }
  const problem = usernameProblem(user.text);
  return [
    ...(token.text === '' ? [{ ...placeOf(token), message: 'the token is empty' }] : []),
    ...(problem === undefined ? [] : [{ ...placeOf(user), message: `the user name ${problem}` }]),
  ];
}

const placeOf = ({ line, column }: YamlFault | CsvRecord[number]) => ({ line, column });

/** kube-apiserver takes the last of them and says so in its log. */
function repeated(records: readonly CsvRecord[]): readonly YamlFault[] {
  const lines = new Map<string, number>();
  return records.flatMap(([token]): YamlFault[] => {
    if (token === undefined || token.text === '') return [];
    const first = lines.get(token.text);
    if (first !== undefined) return [{ ...placeOf(token), message: `the token appears twice, first in line ${first}` }];
    lines.set(token.text, token.line);
    return [];
  });
}

/** What kube-apiserver takes without a word, and means nothing here or there. */
function recordDoubts([token, , , , fifth]: CsvRecord): readonly YamlFault[] {
  const never = token === undefined ? undefined : whyNeverLookedUp(token.text);
  return [
    ...(token === undefined || never === undefined
      ? []
      : [{ ...placeOf(token), message: `nobody can log in with this token: ${never}` }]),
    ...(fifth === undefined
      ? []
      : [{ ...placeOf(fifth), message: 'a fifth column is ignored; several groups stand in one column, in quotes' }]),
  ];
}

/** As kube-apiserver splits the groups, without the empty ones. */
function entryOf([token, user, uid, groups]: CsvRecord): TokenEntry {
  return {
    digest: tokenDigest(token?.text ?? ''),
    username: user?.text ?? '',
    ...(uid === undefined || uid.text === '' ? {} : { uid: uid.text }),
    groups: groups?.text.split(',').filter((group) => group !== '') ?? [],
  };
}
