// Claims verdict → identity verdict: an upstream's statement becomes a Kubernetes user, or nobody.

import { intersectAudiences } from '../core/audience.ts';
import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Claims } from '../core/claims.ts';
import { type Decision, type DroppedGroup, enforceIdentity, type Identity, type Reserved } from '../core/identity.ts';
import { authenticated, type Rejected, rejected, type Verdict } from '../core/verdict.ts';
import { mapIdentity } from './mapping/identity.ts';
import { type Mapping, sourceText } from './mapping/mapping.ts';
import type { Outcome, Story } from './mapping/outcome.ts';

export { type Mapping, usernameOverlap } from './mapping/mapping.ts';

/** Extra that the broker itself adds; a mapping can set neither. */
export const CREDENTIAL_ID_KEY = 'authentication.kubernetes.io/credential-id';
export const PROVIDER_KEY = 'kube-auth-broker/provider';

/** What a mapping knows of its provider. */
export interface MappedContext {
  /** The provider's configured name. */
  readonly name: string;
  readonly reserved: Reserved;
  /** Told how many reserved names were kept out; the username counts as one. */
  readonly onReservedDropped: (kind: 'username' | 'group', count: number) => void;
}

/**
 * Maps what `provider` authenticated and passes every other verdict through. Rejects with `mapping-failed`,
 * `claim-validation`, `user-validation`, `reserved-username`, `invalid-username` or `wrong-audience`; `expiresAt` and
 * `isVolatile` are kept.
 */
export function mapped(
  provider: Authenticator<Claims>,
  mapping: Mapping,
  context: MappedContext,
): Authenticator<Decision> {
  return {
    authenticate: async (review, signal) => {
      const verdict = await provider.authenticate(review, signal);
      if (verdict.kind !== 'authenticated') return verdict;
      const decision = decide(verdict.value, verdict.expiresAt, { review, mapping, context });
      return decision.kind === 'authenticated' && verdict.isVolatile ? { ...decision, isVolatile: true } : decision;
    },
  };
}

interface Place {
  readonly review: Review;
  readonly mapping: Mapping;
  readonly context: MappedContext;
}

function decide(claims: Claims, expiresAt: number | undefined, place: Place): Verdict<Decision> {
  const { review, mapping, context } = place;
  const story: Story = { provider: context.name, trace: review.trace };
  story.trace?.({ step: 'claims', provider: context.name, claims });
  const user = mapIdentity(mapping, claims.attributes, story);
  const identity = user.ok ? enforced(user.value, place, story) : user;
  if (!identity.ok) return asRejected(identity);
  const rule = intersectAudiences(review.audiences, claims.audiences, review.endpoint.audiences);
  if (rule.kind === 'none') return rejected('wrong-audience');
  const signed = { ...identity.value, extra: { ...identity.value.extra, ...brokerExtra(review, context) } };
  const decision = rule.kind === 'named' ? { identity: signed, audiences: rule.audiences } : { identity: signed };
  return authenticated(decision, expiresAt);
}

function asRejected({ reason, detail }: Extract<Outcome<never>, { ok: false }>): Rejected {
  return rejected(reason, detail);
}

/** The rules that hold whatever the mapping says, on the final strings. */
function enforced(user: Identity, { mapping, context }: Place, story: Story): Outcome<Identity> {
  const result = enforceIdentity(user, context.reserved);
  if (!result.ok) {
    if (result.reason === 'reserved-username') context.onReservedDropped('username', 1);
    return { ok: false, reason: result.reason, detail: `username: ${sourceText(mapping.username)}` };
  }
  const reserved = result.dropped.filter(({ why }) => why === 'reserved').length;
  if (reserved > 0) context.onReservedDropped('group', reserved);
  for (const dropped of result.dropped) tellDropped(dropped, story);
  return { ok: true, value: result.identity };
}

function tellDropped({ group, why }: DroppedGroup, { provider, trace }: Story): void {
  trace?.({ step: 'dropped', provider, group, why });
}

function brokerExtra(review: Review, { name }: MappedContext): Identity['extra'] {
  return { [CREDENTIAL_ID_KEY]: [`BROKER=${review.fingerprint}`], [PROVIDER_KEY]: [name] };
}
