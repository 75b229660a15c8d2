// `check --connect` for http-bearer: the transport to every host, a random token that must be refused, and the broker's own credentials.

import type { ProbeReport, ProbeStep, ProviderSeams } from '../../src/core/provider.ts';
import type { NextSteps } from '../../src/core/reasons.ts';
import { Secret } from '../../src/core/secret.ts';
import { type CanarySettings, release } from '../../src/upstream/http/canary.ts';
import type { HttpClient } from '../../src/upstream/http/client.ts';
import { failedStep } from '../../src/upstream/http/fault-words.ts';
import type { Judge } from '../../src/upstream/http/judge.ts';
import { probeTransport, transportOf } from '../../src/upstream/http/transport-probe.ts';
import type { HttpBearerOptions } from './options.ts';
import { prove } from './proof.ts';
import type { Ask } from './requests.ts';

export interface BearerProbe {
  readonly options: HttpBearerOptions;
  readonly http: HttpClient;
  readonly ask: Ask;
  readonly askAtRandom: CanarySettings['askAtRandom'];
  readonly judge: Judge;
  readonly seams: ProviderSeams;
  readonly nextSteps: NextSteps;
}

/** Never throws. */
export async function probeHttpBearer(probe: BearerProbe, report: ProbeReport, signal: AbortSignal): Promise<void> {
  const { options, nextSteps } = probe;
  const [{ url }] = options.requests;
  if (!(await reached(options, report, signal))) return;
  const fate = await release(probe, signal);
  const step = `a random token is refused at ${url.origin}${url.pathname}`;
  const fault = 'failure' in fate ? fate.failure : fate.value;
  report(fault === 'refused' ? { step, result: 'ok' } : failedStep(step, fault, nextSteps));
  if (options.proof !== undefined) report(await proofStep(options.proof, probe, signal));
  else report({ step: 'for whom a token was made', result: 'warning', detail: 'is not asked: anyAudience is true' });
}

/** Each host once. */
async function reached(
  { requests, proof, tls }: HttpBearerOptions,
  report: ProbeReport,
  signal: AbortSignal,
): Promise<boolean> {
  const urls = new Map([...requests, ...(proof ? [proof] : [])].map(({ url }) => [url.origin, url]));
  for (const url of urls.values()) {
    // oxlint-disable-next-line no-await-in-loop -- steps are told in order
    if (!(await probeTransport(transportOf(url, tls), report, signal))) return false;
  }
  return true;
}

/** A random token must not be proven to be ours; where a client asks, being told so proves the client. */
async function proofStep(
  proof: NonNullable<HttpBearerOptions['proof']>,
  { http, ask, seams, nextSteps }: BearerProbe,
  signal: AbortSignal,
): Promise<ProbeStep> {
  const { url, client } = proof;
  const step = `a random token is not ours at ${url.origin}${url.pathname}${client === undefined ? '' : `, asked as ${client.id}`}`;
  const token = new Secret(seams.randomBytes(24).toString('hex'));
  const found = await prove(proof, { http, ask, now: seams.clock.now() }, token, signal);
  if (found.kind === 'rejected') return { step, result: 'ok' };
  if (found.kind === 'unavailable') return failedStep(step, found, nextSteps);
  return { step, result: 'failed', reason: 'accepts-anything', detail: 'proof.expression holds for a random token' };
}
