// The broker as OpenID provider, by oidc-provider: what it is told, and where its answers become those of the broker.

import { generateKeyPairSync } from 'node:crypto';
import { type Context, errors, interactionPolicy, Provider, type Source } from 'oidc-provider';
import type { Algorithm, OpenidClient, OpenidSettings } from '../../issuer/settings.ts';
import type { Portal } from '../portal.ts';
import { tokenFor } from '../sign-in.ts';
import { adapterOver } from './adapter.ts';
import { deviceViews, errorView } from './device-pages.ts';
import { type People, peopleIn, reviewedAnew, type Standing, stillStanding } from './people.ts';
import { digestOf } from './server.ts';
import type { OpenidState } from './state.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** `POST /token` is the portal's own. */
export const PATHS = {
  authorization: '/auth',
  token: '/openid/token',
  revocation: '/openid/revoke',
  device_authorization: '/device/auth',
  code_verification: '/device',
  jwks: '/jwks',
} as const;

const MINUTE_S = 60;
const DEVICE_CODE_S = 15 * MINUTE_S;
const INTERACTION_S = 15 * MINUTE_S;
const CODE_S = MINUTE_S;

export interface OpenidProvider {
  readonly provider: Provider;
  readonly people: People;
}

export function openidProvider(portal: Portal, settings: OpenidSettings, state: OpenidState): OpenidProvider {
  const people = peopleIn(state);
  const algorithm = portal.issuer.settings.keys[0]?.algorithm ?? 'ES256';
  const minted = new WeakMap<object, string>();
  const provider = new Provider(portal.issuer.settings.name, {
    adapter: adapterOver(state, portal, people),
    clients: settings.clients.map((client) => clientOf(client, algorithm)),
    jwks: { keys: [throwawayKey(algorithm)] },
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    cookies: cookiesOf(portal),
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'groups', 'uid'] },
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    pkce: { required: () => true },
    routes: PATHS,
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    rotateRefreshToken: true,
    issueRefreshToken: async (_: Context, __: unknown, source: Source) =>
      source.scopes.has('offline_access') && people.of(source.grantId)?.again !== undefined,
    ttl: endsOf(portal, settings),
    features: featuresOf(portal),
    interactions: {
      policy: alwaysAsking(),
      url: (_: Context, { uid }: WithUid) => new URL(`interaction/${uid}`, portal.settings.publicURL).pathname,
    },
    renderError: errorView(portal),
    findAccount: accountFinder({ portal, people, minted, refreshMs: settings.refreshMs }),
  });
  provider.proxy = true;
  provider.silent = true;
  provider.on('server_error', (_, error) => portal.failed(error));
  provider.use(async (context, next) => {
    await next();
    putOwnToken(context, minted.get(context.req));
    slowDown(context, state);
  });
  return { provider, people };
}

function endsOf({ issuer }: Portal, { refreshMs }: OpenidSettings): object {
  const [lifetimeS, refreshS] = [issuer.settings.lifetime.defaultMs / 1000, Math.floor(refreshMs / 1000)];
  return {
    AccessToken: lifetimeS,
    AuthorizationCode: CODE_S,
    DeviceCode: DEVICE_CODE_S,
    IdToken: lifetimeS,
    Interaction: INTERACTION_S,
    Session: INTERACTION_S,
    Grant: refreshS + DEVICE_CODE_S,
    // The next one of a family ends when the first one would have.
    RefreshToken: ({ oidc }: Context) => Math.max(1, oidc.entities.RotatedRefreshToken?.remainingTTL ?? refreshS),
  };
}

function featuresOf(portal: Portal): object {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    revocation: { enabled: true, allowedPolicy: isOwn },
    deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', ...deviceViews(portal) },
  };
}

interface WithUid {
  readonly uid: string;
}

interface WithClient {
  readonly clientId: string;
}

/** RFC 7009 §2.1: a client ends what was given to it. */
const isOwn = (_: Context, client: WithClient, token: WithClient): boolean => client.clientId === token.clientId;

/** The library signs a token of its own with a key that is published nowhere; what the client gets is the broker's. */
function putOwnToken(context: Context, token: string | undefined): void {
  const { body } = context;
  if (token === undefined || context.status !== 200 || typeof body !== 'object' || body === null) return;
  if ('id_token' in body) context.body = { ...body, id_token: token };
}

/** RFC 8628 §3.2: less than the five seconds that a client waits when it is not told. */
const POLL_MS = 4000;

