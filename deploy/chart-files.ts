// Writes what the chart holds twice: the table of values in its README, and copies of the overlays' alerts and dashboard.

import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const CHART = new URL('chart/', import.meta.url);
const MONITORING = new URL('kubernetes/monitoring/', import.meta.url);
const BEGIN = '<!-- values: begin -->';
const END = '<!-- values: end -->';

export interface ValueRow {
  /** With dots between the keys. */
  readonly path: string;
  readonly fallback: unknown;
  readonly description: string;
}

interface Schema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

type Values = Readonly<Record<string, unknown>>;

/** A copy and not a link: archives of charts hold none, and Helm warns of them. */
export const COPIES = ['dashboard.json', 'prometheus-rule.yaml'] as const;

/** Every value that is set as a whole, in the order of the schema. */
export function chartValues(): readonly ValueRow[] {
  const schema: Schema = JSON.parse(readFileSync(new URL('values.schema.json', CHART), 'utf8'));
  const values: Values = parse(readFileSync(new URL('values.yaml', CHART), 'utf8'));
  return rowsOf(schema, values, '');
}

/** A section whose default is empty is set as a whole, and one that the broker's own reference describes. */
function rowsOf({ properties = {} }: Schema, values: Values, prefix: string): readonly ValueRow[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`;
    const fallback = values[key];
    const inner = schema.properties !== undefined && path !== 'broker' && path !== 'global' && isSection(fallback);
    if (inner) return rowsOf(schema, fallback, `${path}.`);
    const words = schema.enum?.map((word) => `\`${word || '""'}\``).join(', ');
    const description = [schema.description, ...(words === undefined ? [] : [`One of ${words}.`])].join(' ');
    return [{ path, fallback, description }];
  });
}

function isSection(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

export function chartReadme(): string {
  const page = readFileSync(new URL('README.md', CHART), 'utf8');
  const rows = chartValues().map(
    ({ path, fallback, description }) => `| \`${path}\` | ${shown(fallback)} | ${description.replaceAll('|', '\\|')} |`,
  );
  const table = ['| value | default | what it is |', '|---|---|---|', ...rows].join('\n');
  return `${page.slice(0, page.indexOf(BEGIN) + BEGIN.length)}\n${table}\n${page.slice(page.indexOf(END))}`;
}

function shown(fallback: unknown): string {
  const text = JSON.stringify(fallback);
  return text === undefined ? '' : `\`${text}\``;
}

if (import.meta.main) {
  writeFileSync(new URL('README.md', CHART), chartReadme());
  for (const name of COPIES) writeFileSync(new URL(`files/${name}`, CHART), readFileSync(new URL(name, MONITORING)));
}
