// Asks an OpenID provider or OAuth authorization server about bearer tokens (RFC 7662).

import type { Review } from '../src/core/authenticator.ts';
import type { Claims } from '../src/core/claims.ts';
import type { BearerCredential } from '../src/core/credential.ts';
import { type Provider, type ProviderSeams } from '../src/core/provider.ts';
import { abstained, authenticated, unavailable, type Verdict } from '../src/core/verdict.ts';
import { defineProvider } from '../src/settings/provider-module.ts';
import type { JsonObject } from '../src/text/json.ts';
import { createHttpClient } from '../src/upstream/http/client.ts';
import {
  type AuthorizationServer,
  authorizationServer,
  type Endpoints,
} from './oidc-introspection/authorization-server.ts';
import {
  type IntrospectionOptions,
  introspectionOptions,
  introspectionWarnings,
} from './oidc-introspection/options.ts';
import { probeServer } from './oidc-introspection/probe.ts';
import { claimsOf, confirmedSubject, subjectMissing, subjectOf } from './oidc-introspection/subject.ts';
import { tokenState } from './oidc-introspection/token-state.ts';

export const oidcIntrospection = defineProvider({
  type: 'oidc-introspection',
  accepts: ['bearer'],
  options: introspectionOptions,
  warnings: introspectionWarnings,
  issuers: ({ issuer }) => (issuer === undefined ? [] : [{ path: ['issuer'], name: issuer, isExclusive: false }]),
  open,
});

function open(options: IntrospectionOptions, seams: ProviderSeams): Provider {
  const http = createHttpClient(options.tls === undefined ? {} : { tls: options.tls });
  const server = authorizationServer(options, http, seams);
  let isClosed = false;
  return {
    authenticate: async (review: Review, signal: AbortSignal) => {
      const { credential } = review;
      if (credential.kind !== 'bearer') return abstained('wrong-kind');
      if (isForeign(credential, options)) return abstained('foreign-issuer');
      if (isClosed) return unavailable('stopping');
      const endpoints = await server.endpoints.current(signal);
      if ('failure' in endpoints) return endpoints.failure;
      return await ask(endpoints.value, { ...review, credential }, { server, options, seams, signal });
    },
    probe: (report, signal) => probeServer({ options, server, seams, report, signal }),
    close: async () => {
      isClosed = true;
      server.endpoints.close();
      await http.close();
    },
  };
}

/** The claim is unverified, which is enough: a token that lies about its issuer is asked about nowhere. */
function isForeign({ form, jwt }: BearerCredential, { issuer }: IntrospectionOptions): boolean {
  return form === 'jwt' && issuer !== undefined && jwt?.claims['iss'] !== issuer;
}

type BearerReview = Pick<Review, 'trace'> & { readonly credential: BearerCredential };

interface Asking {
  readonly server: AuthorizationServer;
  readonly options: IntrospectionOptions;
  readonly seams: ProviderSeams;
  readonly signal: AbortSignal;
}

/** One introspection, and one userinfo request when configured and the token speaks for a person. */
async function ask(endpoints: Endpoints, review: BearerReview, asking: Asking): Promise<Verdict<Claims>> {
  const answer = await asking.server.introspect(endpoints.introspection, review.credential.token, asking.signal);
  if (answer.kind !== 'said') return answer;
  const verdict = await judge(endpoints, answer.json, review, asking);
  if (verdict.kind !== 'authenticated') {
    // What was said explains a refusal best; an authenticated answer is shown where it is mapped.
    review.trace?.({ step: 'claims', provider: asking.seams.name, claims: claimsOf({}, answer.json) });
  }
  return verdict;
}

async function judge(
  endpoints: Endpoints,
  answer: JsonObject,
  { credential }: BearerReview,
  { server, options, seams, signal }: Asking,
): Promise<Verdict<Claims>> {
  const state = tokenState(answer, credential, options, seams.clock.now());
  if (state.kind !== 'active') return state;
  const { audiences, expiresAt } = state;
  const subject = subjectOf(answer);
  if (subject.kind === 'unavailable') return subject;
  if (endpoints.userinfo === undefined || subject.kind === 'client') {
    const missing = subjectMissing(subject, answer);
    return missing ?? authenticated(claimsOf(subject, answer, undefined, audiences), expiresAt);
  }
  const userinfo = await server.userinfo(endpoints.userinfo, credential.token, signal);
  if (userinfo.kind !== 'said') return userinfo;
  const confirmed = confirmedSubject(subject, userinfo.json);
  if (confirmed.kind === 'unavailable') return confirmed;
  return authenticated(claimsOf(confirmed, answer, userinfo.json, audiences), expiresAt);
}
