// The broker as OpenID provider at the portal: loaded once somebody asks, handed each request as the portal sees it.

import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { OpenidSettings } from '../../issuer/settings.ts';
import { peerAddress } from '../header-identity.ts';
import type { Portal } from '../portal.ts';
import type { Arrived } from '../sign-in.ts';
import { personFrom } from './people.ts';
import type { OpenidProvider } from './provider.ts';

/** What a client has asked, and a person is to answer. */
export interface Interaction {
  readonly uid: string;
  readonly client: string;
  /** The origin to which the answer goes; absent: the client waits elsewhere (device flow). */
  readonly returnsTo?: string;
}

export interface OpenidServer {
  /** Answers a request to one of the library's own paths. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** What this browser was sent here for; undefined when that is over, or was another browser. */
  readonly interaction: (request: IncomingMessage, response: ServerResponse) => Promise<Interaction | undefined>;
  /** Where the browser goes on with the answer of this person; undefined when the request is over. */
  readonly finish: (uid: string, arrived: Arrived) => Promise<URL | undefined>;
  /** The same for a person who said no. */
  readonly refuse: (uid: string) => Promise<URL | undefined>;
}

export function openidServer(portal: Portal, settings: OpenidSettings): OpenidServer {
  let loading: Promise<OpenidProvider & { readonly callback: RequestListener }> | undefined;
  const load = () => (loading ??= loaded(portal, settings));
  const end = async (uid: string, result: object): Promise<URL | undefined> => {
    const { provider } = await load();
    const found = await provider.Interaction.find(uid);
    if (found === undefined) return undefined;
    found.result = result;
    await found.save(Math.max(1, found.exp - Math.floor(Date.now() / 1000)));
    return new URL(found.returnTo);
  };
  return {
    handle: async (request, response) => {
      const { callback } = await load();
      callback(asThePublicSeesIt(request, portal), response);
    },
    interaction: async (request, response) =>
      interactionOf((await load()).provider, asThePublicSeesIt(request, portal), response),
    finish: async (uid, arrived) => {
      const { provider, people } = await load();
      const found = await provider.Interaction.find(uid);
      if (found === undefined) return undefined;
      const accountId = arrived.holder.username;
      const grant = new provider.Grant({ accountId, clientId: found.params['client_id'] ?? '' });
      grant.addOIDCScope(found.params['scope'] ?? 'openid');
      const grantId = await grant.save();
      people.remember(grantId, personFrom(arrived), settings.refreshMs + GRANT_GRACE_MS);
      return end(uid, { login: { accountId }, consent: { grantId } });
    },
    refuse: (uid) => end(uid, { error: 'access_denied', error_description: 'the person said no' }),
  };
}

async function interactionOf(
  provider: OpenidProvider['provider'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Interaction | undefined> {
  try {
    const { uid, params, deviceCode } = await provider.interactionDetails(request, response);
    const returnsTo = deviceCode === undefined ? URL.parse(params['redirect_uri'] ?? '')?.origin : undefined;
    return { uid, client: params['client_id'] ?? '', ...(returnsTo !== undefined && { returnsTo }) };
  } catch {
    // The cookie of another browser, or none, or too late: all the same to who asks.
    return undefined;
  }
}

/** A code is redeemed after the sign-in. */
const GRANT_GRACE_MS = 15 * 60_000;

/** Only a portal that is asked as an OpenID provider loads the library. */
async function loaded(portal: Portal, settings: OpenidSettings) {
  const { openidProvider } = await import('./provider.ts');
  const opened = openidProvider(portal, settings, portal.openidState);
  return { ...opened, callback: opened.provider.callback() };
}

/** The library makes addresses of these headers, whatever a client wrote into them; and it is told what the client asked for. */
function asThePublicSeesIt(request: IncomingMessage, { settings: { publicURL } }: Portal): IncomingMessage {
  request.headers['x-forwarded-proto'] = publicURL.protocol.replace(':', '');
  request.headers['x-forwarded-host'] = publicURL.host;
  request.headers['x-forwarded-for'] = peerAddress(request);
  const url = new URL(request.url ?? '/', publicURL);
  if (url.pathname === '/auth') consentIn(url.searchParams);
  if (url.pathname === '/device' && url.searchParams.has('user_code')) {
    // The page shows it for comparison; by itself it does nothing.
    url.searchParams.set('code', url.searchParams.get('user_code') ?? '');
    url.searchParams.delete('user_code');
  }
  request.url = url.pathname + url.search;
  return request;
}

/** The library drops `offline_access` without it, and the person is asked in any case. */
function consentIn(params: URLSearchParams): void {
  const prompts = new Set((params.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== ''));
  if (params.getAll('prompt').length > 1 || prompts.has('none')) return;
  params.set('prompt', [...prompts.add('consent')].join(' '));
}

/** Codes are secrets; what is remembered of one is a digest. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
