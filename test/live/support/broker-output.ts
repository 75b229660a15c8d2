// Reads what a broker process gives out: its log and its metrics page.

/** One line of the JSON log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The JSON lines among everything printed, of one message or of all; text on stderr is left out. */
export function linesOf(output: string, message?: string): readonly LogLine[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line): LogLine => JSON.parse(line))
    .filter(({ msg }) => message === undefined || msg === message);
}

const SAMPLE = /^(?<name>[\w:]+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;

/** The sum of all samples of a metric that have these labels; the name is the whole one, prefix included. */
export function sumOf(page: string, name: string, wanted: Readonly<Record<string, string>>): number {
  let sum = 0;
  for (const line of page.split('\n')) {
    const { groups } = SAMPLE.exec(line) ?? {};
    if (groups?.['name'] !== name) continue;
    const labels = groups['labels'] ?? '';
    const hasAll = Object.entries(wanted).every(([label, value]) => `,${labels},`.includes(`,${label}="${value}",`));
    if (hasAll) sum += Number(groups['value']);
  }
  return sum;
}
