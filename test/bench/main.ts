// `npm run bench`: measures the broker beside its baselines in one run, and prints one table. Writes nothing.

import { directoryRows } from './directory-rows.ts';
import { footprintRows } from './footprint-rows.ts';
import { introspectionRows } from './introspection-rows.ts';
import { reviewRows } from './review-rows.ts';
import { sharedRows } from './shared-rows.ts';
import { type Row, tableText } from './table.ts';
import { tokenRows } from './token-rows.ts';

const PARTS: readonly { readonly name: string; readonly measure: () => Promise<readonly Row[]> }[] = [
  { name: 'plain HTTP', measure: () => reviewRows(false) },
  { name: 'mutual TLS', measure: () => reviewRows(true) },
  { name: 'directory', measure: directoryRows },
  { name: 'introspection', measure: introspectionRows },
  { name: 'tokens', measure: tokenRows },
  { name: 'shared store', measure: sharedRows },
  { name: 'memory and start', measure: footprintRows },
];

const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const { name, measure } of PARTS) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
  process.stderr.write(`${name} ...\n`);
  // oxlint-disable-next-line no-await-in-loop -- measurements must not disturb each other
  rows.push(...(await measure()));
}
process.stdout.write(tableText(rows));
process.exit();
