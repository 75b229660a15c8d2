// Finds out whether the upstream still refuses: one that accepts a random credential would accept everybody.

import { unlessAborted } from '../../src/async/unless-aborted.ts';
import type { ProviderSeams } from '../../src/core/provider.ts';
import { type Unavailable, unavailable } from '../../src/core/verdict.ts';
import type { Judgement } from './answer.ts';
import { type Ask, basicCredentials } from './ask.ts';

export interface Canary {
  /**
   * Undefined when a random credential was refused within the last five minutes; else why no password may be sent:
   * `accepts-anything`, or the outage for which it could not be told. Waits for a canary under way, at most until `signal`.
   */
  outage(signal: AbortSignal): Promise<Unavailable | undefined>;
  /** Stops what is under way. */
  close(): void;
}

export interface CanarySettings {
  readonly ask: Ask;
  readonly judge: (status: number) => Judgement;
  readonly seams: ProviderSeams;
}

/** A refusal is believed this long. */
export const BELIEVED_MS = 5 * 60_000;
/** From this age on the next one is under way while the last is still believed, so that no review waits for it. */
export const RENEWED_MS = 4 * 60_000;
/** An upstream that accepts everything is tried again this often, while somebody asks. */
export const RETRIED_MS = 10_000;

interface Finding {
  readonly outage: Unavailable | undefined;
  readonly atMs: number;
}

const TOO_LATE = { outage: unavailable('timeout', 'the first canary has no answer yet') };

/** Sends the first canary at once and waits for nothing; has no timer of its own. */
export function createCanary(settings: CanarySettings): Canary {
  const { clock, timeoutMs } = settings.seams;
  const closing = new AbortController();
  let last: Finding | undefined;
  let underWay: Promise<Finding> | undefined;
  const renew = (): Promise<Finding> => {
    underWay ??= release(settings, AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)])).then((outage) => {
      announce(settings.seams, last?.outage, outage);
      last = { outage, atMs: clock.monotonicMs() };
      underWay = undefined;
      return last;
    });
    return underWay;
  };
  void renew();
  return {
    outage: async (signal) => {
      if (last !== undefined && underWay === undefined && isDue(last, clock.monotonicMs())) void renew();
      if (last !== undefined && isBelieved(last, clock.monotonicMs())) return last.outage;
      const finding = await unlessAborted(renew(), signal, () => TOO_LATE);
      return finding.outage;
    },
    close: () => closing.abort(),
  };
}

/** An outage is never remembered: the next review finds out anew. */
function isBelieved({ outage, atMs }: Finding, nowMs: number): boolean {
  if (outage === undefined) return nowMs - atMs < BELIEVED_MS;
  return outage.reason === 'accepts-anything' && nowMs - atMs < RETRIED_MS;
}

function isDue({ outage, atMs }: Finding, nowMs: number): boolean {
  return outage === undefined && nowMs - atMs >= RENEWED_MS;
}

/** One random credential; what comes back must be a refusal. */
export async function release(
  { ask, judge, seams }: Pick<CanarySettings, 'ask' | 'judge'> & { readonly seams: Pick<ProviderSeams, 'randomBytes'> },
  signal: AbortSignal,
): Promise<Unavailable | undefined> {
  const username = `canary-${seams.randomBytes(8).toString('hex')}`;
  const answer = await ask(basicCredentials(username, seams.randomBytes(24).toString('base64url')), signal);
  if (answer.kind !== 'answer') return answer;
  const judgement = judge(answer.status);
  if (judgement === 'accepted') return unavailable('accepts-anything', `HTTP ${answer.status} for a random credential`);
  return judgement.kind === 'unavailable' ? judgement : undefined;
}

function announce({ log, name }: ProviderSeams, before: Unavailable | undefined, now: Unavailable | undefined): void {
  const was = before?.reason === 'accepts-anything';
  const is = now?.reason === 'accepts-anything';
  if (is && !was) {
    log('error', 'the upstream accepts a random credential: the provider is out of service until it refuses one', {
      provider: name,
    });
  }
  if (was && now === undefined) {
    log('warn', 'the upstream refuses random credentials again: the provider is back in service', { provider: name });
  }
}
