// The process that is the OpenID provider of the live tests: oidc-provider over HTTPS, with a grant that needs no browser.
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type Context, Provider, type Token } from 'oidc-provider';
import { ACCOUNTS, CLIENTS, type OpenidProviderConfig, PASSWORD_GRANT, RESOURCES } from './openid-provider-data.ts';

const config: OpenidProviderConfig = JSON.parse(process.env['OPENID_PROVIDER_CONFIG'] ?? '{}');
const issuer = `https://127.0.0.1:${config.port}`;

function client(values: { readonly id: string; readonly secret?: string; readonly method: string }): object {
  return {
    client_id: values.id,
    ...(values.secret === undefined ? { jwks: { keys: [config.clientKey] } } : { client_secret: values.secret }),
    token_endpoint_auth_method: values.method,
    grant_types: [PASSWORD_GRANT],
    response_types: [],
    redirect_uris: [],
  };
}

function signingKey(): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'itest', alg: 'ES256', use: 'sig' };
}

function claimsOf(username: string): Readonly<Record<string, unknown>> {
  return { username, groups: ACCOUNTS[username]?.groups ?? [] };
}

function isResource(name: string | undefined): name is keyof typeof RESOURCES {
  return name !== undefined && Object.hasOwn(RESOURCES, name);
}

const provider = new Provider(issuer, {
  clients: Object.values(CLIENTS).map(client),
  clientAuthMethods: Object.values(CLIENTS).map(({ method }) => method),
  enabledJWA: { clientAuthSigningAlgValues: ['ES256'], idTokenSigningAlgValues: ['ES256'] },
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  jwks: { keys: [signingKey()] },
  cookies: { keys: ['itest'] },
  claims: { openid: ['sub', 'email', 'username', 'groups'] },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    userinfo: { enabled: true },
    resourceIndicators: { enabled: true },
  },
  ttl: { AccessToken: (_: Context, token: Token) => token.resourceServer?.accessTokenTTL ?? 3600 },
  extraTokenClaims: (_: Context, token: Token) => claimsOf(token.accountId),
  findAccount: (_: Context, sub: string) => ({
    accountId: sub,
    claims: () => ({ sub, email: ACCOUNTS[sub]?.email, ...claimsOf(sub) }),
  }),
});

/** Saves a grant first: introspection calls a token without one inactive. */
async function passwordGrant(context: Context): Promise<void> {
  const { client: oidcClient, params } = context.oidc;
  const { username = '', password, resource, kind } = params;
  if (!Object.hasOwn(ACCOUNTS, username) || ACCOUNTS[username]?.password !== password) {
    context.status = 400;
    context.body = { error: 'invalid_grant' };
    return;
  }
  const scope = isResource(resource) ? 'read' : 'openid';
  const grant = new provider.Grant({ accountId: username, clientId: oidcClient.clientId });
  grant.addOIDCScope('openid');
  if (isResource(resource)) grant.addResourceScope(resource, scope);
  const Kind = kind === 'refresh' ? provider.RefreshToken : provider.AccessToken;
  const token = new Kind({
    accountId: username,
    client: oidcClient,
    grantId: await grant.save(),
    gty: PASSWORD_GRANT,
    scope,
  });
  if (isResource(resource) && kind !== 'refresh') {
    token.resourceServer = new provider.ResourceServer(resource, { scope, audience: resource, ...RESOURCES[resource] });
  }
  context.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: token.expiration };
}

provider.registerGrantType(PASSWORD_GRANT, passwordGrant, ['username', 'password', 'resource', 'kind']);

createServer({ cert: readFileSync(config.certFile), key: readFileSync(config.keyFile) }, provider.callback()).listen(
  config.port,
  '127.0.0.1',
);
