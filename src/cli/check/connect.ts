// Runs the probe of every provider at once and gives the results in the order written.

import type { ProbeStep, Provider } from '../../core/provider.ts';
import { describeReason } from '../../core/reasons.ts';
import { openProvider } from '../../graph.ts';
import { openIssuer } from '../../issuer/issuer.ts';
import { probeButton } from '../../portal/buttons.ts';
import type { OidcSignIn } from '../../portal/settings.ts';
import type { Config, ProviderConfig } from '../../settings/config.ts';
import { probeShared } from '../../stores/probe.ts';
import type { SharedSettings } from '../../stores/shared.ts';
import type { CliSeams } from '../seams.ts';
import type { Probed } from './probed.ts';

const DEADLINE_MS = 10_000;
/** After the deadline, how long a probe may take to report what it was waiting for. */
const GRACE_MS = 200;

/** Opens, probes and closes every provider; each has ten seconds of its own. Never rejects. */
export async function* connectAll(
  config: Config,
  seams: CliSeams,
  deadlineMs: number = DEADLINE_MS,
): AsyncGenerator<Probed> {
  const running = config.providers.map((entry) => connect(entry, config, seams, deadlineMs));
  const buttons = (config.portal?.oidc ?? []).map((button) => connectButton(button, seams, deadlineMs));
  const shared = config.shared && connectShared(config.shared, seams);
  // oxlint-disable-next-line no-await-in-loop -- all are running; only their results are in order
  for (const probed of [...running, ...buttons]) yield await probed;
  if (shared !== undefined) yield await shared;
}

async function connectButton(
  settings: OidcSignIn,
  { clock, randomBytes }: CliSeams,
  deadlineMs: number,
): Promise<Probed> {
  const quiet = { clock, randomBytes, log: () => undefined };
  const probed: Probing = { probe: (report, signal) => probeButton(settings, quiet, report, signal) };
  return { name: `portal.signIn.oidc ${settings.name}`, type: 'openid', steps: await probe(probed, deadlineMs) };
}

async function connectShared(settings: SharedSettings, { randomBytes }: CliSeams): Promise<Probed> {
  const steps: ProbeStep[] = [];
  await probeShared(settings, randomBytes, (step) => void steps.push(step));
  return { name: 'shared', type: settings.redis.mode, steps };
}

async function connect(
  entry: ProviderConfig,
  { issuer }: Config,
  seams: CliSeams,
  deadlineMs: number,
): Promise<Probed> {
  const { clock, randomBytes } = seams;
  const quiet = { clock, randomBytes, log: () => undefined, seldom: () => undefined };
  const provider = openProvider(entry, quiet, issuer && openIssuer(issuer, quiet));
  try {
    return { name: entry.name, type: entry.type, steps: await probe(provider, deadlineMs) };
  } finally {
    await provider.close();
  }
}

type Probing = Pick<Provider, 'probe'>;

/** Steps that come after the end are not heard. */
async function probe(provider: Probing, deadlineMs: number): Promise<readonly ProbeStep[]> {
  const steps: ProbeStep[] = [];
  const deadline = new AbortController();
  const abort = setTimeout(() => deadline.abort(), deadlineMs);
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const giveUp = setTimeout(() => resolve('late'), deadlineMs + GRACE_MS);
  const done = provider
    .probe((step) => void steps.push(step), deadline.signal)
    .then(
      () => 'done' as const,
      () => 'broken' as const,
    );
  const end = await Promise.race([done, late]);
  clearTimeout(abort);
  clearTimeout(giveUp);
  return [...steps, ...missing(end, steps)];
}

function missing(end: 'done' | 'late' | 'broken', steps: readonly ProbeStep[]): readonly ProbeStep[] {
  if (end === 'done') return steps.length > 0 ? [] : [{ step: 'nothing to try', result: 'ok' }];
  const reason = end === 'late' ? 'timeout' : 'internal';
  const { meaning, next } = describeReason(reason);
  return [{ step: 'the rest', result: 'failed', detail: `${reason}: ${meaning} ${next}`, reason }];
}
