// Claims verdict → identity verdict: an upstream's statement becomes a Kubernetes user, or none.

import { intersectAudiences } from '../core/audience.ts';
import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Claims } from '../core/claims.ts';
import type { Credential } from '../core/credential.ts';
import {
  type Decision,
  type DroppedGroup,
  enforceIdentity,
  type Identity,
  type IdentityRules,
} from '../core/identity.ts';
import { authenticated, rejected, type Verdict } from '../core/verdict.ts';
import { isText } from '../text/json.ts';
import { failed, type Mapped, ok, type Trace } from './mapping/fields.ts';
import { CREDENTIAL_ID_KEY, mapIdentity } from './mapping/identity.ts';
import { type Mapping, sourceText } from './mapping/mapping.ts';

/** Extra that the broker itself adds, beside the credential-id; a mapping cannot set it. */
export const PROVIDER_KEY = 'kube-auth-broker/provider';
/** What the broker's own credential-id begins with; a keyed fingerprint follows. */
export const BROKER_ID = 'BROKER=';

/** What a mapping knows of its provider. */
export interface MappedContext {
  /** The provider's configured name. */
  readonly name: string;
  readonly mapping: Mapping;
  readonly rules: IdentityRules;
  /** Names a credential for good, wherever and for whatever audience it is presented. */
  readonly credentialId: (credential: Credential) => string;
  /** Told of a reserved username that was kept out. */
  readonly onReservedUsername: () => void;
  /** Told of the groups of one user that were left out, for one of the causes. */
  readonly onGroupsDropped: (review: Review, why: DroppedGroup['why'], groups: readonly DroppedGroup[]) => void;
}

/**
 * Maps what `provider` authenticated and passes every other verdict through. Rejects with `mapping-failed`,
 * `claim-validation`, `user-validation`, `reserved-username`, `invalid-username`, `invalid-identity`, `too-many-groups` or
 * `wrong-audience`; everything else about an authenticated verdict is kept.
 */
export function mapped(provider: Authenticator<Claims>, context: MappedContext): Authenticator<Decision> {
  return {
    authenticate: async (review, signal) => {
      const verdict = await provider.authenticate(review, signal);
      if (verdict.kind !== 'authenticated') return verdict;
      const decision = decide(verdict.value, review, context);
      return decision.kind === 'authenticated' ? { ...verdict, value: decision.value } : decision;
    },
  };
}

function decide(claims: Claims, review: Review, context: MappedContext): Verdict<Decision> {
  const trace: Trace = { provider: context.name, write: review.trace };
  trace.write?.({ step: 'claims', provider: context.name, claims });
  const tokenIds = tokenIdsOf(claims, review);
  const user = mapIdentity(context.mapping, claims.attributes, tokenIds, trace);
  const known = claims.droppedGroups ?? [];
  const identity = user.ok ? enforced(user.value, known, { review, context, trace }) : user;
  if (!identity.ok) return rejected(identity.reason, identity.detail);
  const rule = intersectAudiences(review.audiences, claims.audiences, review.endpoint.audiences);
  if (rule.kind === 'none') return rejected('wrong-audience');
  const own = withBrokerExtra(identity.value, tokenIds, review, context);
  return authenticated(rule.kind === 'named' ? { identity: own, audiences: rule.audiences } : { identity: own });
}

/** `JTI=<jti>` of a token that has one, as kube-apiserver names it (k8s.io/apiserver pkg/authentication/serviceaccount). */
function tokenIdsOf({ attributes: { jti } }: Claims, { credential }: Review): readonly string[] {
  return credential.kind === 'bearer' && isText(jti) ? [`JTI=${jti}`] : [];
}

interface Enforcement {
  readonly review: Review;
  readonly context: MappedContext;
  readonly trace: Trace;
}

/** The rules that hold whatever the mapping says, on the final strings. */
function enforced(
  user: Identity,
  known: readonly DroppedGroup[],
  { review, context, trace }: Enforcement,
): Mapped<Identity> {
  const result = enforceIdentity(user, context.rules);
  if (!result.ok) {
    if (result.reason === 'reserved-username') context.onReservedUsername();
    const source = result.detail === 'username' ? `: ${sourceText(context.mapping.username)}` : '';
    return failed(result.detail + source, result.reason);
  }
  const dropped = [...known, ...result.dropped];
  for (const { group, why, detail } of dropped) {
    trace.write?.({ step: 'dropped', provider: trace.provider, group, why: detail ?? why });
  }
  const byCause = Map.groupBy(dropped, ({ why }) => why);
  for (const [why, groups] of byCause) context.onGroupsDropped(review, why, groups);
  return ok(result.identity);
}

function withBrokerExtra(
  identity: Identity,
  tokenIds: readonly string[],
  { credential }: Review,
  { name, credentialId }: MappedContext,
): Identity {
  const ids = [BROKER_ID + credentialId(credential), ...tokenIds];
  return { ...identity, extra: { ...identity.extra, [PROVIDER_KEY]: [name], [CREDENTIAL_ID_KEY]: ids } };
}
