// `npm run bench`: measures the broker beside its baselines, prints one table, and ends with 1 for what is surely missed.

import { clientGoRows } from './client-go-rows.ts';
import { directoryRows } from './directory-rows.ts';
import { footprintRows } from './footprint-rows.ts';
import { introspectionRows } from './introspection-rows.ts';
import { machineCard } from './machine.ts';
import { reviewRows } from './review-rows.ts';
import { sharedRows } from './shared-rows.ts';
import { isMissed, type Row, tableText } from './table.ts';
import { tokenRows } from './token-rows.ts';

const PARTS: readonly { readonly name: string; readonly measure: () => Promise<readonly Row[]> }[] = [
  { name: 'plain HTTP', measure: () => reviewRows(false) },
  { name: 'mutual TLS', measure: () => reviewRows(true) },
  { name: 'client-go', measure: clientGoRows },
  { name: 'directory', measure: directoryRows },
  { name: 'introspection', measure: introspectionRows },
  { name: 'tokens', measure: tokenRows },
  { name: 'shared store', measure: sharedRows },
  { name: 'memory and start', measure: footprintRows },
];

const begun = `${machineCard()} at the start`;
const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const { name, measure } of PARTS) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
  process.stderr.write(`${name} ...\n`);
  // oxlint-disable-next-line no-await-in-loop -- measurements must not disturb each other
  rows.push(...(await measure()));
}
process.stdout.write(`${begun}\n${machineCard()} at the end\n\n${tableText(rows)}`);
process.exit(rows.some(isMissed) ? 1 : 0);