/** RFC 8628 §3.5, which the library leaves out. */
function slowDown(context: Context, state: OpenidState): void {
  const { body } = context;
  if (context.status !== 400 || typeof body !== 'object' || body === null) return;
  if (!('error' in body) || body.error !== 'authorization_pending') return;
  const { device_code: code = '' } = context.oidc.params;
  if (state.isTooSoon(digestOf(code), POLL_MS)) context.body = { ...body, error: 'slow_down' };
}

function throwawayKey(algorithm: Algorithm): object {
  const { privateKey } =
    algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'unpublished', alg: algorithm, use: 'sig' };
}

function clientOf({ id, redirectURIs }: OpenidClient, algorithm: Algorithm): object {
  return {
    client_id: id,
    application_type: 'native',
    redirect_uris: redirectURIs,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    response_types: ['code'],
    id_token_signed_response_alg: algorithm,
  };
}

function cookiesOf({ settings, issuer }: Portal): object {
  const secure = settings.publicURL.protocol === 'https:';
  const prefix = secure ? '__Secure-' : '';
  const common = { httpOnly: true, sameSite: 'lax', secure, signed: true };
  return {
    keys: issuer.settings.keys.flatMap(({ sealing }) => sealing?.reveal() ?? []),
    names: { session: `${prefix}kab-openid`, interaction: `${prefix}kab-interaction`, resume: `${prefix}kab-resume` },
    long: common,
    short: common,
  };
}

/** Nobody is signed in by having been here before: each request is answered by a person who has just signed in for it. */
function alwaysAsking(): object {
  const { Check } = interactionPolicy;
  const policy = interactionPolicy.base();
  const asked = ({ oidc }: Context): boolean =>
    oidc.result?.['login'] === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
  policy.get('login').checks.add(new Check('every_request', 'every request asks the person', asked));
  return policy;
}

interface Finding {
  readonly portal: Portal;
  readonly people: People;
  /** The ID token of each request that is being answered. */
  readonly minted: WeakMap<object, string>;
  readonly refreshMs: number;
}

/** The library asks for the account before it spends a refresh token: so an outage, told here, spends nothing. */
function accountFinder({ portal, people, minted, refreshMs }: Finding) {
  return async (context: Context, accountId: string, source?: Source): Promise<object | undefined> => {
    const account = { accountId, claims: () => ({ sub: accountId }) };
    const { kind, grantId, consumed } = source ?? {};
    const isRedeemed = context.oidc.route === 'token' && kind !== 'AccessToken';
    if (source === undefined || grantId === undefined || !isRedeemed) return account;
    if (kind === 'RefreshToken' && consumed !== undefined) return account;
    const person = people.of(grantId);
    if (person === undefined) return undefined;
    const keep = (next: typeof person): void => people.remember(grantId, next, refreshMs);
    const standing = await (kind === 'RefreshToken'
      ? reviewedAnew(person, portal, keep)
      : stillStanding(person, portal));
    const token = await mintedFor(standing, source, { context, portal, keep });
    if (token === undefined) return undefined;
    minted.set(context.req, token);
    return account;
  };
}

interface Minting {
  readonly context: Context;
  readonly portal: Portal;
  readonly keep: (person: Extract<Standing, { readonly kind: 'stands' }>['person']) => void;
}

/** Undefined for a person who is gone; throws what the library answers with while nobody can tell. */
async function mintedFor(
  standing: Standing,
  source: Source,
  { context, portal, keep }: Minting,
): Promise<string | undefined> {
  const method = 'openid';
  if (standing.kind !== 'stands') {
    const { id, reason, kind } = standing;
    portal.observer.asked({ id, method, reason, result: kind === 'gone' ? 'refused' : 'unavailable' });
    if (kind === 'gone') return undefined;
    throw outage();
  }
  const { id, person, moment } = standing;
  const asked = { clientID: context.oidc.client.clientId, nonce: source.nonce, authTimeMs: person.signedInAtMs };
  const arrived = { ...person, kind: 'arrived', id, method, moment } as const;
  const issued = await tokenFor(arrived, portal.issuer.settings.lifetime.defaultMs, portal, asked);
  if (issued.kind !== 'issued') throw outage();
  keep({ ...person, tokenIds: [...person.tokenIds, issued.minted.id].slice(-MOST_TOKENS) });
  return issued.minted.token;
}

/** What a family has of tokens that are still good: as many as are refreshed within the longest lifetime, within reason. */
const MOST_TOKENS = 200;

function outage(): Error {
  const error = new errors.TemporarilyUnavailable('nobody could tell; try again later');
  return Object.assign(error, { status: 503, statusCode: 503 });
}
