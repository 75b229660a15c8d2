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

/** k8s.io/apiserver pkg/server/healthz handleRootHealth: `ok`, or every check when asked or when one failed. */
export function healthReport(endpoint: string, checks: readonly Check[], verbose: boolean): Report {
  const healthy = checks.every(({ result }) => result !== 'failed');
  if (healthy && !verbose) return { healthy, text: 'ok' };
  const lines = checks.map(checkLine);
  return { healthy, text: `${lines.join('\n')}\n${endpoint} check ${healthy ? 'passed' : 'failed'}\n` };
}

function checkLine({ name, result, detail }: Check): string {
  if (result === 'ok') return `[+]${name} ok`;
  return `[-]${name} failed: ${detail ?? 'no detail'}${result === 'degraded' ? ' (degraded, still ready)' : ''}`;
}
