// Calls to one authorization server, as openid-client makes them: discovery, introspection and userinfo.

import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  fetchUserInfo,
  modifyAssertion,
  PrivateKeyJwt,
  tokenIntrospection,
} from 'openid-client';
import type { Secret } from '../../src/core/secret.ts';
import { rejected, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { discoveryRule, introspectionRule, userinfoRule } from './answers.ts';
import type { Exchange, Said } from './exchange.ts';
import type { ClientProof, IntrospectionOptions } from './options.ts';

/** An authorization server whose endpoints are known. */
export interface AuthorizationServer {
  readonly introspectionEndpoint: URL;
  readonly userinfoEndpoint?: URL;
  /** RFC 7662 §2.1. Said JSON has a boolean `active`. */
  introspect(token: Secret, signal: AbortSignal): Promise<Said>;
  /** OpenID Connect Core §5.3. Said JSON has this `sub`. */
  userinfo(token: Secret, subject: string, signal: AbortSignal): Promise<Said>;
}

/** The server at a configured endpoint; nothing is asked for it. */
export function configuredServer(
  options: IntrospectionOptions,
  endpoint: URL,
  exchange: Exchange,
): AuthorizationServer {
  const metadata = { issuer: options.issuer ?? endpoint.href, introspection_endpoint: endpoint.href };
  const configuration = new Configuration(metadata, options.clientID, {}, clientAuthOf(options.proof));
  return serverOf(configuration, exchange, endpoint);
}

/**
 * Reads the issuer's discovery document once. Unavailable when it cannot be had, names another issuer, or lacks an
 * endpoint that is needed or names one that a credential must not be sent to.
 */
export async function discoverServer(
  options: IntrospectionOptions,
  issuer: string,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<AuthorizationServer | Unavailable> {
  const found: Configuration[] = [];
  const said = await exchange.run(discoveryRule, signal, async () => {
    const settings = { [customFetch]: exchange.fetch, execute: [allowInsecureRequests] };
    found.push(await discovery(new URL(issuer), options.clientID, {}, clientAuthOf(options.proof), settings));
  });
  const [configuration] = found;
  if (said.kind === 'unavailable') return said;
  if (said.kind !== 'said' || configuration === undefined) return unavailable('internal', 'discovery gave no metadata');
  if (said.json['issuer'] !== issuer) {
    return unavailable('malformed-answer', `the discovery document of ${issuer} names another issuer`);
  }
  const introspection = endpointOf(said.json['introspection_endpoint'], 'introspection_endpoint', issuer);
  if (!(introspection instanceof URL)) return introspection;
  if (!options.userinfo) return serverOf(configuration, exchange, introspection);
  const userinfo = endpointOf(said.json['userinfo_endpoint'], 'userinfo_endpoint', issuer);
  return userinfo instanceof URL ? serverOf(configuration, exchange, introspection, userinfo) : userinfo;
}

function serverOf(
  configuration: Configuration,
  exchange: Exchange,
  introspectionEndpoint: URL,
  userinfoEndpoint?: URL,
): AuthorizationServer {
  configuration[customFetch] = exchange.fetch;
  // The deadline is the review's own.
  configuration.timeout = 0;
  // Every address was checked before: https, or http to a loopback host.
  allowInsecureRequests(configuration);
  return {
    introspectionEndpoint,
    ...(userinfoEndpoint === undefined ? {} : { userinfoEndpoint }),
    introspect: (token, signal) =>
      exchange.run(introspectionRule, signal, () => tokenIntrospection(configuration, token.reveal())),
    userinfo: async (token, subject, signal) =>
      IN_A_HEADER.test(token.reveal())
        ? await exchange.run(userinfoRule, signal, () => fetchUserInfo(configuration, token.reveal(), subject))
        : rejected('mapping-failed', 'the token has characters that no Authorization header carries to userinfo'),
  };
}

/** RFC 6750 §2.1 allows fewer still. */
const IN_A_HEADER = /^[\x21-\x7e]+$/;

function clientAuthOf(proof: ClientProof): ClientAuth {
  if (proof.method !== 'private_key_jwt') {
    const secretAuth = proof.method === 'client_secret_basic' ? ClientSecretBasic : ClientSecretPost;
    return secretAuth(proof.secret.reveal());
  }
  return PrivateKeyJwt(proof.key, { [modifyAssertion]: withOlderName });
}

/** Servers know Ed25519 keys by the older name of their algorithm (RFC 8037; RFC 9864 is of 2025). */
function withOlderName(header: Record<string, unknown>): void {
  if (header['alg'] === 'Ed25519') header['alg'] = 'EdDSA';
}

function endpointOf(address: unknown, name: string, issuer: string): URL | Unavailable {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url === null) {
    const cure = name === 'introspection_endpoint' ? '; set introspectionEndpoint if the server has one' : '';
    return unavailable('malformed-answer', `the discovery document of ${issuer} names no ${name}${cure}`);
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url;
  return unavailable('malformed-answer', `the ${name} of ${issuer} is not https: no credential is sent there`);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
