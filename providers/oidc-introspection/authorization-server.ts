// The authorization server: where its endpoints are, the two requests about a token, and what their statuses mean.

import { always, type Kept, type Loaded } from '../../src/async/kept.ts';
import type { ProviderSeams } from '../../src/core/provider.ts';
import type { Secret } from '../../src/core/secret.ts';
import { abstained, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import type { HttpClient } from '../../src/upstream/http/client.ts';
import { clientAuthentication, type ProveClient } from '../../src/upstream/oidc/client-authentication.ts';
import { credentialEndpoint, discover, ENDPOINT_TIMES, keptDiscovery } from '../../src/upstream/oidc/discovery.ts';
import {
  type AnswerRule,
  exchangeJson,
  jsonRule,
  oauthErrorOf,
  REPEAT_AFTER_MS,
  type Said,
} from '../../src/upstream/oidc/exchange.ts';
import { askUserinfo } from '../../src/upstream/oidc/userinfo.ts';
import type { IntrospectionOptions } from './options.ts';

export interface Endpoints {
  readonly introspection: URL;
  readonly userinfo?: URL;
}

export interface AuthorizationServer {
  /** Configured; or discovered when first needed, and kept. */
  readonly endpoints: Kept<Endpoints, Unavailable>;
  /** RFC 7662 §2.1. */
  introspect(at: URL, token: Secret, signal: AbortSignal): Promise<Said>;
  /** OpenID Connect Core §5.3. */
  userinfo(at: URL, token: Secret, signal: AbortSignal): Promise<Said>;
}

export function authorizationServer(
  options: IntrospectionOptions,
  http: HttpClient,
  seams: ProviderSeams,
): AuthorizationServer {
  const { issuer, introspectionEndpoint } = options;
  const prove = clientAuthentication(options, issuer ?? introspectionEndpoint?.href ?? '');
  const load = (signal: AbortSignal) => discoverEndpoints(http, options, signal);
  return {
    endpoints:
      introspectionEndpoint === undefined
        ? keptDiscovery({ what: 'the discovery document', load, times: ENDPOINT_TIMES }, seams)
        : always({ introspection: introspectionEndpoint }),
    introspect: (at, token, signal) => introspect({ http, prove }, at, token, signal),
    userinfo: (at, token, signal) => askUserinfo(http, at, token, signal),
  };
}

async function discoverEndpoints(
  http: HttpClient,
  { issuer = '', userinfo: isUserinfoAsked }: IntrospectionOptions,
  signal: AbortSignal,
): Promise<Loaded<Endpoints, Unavailable>> {
  const document = await discover(http, issuer, signal);
  if ('failure' in document) return document;
  const cure = 'set introspectionEndpoint if the server has one';
  const introspection = credentialEndpoint(document.value, 'introspection_endpoint', issuer, cure);
  if ('failure' in introspection) return introspection;
  if (isUserinfoAsked !== true) return { value: { introspection: introspection.value } };
  const userinfo = credentialEndpoint(document.value, 'userinfo_endpoint', issuer, 'turn userinfo off');
  if ('failure' in userinfo) return userinfo;
  return { value: { introspection: introspection.value, userinfo: userinfo.value } };
}

async function introspect(
  { http, prove }: { readonly http: HttpClient; readonly prove: ProveClient },
  url: URL,
  token: Secret,
  signal: AbortSignal,
): Promise<Said> {
  // A signed proof is good for one request: a server refuses the client that sends it twice (RFC 7523 section 3, jti).
  const anew = async () => {
    const form = new URLSearchParams({ token: token.reveal() });
    const headers = { ...(await prove(form)), 'content-type': 'application/x-www-form-urlencoded' };
    return { headers, body: form.toString() };
  };
  const request = { method: 'POST', url, ...(await anew()), repeatAfterMs: REPEAT_AFTER_MS, anew } as const;
  return exchangeJson(http, request, introspectionRule, signal);
}

/** RFC 7662 §2.2 and §2.3: a refusal always concerns the client that asks, never the token it asks about. */
const introspectionRule: AnswerRule = (answer, where) => {
  const { status } = answer;
  const error = status === 400 ? oauthErrorOf(answer) : undefined;
  if (status === 401 || status === 403 || error === 'invalid_client') {
    return unavailable('client-refused', `HTTP ${status} from ${where}`);
  }
  return error === 'unsupported_token_type' ? abstained('unsupported-token') : jsonRule(answer, where);
};
