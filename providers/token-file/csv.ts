// Reads CSV as Go's encoding/csv does, which kube-apiserver reads its token file with; every fault has its place.

import type { Position, YamlFault } from '../../src/text/yaml.ts';

export interface CsvField extends Position {
  readonly text: string;
}

/** At least one field. */
export type CsvRecord = readonly CsvField[];

export interface Csv {
  readonly records: readonly CsvRecord[];
  readonly faults: readonly YamlFault[];
}

/**
 * Fields between commas, quoted or not, as they stand: no space is trimmed, nothing is a comment. A quoted field may hold commas,
 * doubled quotes and line breaks. Blank lines are passed over, and so is the rest of a line with a fault.
 */
export function parseCsv(text: string): Csv {
  const source: Source = { lines: linesOf(text), line: 0, faults: [] };
  const records: CsvRecord[] = [];
  while (source.line < source.lines.length) {
    const record = isBlank(source) ? undefined : recordAt(source);
    if (record !== undefined) records.push(record);
    source.line += 1;
  }
  return { records, faults: source.faults };
}

interface Source {
  readonly lines: readonly string[];
  /** The line being read, from 0. */
  line: number;
  readonly faults: YamlFault[];
}

/** Without the line breaks, of either kind; after the last one nothing begins. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

const lineAt = ({ lines, line }: Source): string => lines[line] ?? '';
const isBlank = (source: Source): boolean => lineAt(source) === '';
const placeAt = ({ line }: Source, offset: number): Position => ({ line: line + 1, column: offset + 1 });

interface Part {
  readonly field: CsvField;
  /** Behind the comma that ends the field, in the line that is read now; undefined: the record ends. */
  readonly next: number | undefined;
}

/** Undefined after a fault. */
function recordAt(source: Source): CsvRecord | undefined {
  const fields: CsvField[] = [];
  let offset: number | undefined = 0;
  while (offset !== undefined) {
    const part: Part | undefined = lineAt(source)[offset] === '"' ? quoted(source, offset) : plain(source, offset);
    if (part === undefined) return undefined;
    fields.push(part.field);
    offset = part.next;
  }
  return fields;
}

function plain(source: Source, start: number): Part | undefined {
  const line = lineAt(source);
  const comma = line.indexOf(',', start);
  const text = line.slice(start, comma === -1 ? undefined : comma);
  const quote = text.indexOf('"');
  if (quote !== -1) return fault(source, placeAt(source, start + quote), BARE_QUOTE);
  return { field: { text, ...placeAt(source, start) }, next: comma === -1 ? undefined : comma + 1 };
}

const BARE_QUOTE = 'a quote stands in a field without quotes: put the whole field in quotes, and write this one twice';
const AFTER_QUOTE =
  'behind the closing quote of a field comes a comma or the end of the line; a quote within the field is written twice';
const OPEN_QUOTE = 'the quote that begins here is not closed';

function quoted(source: Source, start: number): Part | undefined {
  const place = placeAt(source, start);
  let text = '';
  let from = start + 1;
  for (;;) {
    const line = lineAt(source);
    const quote = line.indexOf('"', from);
    if (quote === -1) {
      if (source.line + 1 >= source.lines.length) return fault(source, place, OPEN_QUOTE);
      text += `${line.slice(from)}\n`;
      source.line += 1;
      from = 0;
      continue;
    }
    text += line.slice(from, quote);
    const after = line[quote + 1];
    if (after === undefined) return { field: { text, ...place }, next: undefined };
    if (after === ',') return { field: { text, ...place }, next: quote + 2 };
    if (after !== '"') return fault(source, placeAt(source, quote + 1), AFTER_QUOTE);
    text += '"';
    from = quote + 2;
  }
}

function fault({ faults }: Source, place: Position, message: string): undefined {
  faults.push({ ...place, message });
}
