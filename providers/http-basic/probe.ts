// `check --connect` for http-basic: the transport, then a credential that must be refused.

import type { ProbeReport, ProbeStep } from '../../src/core/provider.ts';
import { type CanarySettings, release } from '../../src/upstream/http/canary.ts';
import { failedStep } from '../../src/upstream/http/fault-words.ts';
import type { Judge } from '../../src/upstream/http/judge.ts';
import { probeTransport, transportOf } from '../../src/upstream/http/transport-probe.ts';
import type { Ask } from './exchange.ts';
import type { HttpBasicOptions } from './options.ts';

export interface HttpBasicProbe {
  readonly options: HttpBasicOptions;
  readonly ask: Ask;
  readonly askAtRandom: CanarySettings['askAtRandom'];
  readonly judge: Judge;
}

/** With `canary: false` a request without any credential takes the canary's place. Never throws. */
export async function probeHttpBasic(probe: HttpBasicProbe, report: ProbeReport, signal: AbortSignal): Promise<void> {
  const { url, method, tls } = probe.options;
  if (!(await probeTransport(transportOf(url, tls), report, signal))) return;
  const where = `${method} ${url.origin}${url.pathname}`;
  const step = probe.options.canary
    ? `a random credential is refused at ${where}`
    : `no credential is refused at ${where}`;
  report(await refusal(step, probe, signal));
}

async function refusal(step: string, probe: HttpBasicProbe, signal: AbortSignal): Promise<ProbeStep> {
  const { options, ask, judge } = probe;
  if (options.canary) {
    const fate = await release(probe, signal);
    if ('failure' in fate) return failedStep(step, fate.failure);
    return fate.value === 'refused' ? { step, result: 'ok' } : failedStep(step, fate.value);
  }
  const answer = await ask(undefined, signal);
  if (answer.kind !== 'answer') return failedStep(step, answer);
  const judgement = judge(answer);
  if (judgement.kind === 'accepted') {
    return {
      step,
      result: 'failed',
      reason: 'accepts-anything',
      detail: `HTTP ${answer.status} without any credential: is this address protected at all?`,
    };
  }
  return judgement.kind === 'unavailable'
    ? failedStep(step, judgement)
    : { step, result: 'ok', detail: `HTTP ${answer.status}` };
}
