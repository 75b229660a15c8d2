// oidc-provider inside the test process: opaque tokens, introspection and revocation by the real protocol.

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { type Context, Provider } from 'oidc-provider';
import { request } from 'undici';
import { listenOn } from '../../support/listening.ts';

export interface OpenidProvider {
  readonly issuer: string;
  /** An access token of a person, for {@link AUDIENCE}. */
  tokenOf(username: string): Promise<string>;
  /** A token of the client itself. */
  tokenOfClient(): Promise<string>;
  revoke(token: string): Promise<void>;
  close(): Promise<void>;
}

export const TOKEN_LIFETIME_MS = 600_000;
export const AUDIENCE = 'urn:kubernetes';
export const SECRET = 'a secret: with %+&= and 100%';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const edKey = generateKeyPairSync('ed25519').privateKey;
export const KEY_PEM = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
export const ED_KEY_PEM = edKey.export({ format: 'pem', type: 'pkcs8' }).toString();

const GRANT = 'urn:test:person';
const RESOURCE = {
  scope: 'read',
  audience: AUDIENCE,
  accessTokenFormat: 'opaque',
  accessTokenTTL: TOKEN_LIFETIME_MS / 1000,
} as const;
const BASE = { redirect_uris: [], response_types: [], grant_types: [GRANT, 'client_credentials'] };
const JWKS = { keys: [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] };
const ED_JWKS = { keys: [{ ...createPublicKey(edKey).export({ format: 'jwk' }), use: 'sig' }] };

/** The clients, by the method that each must use. */
const CLIENTS = [
  {
    client_id: 'client_secret_basic',
    client_secret: SECRET,
    token_endpoint_auth_method: 'client_secret_basic',
    ...BASE,
  },
  { client_id: 'client_secret_post', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post', ...BASE },
  { client_id: 'private_key_jwt', jwks: JWKS, token_endpoint_auth_method: 'private_key_jwt', ...BASE },
  { client_id: 'private_key_jwt of Ed25519', jwks: ED_JWKS, token_endpoint_auth_method: 'private_key_jwt', ...BASE },
];

/** Listens on loopback with plain http, which an issuer may use there. */
export async function startOpenidProvider(): Promise<OpenidProvider> {
  const late: { listener?: RequestListener } = {};
  const listening = await listenOn(createServer((...exchange) => late.listener?.(...exchange)));
  const issuer = `http://localhost:${listening.port}`;
  late.listener = providerOf(issuer).callback();
  const asBasic = `Basic ${btoa(`client_secret_basic:${encodeURIComponent(SECRET)}`)}`;
  const post = async (path: string, form: Readonly<Record<string, string>>): Promise<unknown> => {
    const headers = { authorization: asBasic, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(form).toString();
    const answer = await request(issuer + path, { method: 'POST', headers, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const token = async (form: Readonly<Record<string, string>>) => tokenIn(await post('/token', form));
  return {
    issuer,
    tokenOf: (username) => token({ grant_type: GRANT, username }),
    tokenOfClient: () => token({ grant_type: 'client_credentials', resource: AUDIENCE }),
    revoke: async (revoked) => void (await post('/token/revocation', { token: revoked })),
    close: () => listening.close(),
  };
}

function providerOf(issuer: string): Provider {
  const provider = new Provider(issuer, {
    clients: CLIENTS,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['ES256', 'EdDSA'], idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    cookies: { keys: ['test'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => RESOURCE },
    },
    scopes: ['read'],
    extraTokenClaims: (_: Context, token: { readonly accountId?: string }) =>
      token.accountId === undefined ? undefined : { username: token.accountId, groups: ['devs', 'eng'] },
    findAccount: (_: Context, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
  });
  provider.registerGrantType(GRANT, (context) => issue(provider, context), ['username']);
  return provider;
}

/** Saves a grant first: introspection calls a token without one inactive. */
async function issue(provider: Provider, context: Context): Promise<void> {
  const { client, params } = context.oidc;
  const accountId = params['username'] ?? '';
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addResourceScope(AUDIENCE, RESOURCE.scope);
  const grantId = await grant.save();
  const token = new provider.AccessToken({ accountId, client, grantId, gty: GRANT, scope: RESOURCE.scope });
  token.resourceServer = new provider.ResourceServer(AUDIENCE, RESOURCE);
  context.body = { access_token: await token.save(), token_type: 'Bearer' };
}

function tokenIn(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'access_token' in body) return String(body.access_token);
  throw new Error('the token endpoint gave no token');
}
