// Gathers the trace of one review, provider by provider, as plain data.

import type { TraceStep } from '../../core/authenticator.ts';
import { type Credential, parseCredential, type TokenRules } from '../../core/credential.ts';
import { describeReason, type NextSteps } from '../../core/reasons.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { ProviderConfig } from '../../settings/config.ts';
import type { ExplainedCredential, ExplainedProvider, ExplainedVerdict } from './explanation.ts';

type Of<K extends TraceStep['step']> = Extract<TraceStep, { readonly step: K }>;

/** What the steps say about one provider; nothing of a verdict's value or cause is kept. */
export function explainedProvider(
  { name, type, match, login, nextSteps }: ProviderConfig,
  trace: readonly TraceStep[],
): ExplainedProvider {
  const own = trace.filter(({ provider }) => provider === name);
  const [matched] = only(own, 'match');
  const [loggedIn] = only(own, 'login');
  const [stated] = only(own, 'claims');
  const [ended] = only(own, 'verdict');
  return {
    name,
    type,
    ...(matched && { match: { expression: match?.source ?? '', ...told(matched) } }),
    ...(loggedIn && { login: { expression: login?.source ?? '', ...told(loggedIn) } }),
    ...(stated && { claims: stated.claims }),
    mappings: only(own, 'mapping').map(told),
    rules: only(own, 'rule').map(told),
    dropped: only(own, 'dropped').map(told),
    ...(ended && {
      verdict: { ...explainedVerdict(ended.verdict, nextSteps), durationMs: roundedMs(ended.durationMs) },
    }),
  };
}

function only<K extends TraceStep['step']>(trace: readonly TraceStep[], kind: K): Of<K>[] {
  return trace.filter((step): step is Of<K> => step.step === kind);
}

function told<S extends TraceStep>({ step: _step, provider: _provider, ...rest }: S): Omit<S, 'step' | 'provider'> {
  return rest;
}

/** `nextSteps` are those of the provider that decided. */
export function explainedVerdict(verdict: Verdict<unknown>, nextSteps?: NextSteps): ExplainedVerdict {
  const { kind, detail } = verdict;
  const noted = detail === undefined ? {} : { detail };
  if (verdict.kind === 'authenticated') {
    const { expiresAt } = verdict;
    return { kind, ...noted, ...(expiresAt !== undefined && { expiresAt: isoTime(expiresAt) }) };
  }
  const { reason } = verdict;
  const { meaning, next } = describeReason(reason, nextSteps);
  return { kind, reason, meaning, next, ...noted };
}

/** What the token is; the credential too, unless its form refuses it. */
export function explainedCredential(
  token: string,
  rules: TokenRules,
): { readonly shown: ExplainedCredential; readonly credential?: Credential } {
  const credential = parseCredential(token, rules);
  switch (credential.kind) {
    case 'refused':
      return { shown: { kind: 'refused' } };
    case 'password':
      return { shown: { kind: 'password', username: credential.username }, credential };
    case 'bearer':
      return { shown: shownBearer(credential), credential };
  }
}

function shownBearer({ jwt }: Extract<Credential, { kind: 'bearer' }>): ExplainedCredential {
  if (jwt === undefined) return { kind: 'bearer', form: 'opaque' };
  const { alg = null, kid } = jwt.header;
  const { iss, aud, exp } = jwt.claims;
  return {
    kind: 'bearer',
    form: 'jwt',
    alg,
    ...(kid !== undefined && { kid }),
    ...(iss !== undefined && { iss }),
    ...(aud !== undefined && { aud }),
    ...(exp !== undefined && { exp }),
  };
}

/** An upstream's expiry may be beyond what a date can hold. */
function isoTime(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? String(atMs) : date.toISOString();
}

function roundedMs(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}
