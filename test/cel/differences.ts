// What is different from kube-apiserver on purpose, and the section of the page that says so, made from recorded results.

import { type Recorded, type Result, resultHere } from './recorded.ts';

/** Why, by the name that a line of the recorded file has. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  loops: 'a loop over a claim itself, which kube-apiserver takes as `dyn(claims.groups).map(…)` alone',
  whole: 'a loop over all of `claims` or `user`, or a comparison of it: Go walks their values in random order',
  keys: 'a map with keys that are no strings, numbers or bools',
  names: 'a name with a dot before it, or a message that is written out',
  comma: 'a comma without an element before it',
  sort: 'a list sorted by equal keys when it has more than twelve elements, or with NaN: Go promises no order',
  precision: 'a precision over 1000 in `format`',
  zones:
    'the zone `Local`, and named zones where time zone databases disagree: outside of the years 1980 to 2037, since the law changed in Morocco, Moldova, Alberta and British Columbia, and `EET`, `WET`',
  unicode: 'Unicode classes over characters that are newer than the Unicode 15 of kube-apiserver',
  url: 'the words of Go about a broken address in a URL, and parts of a URL that are not UTF-8',
};

const START = '<!-- The table is written by test/live/cel/record.ts. -->\n';
const SECTION = new RegExp(`${START}[^]*?(?=\\n## |$)`);

/** The page with the section as these results have it. */
export function withDifferences(page: string, recorded: readonly Recorded[]): string {
  return page.replace(SECTION, () => section(recorded));
}

function section(recorded: readonly Recorded[]): string {
  const groups = Map.groupBy(
    recorded.filter(({ difference }) => difference !== undefined),
    (row) => `${row.difference} | ${outcome(row.kubeApiserver)} | ${outcome(resultHere(row))}`,
  );
  const rows = [...groups].map(([key, found]) => {
    const [name = '', ...outcomes] = key.split(' | ');
    const shown = found.slice(0, 3).map(({ expression }) => code(expression));
    return `| ${DIFFERENCES[name] ?? name} | ${outcomes.join(' | ')} | ${shown.join('<br>')} |`;
  });
  const same = recorded.length - [...groups.values()].flat().length;
  return [
    START,
    `Both were asked ${recorded.length} expressions; ${same} of them end alike, with the same value at the same cost or`,
    'refused or failing in both. None of them gives one value here and another one there; the live tests ask thousands of random',
    'ones more. The others:\n',
    '| expression | kube-apiserver | here | for example |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const outcome = (result: Result): string =>
  typeof result === 'object' ? 'a value' : result === 'refused' ? 'refused at start-up' : 'fails';

const code = (expression: string): string => `\`\`${expression.replaceAll('|', '\\|')}\`\``;
