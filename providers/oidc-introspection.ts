// Asks an OpenID provider or OAuth authorization server about bearer tokens (RFC 7662).

import type { Review } from '../src/core/authenticator.ts';
import type { Claims } from '../src/core/claims.ts';
import type { BearerCredential } from '../src/core/credential.ts';
import { type Provider, type ProviderSeams } from '../src/core/provider.ts';
import { abstained, authenticated, unavailable, type Verdict } from '../src/core/verdict.ts';
import { defineProvider } from '../src/settings/provider-module.ts';
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
import { claimsOf, subjectOf } from './oidc-introspection/subject.ts';
import { tokenState } from './oidc-introspection/token-state.ts';

export const oidcIntrospection = defineProvider({
  type: 'oidc-introspection',
  accepts: ['bearer'],
  options: introspectionOptions,
  warnings: introspectionWarnings,
  open,
});

function open(options: IntrospectionOptions, seams: ProviderSeams): Provider {
  const http = createHttpClient(options.tls === undefined ? {} : { tls: options.tls });
  const server = authorizationServer(options, http, seams);
  let isClosed = false;
  return {
    authenticate: async ({ credential }: Review, signal: AbortSignal) => {
      if (credential.kind !== 'bearer') return abstained('wrong-kind');
      if (isForeign(credential, options)) return abstained('foreign-issuer');
      if (isClosed) return unavailable('stopping');
      const endpoints = await server.endpoints.current(signal);
      if ('failure' in endpoints) return endpoints.failure;
      return await ask(endpoints.value, credential, { server, options, seams, signal });
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

interface Asking {
  readonly server: AuthorizationServer;
  readonly options: IntrospectionOptions;
  readonly seams: ProviderSeams;
  readonly signal: AbortSignal;
}

/** One introspection, and one userinfo request when configured and the token speaks for a person. */
async function ask(
  endpoints: Endpoints,
  credential: BearerCredential,
  { server, options, seams, signal }: Asking,
): Promise<Verdict<Claims>> {
  const answer = await server.introspect(endpoints.introspection, credential.token, signal);
  if (answer.kind !== 'said') return answer;
  const state = tokenState(answer.json, credential, options, seams.clock.now());
  if (state.kind !== 'active') return state;
  const subject = subjectOf(answer.json);
  if (subject.kind !== 'subject') return subject;
  const { audiences, expiresAt } = state;
  if (endpoints.userinfo === undefined || subject.of === 'client') {
    return authenticated(claimsOf(subject, answer.json, undefined, audiences), expiresAt);
  }
  const userinfo = await server.userinfo(endpoints.userinfo, credential.token, signal);
  if (userinfo.kind !== 'said') return userinfo;
  if (userinfo.json['sub'] !== subject.id) return unavailable('malformed-answer', 'userinfo speaks of another sub');
  return authenticated(claimsOf(subject, answer.json, userinfo.json, audiences), expiresAt);
}
