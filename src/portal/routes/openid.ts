// The paths of the broker as OpenID provider: those of the library, its keys, and the page on which a person answers a client.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Headers } from '../../http/answer.ts';
import { readForm } from '../../http/body.ts';
import { policyWith, sendHtml, sendJson, sendRedirect } from '../answer.ts';
import type { Button } from '../buttons.ts';
import { peerAddress } from '../header-identity.ts';
import { keptAttempt, newAttempt } from '../oidc-attempt.ts';
import type { Interaction, OpenidServer } from '../openid/server.ts';
import { page } from '../page/frame.ts';
import { faultContent, type InteractionView, interactionContent } from '../page/openid.ts';
import type { Notice } from '../page/sign-in.ts';
import { identityOf, type Portal, tellInvalid } from '../portal.ts';
import { type Arrived, headerArrival, passwordArrival, type TurnedAway, unavailable } from '../sign-in.ts';
import { noticeOf } from './page.ts';

type Exchange = readonly [portal: Portal, request: IncomingMessage, response: ServerResponse];

/** `GET /jwks`: the public half of every key but the shared secrets. */
export function getJwks({ issuer }: Portal, _request: IncomingMessage, response: ServerResponse): void {
  sendJson(response, 200, { keys: issuer.settings.keys.map(({ jwk }) => jwk).filter((jwk) => jwk !== undefined) });
}

/** `POST /auth` (OpenID Connect Core §3.1.2.1): the same as a GET with what is in the form. */
export async function postAuthorization(...[{ settings }, request, response]: Exchange): Promise<void> {
  const form = await readForm(request);
  const to = new URL('auth', settings.publicURL);
  for (const [name, value] of Object.entries(form.ok ? form.fields : {})) {
    if (typeof value === 'string') to.searchParams.set(name, value);
  }
  sendRedirect(response, to);
}

/** More wrong codes than anybody types by mistake. */
const MOST_WRONG_CODES = 20;

/** `POST /device`: as the library answers it, until one address has tried too many codes. */
export async function postDevice(openid: OpenidServer, ...[portal, request, response]: Exchange): Promise<void> {
  if (portal.openidState.wrongCodes(peerAddress(request)) < MOST_WRONG_CODES) return openid.handle(request, response);
  request.resume();
  const content = faultContent('Too many wrong codes', 'Try again in a quarter of an hour.');
  sendHtml(response, 429, framed(portal, content, './'));
}

export async function getInteraction(openid: OpenidServer, ...exchange: Exchange): Promise<void> {
  const [, request, response] = exchange;
  const asked = await openid.interaction(request, response);
  if (asked === undefined) return showOver(exchange);
  showInteraction(exchange, asked, 200, {});
}

/** Goes on with the sign-in of the person; else the page again with the reason: 401, 403 or 503. */
export async function postInteraction(openid: OpenidServer, ...exchange: Exchange): Promise<void> {
  const [portal, request, response] = exchange;
  const form = await readForm(request);
  const asked = await openid.interaction(request, response);
  if (asked === undefined) return showOver(exchange);
  if (!form.ok)
    return showInteraction(exchange, asked, form.status, {
      notice: { words: 'The form could not be read. Try again.' },
    });
  const { username, password, abort } = form.fields;
  if (abort === 'yes') return goOn(exchange, await openid.refuse(asked.uid));
  const { passwordEndpoint: endpoint } = portal.settings;
  const arrival =
    typeof username === 'string' && typeof password === 'string' && endpoint !== undefined
      ? await passwordArrival({ username, password, endpoint, address: peerAddress(request) }, portal)
      : await proxyArrival(exchange);
  if (typeof arrival === 'number') {
    return showInteraction(exchange, asked, arrival, { notice: { words: 'It cannot be told who you are.' } });
  }
  if (arrival.kind === 'arrived') return goOn(exchange, await openid.finish(asked.uid, arrival));
  const typed = typeof username === 'string' ? { username } : {};
  showInteraction(exchange, asked, arrival.kind === 'refused' ? 401 : 503, { ...typed, notice: noticeOf(arrival) });
}

async function proxyArrival([portal, request]: Exchange): Promise<Arrived | TurnedAway | number> {
  const user = identityOf(portal, request);
  if (user.kind === 'identity') return headerArrival(user, portal);
  tellInvalid(portal, 'header', user.reason);
  return user.status;
}

/** `GET /interaction/<uid>/sign-in/<slug>`: the way to an OpenID provider, and back to this request. */
export async function getInteractionSignIn(openid: OpenidServer, button: Button, ...exchange: Exchange): Promise<void> {
  const [portal, request, response] = exchange;
  const asked = await openid.interaction(request, response);
  if (asked === undefined) return showOver(exchange);
  const { settings, flow } = button;
  const attempt = newAttempt(portal.issuer.settings.lifetime.defaultMs, portal, asked.uid);
  const begun = await flow.begin(attempt, settings.redirectURL);
  if (begun.kind === 'at') return sendRedirect(response, begun.url, keptAttempt(attempt, settings.slug, portal));
  const { id } = unavailable(
    { id: portal.newId(), method: 'oidc', reason: begun.reason, detail: begun.detail },
    portal,
  );
  const words = `${settings.name} cannot be reached right now. Try again in a moment.`;
  sendHtml(response, 503, framed(portal, faultContent('Not now', words, id), '../../../'));
}

export function goOn(exchange: Exchange, to: URL | undefined, headers: Headers = {}): void {
  if (to === undefined) showOver(exchange);
  else sendRedirect(exchange[2], to, headers);
}

function showOver([portal, request, response]: Exchange): void {
  request.resume();
  const content = faultContent('This sign-in is over', 'Start again from the program that sent you here.');
  sendHtml(response, 400, framed(portal, content, '../'));
}

function showInteraction(
  [portal, request, response]: Exchange,
  asked: Interaction,
  status: number,
  shown: { readonly username?: string; readonly notice?: Notice },
): void {
  const user = identityOf(portal, request);
  const view: InteractionView = {
    ...shown,
    uid: asked.uid,
    asking: { client: asked.client, returnsTo: asked.returnsTo },
    entry:
      user.kind === 'identity'
        ? { kind: 'known', username: user.holder.username }
        : { kind: portal.settings.passwordEndpoint === undefined ? 'closed' : 'password' },
    buttons: portal.buttons.map(({ settings }) => settings),
  };
  sendHtml(response, status, framed(portal, interactionContent(view), '../'), policyWith(asked.returnsTo));
}

function framed(
  { settings }: Portal,
  content: Parameters<typeof page>[0]['content'],
  root: '../' | './' | '../../../',
) {
  return page({ title: 'Sign in', host: settings.publicURL.host, root, content });
}
