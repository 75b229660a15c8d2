// The one reader of YAML: every file of the broker's own is read by the same rules, and every fault has its place.

import { Composer, type Document, LineCounter, Parser, type Tags, type YAMLError } from 'yaml';
import { deepPlace, firstOfEach, MAX_DEPTH, merged, offsetOf, type Place, repeatedKeys, unfold } from './yaml-nodes.ts';

export type { Place } from './yaml-nodes.ts';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One sentence that never quotes the text, since any of it may be a secret. */
export interface YamlFault extends Position {
  readonly message: string;
}

export interface YamlText {
  /** Undefined unless `isReadable`; of a key that is here twice it has the first value. */
  readonly data: unknown;
  /** False when the text is no YAML, or not the part of YAML that is taken; a key that is here twice does not count. */
  readonly isReadable: boolean;
  /** In the order of the text. */
  readonly faults: readonly YamlFault[];
  /** Where the value stands; for an unknown key the key; for a missing one what should have held it. */
  position(place: Place): Position;
}

/**
 * YAML 1.2, one document, every key text and there once. Anchors and aliases are taken, up to a bound on what they unfold to;
 * nothing is nested deeper than 100 levels. Never throws.
 */
export function parseYaml(text: string): YamlText {
  return read(text, 'own');
}

/** A kubeconfig as client-go reads one: YAML 1.1 with merge keys; of a key that is here twice the last value counts. */
export function parseKubernetesYaml(text: string): YamlText {
  return read(text, 'kubernetes');
}

type Dialect = 'own' | 'kubernetes';
type At = (offset: number) => Position;

function read(text: string, dialect: Dialect): YamlText {
  const lines = new LineCounter();
  const at: At = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = deepPlace(tokens);
  if (deep !== undefined)
    return unreadable({ ...at(deep), message: `is nested too deeply: ${MAX_DEPTH} levels are the most` });
  const [document, second] = new Composer(OPTIONS[dialect]).compose(tokens, true, text.length);
  if (document === undefined) return unreadable({ line: 1, column: 1, message: 'is not valid YAML' });
  // After a fault of syntax the parser is out of step: what it finds next is no fault of its own.
  const told = [...document.errors.slice(0, 1), ...document.warnings];
  const errors = [...document.errors, ...document.warnings];
  const repeated = dialect === 'own' ? repeatedKeys(document) : [];
  const unfolded = errors.length === 0 ? unfold(document, dialect === 'own' ? firstOfEach : merged) : undefined;
  const faults = [
    ...told.map((error) => ({ ...at(error.pos[0]), message: wordsOf(error) })),
    ...(second === undefined ? [] : [secondDocument(second, text, at)]),
    ...repeated.map((offset) => ({ ...at(offset), message: 'this key is here twice' })),
    ...(unfolded !== undefined && 'offset' in unfolded ? [{ ...at(unfolded.offset), message: unfolded.message }] : []),
  ];
  const isReadable = faults.length === repeated.length;
  return {
    data: isReadable && unfolded !== undefined && 'data' in unfolded ? unfolded.data : undefined,
    isReadable,
    faults: tabFault(text, errors, at) ?? faults.toSorted((a, b) => a.line - b.line || a.column - b.column),
    position: (place) => at(offsetOf(document, place, text)),
  };
}

/** Of YAML 1.1 what Go's reader has: no times, no numbers to the base of 60, and `y` and `n` are text. */
function tagsOfGo(tags: Tags): Tags {
  const known = tags.filter(
    (tag) =>
      typeof tag === 'string' || !(tag.format === 'TIME' || /:(?:timestamp|binary|set|omap|pairs|bool)$/.test(tag.tag)),
  );
  return [
    ...known,
    {
      tag: 'tag:yaml.org,2002:bool',
      default: true,
      test: /^(?:[Yy]es|YES|[Oo]n|ON|[Tt]rue|TRUE|[Nn]o|NO|[Oo]ff|OFF|[Ff]alse|FALSE)$/,
      resolve: (text: string) => /^(?:yes|on|true)$/i.test(text),
    },
  ];
}

const OPTIONS = {
  own: { version: '1.2', uniqueKeys: false, stringKeys: true, prettyErrors: false },
  kubernetes: { version: '1.1', uniqueKeys: false, prettyErrors: false, customTags: tagsOfGo },
} as const satisfies Record<Dialect, ConstructorParameters<typeof Composer>[0]>;

/** The first fault, completing "<file> …", for those who tell one of a whole file. */
export function firstFault({ faults: [fault] }: YamlText): string | undefined {
  return fault && `has a fault at ${fault.line}:${fault.column}: ${fault.message}`;
}

function unreadable(fault: YamlFault): YamlText {
  return { data: undefined, isReadable: false, faults: [fault], position: () => ({ line: 1, column: 1 }) };
}

/** A tab makes many errors, none of which names it: the first tab is told in place of them all. */
function tabFault(text: string, errors: readonly YAMLError[], at: At): readonly YamlFault[] | undefined {
  for (const { pos } of errors) {
    const start = text.lastIndexOf('\n', pos[0] - 1) + 1;
    const indent = /^ *\t/.exec(text.slice(start, pos[0] + 1))?.[0];
    if (indent !== undefined) {
      return [{ ...at(start + indent.length - 1), message: 'is indented with a tab: YAML takes spaces only' }];
    }
  }
  return undefined;
}

function secondDocument({ range }: Document.Parsed, text: string, at: At): YamlFault {
  const place = at(range[0]);
  const what = text.startsWith('---', range[0]) ? 'the `---`' : 'what begins';
  return { ...place, message: `one document only: remove ${what} at line ${place.line}` };
}

/** In place of the parser's own words, which may quote the line, or say less. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  NON_STRING_KEY: 'a key must be plain text',
  BAD_DIRECTIVE: 'is not valid YAML: this directive is not supported',
  BAD_DQ_ESCAPE: 'is not valid YAML: there is no such escape; within single quotes a backslash means itself',
  BAD_INDENT: 'this line is indented too little or too much, or a bracket before it is not closed',
  BAD_SCALAR_START: 'a value cannot start with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value with a colon and a space must be in quotes',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
};

function wordsOf({ code, message }: YAMLError): string {
  return OWN_WORDS[code] ?? `is not valid YAML: ${message.split(/[:"'`\\]|\bat line\b/)[0]?.trim() ?? code}`;
}
