// Runs one review through a mapping that is written as in the configuration file.

import { mapped } from '../../../src/authn/mapped.ts';
import { defaultMapping, type Mapping } from '../../../src/authn/mapping/mapping.ts';
import type { Review, TraceStep } from '../../../src/core/authenticator.ts';
import { type Claims } from '../../../src/core/claims.ts';
import type { Decision, IdentityRules } from '../../../src/core/identity.ts';
import { Secret } from '../../../src/core/secret.ts';
import { authenticated, type Verdict } from '../../../src/core/verdict.ts';
import { mappingOf } from '../../../src/settings/mapping-schema.ts';
import { dataObject, type JsonValue } from '../../../src/text/json.ts';
import { entry } from '../../settings/mapping-entry.ts';

export interface Setup {
  /** What the upstream stated, or the whole verdict. */
  readonly claims: Claims | Verdict<Claims>;
  /** The mapping keys of the provider entry. */
  readonly entry?: object;
  readonly asked?: readonly string[];
  /** A bearer in place of the password. */
  readonly token?: string;
  readonly rules?: Partial<IdentityRules>;
  /** Audiences of the endpoint. */
  readonly endpoint?: readonly string[];
}

export interface Outcome {
  readonly verdict: Verdict<Decision>;
  readonly steps: readonly TraceStep[];
  readonly reserved: readonly (readonly [string, number])[];
  /** Review, cause and number of the groups that were left out for another cause. */
  readonly dropped: readonly (readonly [string, string, number])[];
}

export const mappingFrom = (given: object, name = 'corp'): Mapping =>
  mappingOf(entry.parse(given), defaultMapping(name));

export function claimsOf(attributes: Readonly<Record<string, JsonValue>>): Claims {
  const subject = 'subject-1';
  return { subject, attributes: dataObject([...Object.entries(attributes), ['subject', subject]]) };
}

export async function outcomeOf({
  claims,
  entry: given = {},
  asked = [],
  endpoint,
  rules,
  token,
}: Setup): Promise<Outcome> {
  const steps: TraceStep[] = [];
  const reserved: [string, number][] = [];
  const dropped: [string, string, number][] = [];
  const verdict: Verdict<Claims> = 'kind' in claims ? claims : authenticated(claims);
  const settings = entry.parse(given);
  const authenticator = mapped(
    { authenticate: async () => verdict },
    {
      name: 'corp',
      mapping: mappingOf(settings, defaultMapping('corp')),
      rules: { reserved: settings.reserved, maxGroups: 1000, groupsOverLimit: 'reject', ...rules },
      credentialId: () => 'fingerprint',
      onReservedUsername: () => reserved.push(['username', 1]),
      onGroupsDropped: ({ id }, why, { length: count }) => {
        if (why === 'reserved') reserved.push(['group', count]);
        else dropped.push([id, why, count]);
      },
    },
  );
  const review: Review = {
    id: 'review',
    endpoint: { path: '/authenticate', ...(endpoint && { audiences: endpoint }) },
    credential:
      token === undefined
        ? { kind: 'password', username: 'typed', password: new Secret('s3cret') }
        : { kind: 'bearer', form: 'opaque', token: new Secret(token) },
    audiences: asked,
    fingerprint: 'fingerprint',
    trace: (step) => steps.push(step),
  };
  return { verdict: await authenticator.authenticate(review, new AbortController().signal), steps, reserved, dropped };
}
