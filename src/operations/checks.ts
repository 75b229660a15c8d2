// The health checks, printed the way kube-apiserver prints its own.

/** One line of `?verbose`. A degraded check is shown and does not fail the whole. */
export interface Check {
  readonly name: string;
  readonly result: 'ok' | 'degraded' | 'failed';
  readonly detail?: string;
}

export interface Report {
  readonly healthy: boolean;
  readonly text: string;
}

/** What was asked for with `?verbose` and `?exclude=NAME`. */
export interface Asked {
  readonly verbose?: boolean;
  /** Checks that do not count. */
  readonly exclude?: readonly string[];
}

/** k8s.io/apiserver pkg/server/healthz handleRootHealth: `ok`, or every check when asked or when one failed. */
export function healthReport(
  endpoint: string,
  checks: readonly Check[],
  { verbose = false, exclude = [] }: Asked,
): Report {
  const isExcluded = ({ name }: Check): boolean => exclude.includes(name);
  const healthy = checks.every((check) => check.result !== 'failed' || isExcluded(check));
  if (healthy && !verbose) return { healthy, text: 'ok' };
  const lines = checks.map((check) => (isExcluded(check) ? `[+]${check.name} excluded: ok` : checkLine(check)));
  const unknown = exclude.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${quoted(unknown)}`);
  return { healthy, text: `${lines.join('\n')}\n${endpoint} check ${healthy ? 'passed' : 'failed'}\n` };
}

/** As Go quotes them; a name comes from the address, and goes no further than to whoever wrote it there. */
function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}

function checkLine({ name, result, detail }: Check): string {
  if (result === 'ok') return `[+]${name} ok`;
  return `[-]${name} failed: ${detail ?? 'no detail'}${result === 'degraded' ? ' (degraded, still ready)' : ''}`;
}
