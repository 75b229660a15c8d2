// The page: GET asks who you are, POST answers with the token itself, so that nothing has to be kept in between.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Headers } from '../../http/answer.ts';
import { readForm } from '../../http/body.ts';
import { sendHtml } from '../answer.ts';
import { peerAddress } from '../header-identity.ts';
import { canLogIn, serverOf, userNames } from '../kubeconfig.ts';
import { page, type Root } from '../page/frame.ts';
import { type Offer, systemOf } from '../page/kubectl.ts';
import { type Entry, type Notice, type SignInView, signInContent } from '../page/sign-in.ts';
import { tokenContent } from '../page/token.ts';
import { identityOf, lifetimeOf, type Portal, queryOf, tellInvalid } from '../portal.ts';
import { headerArrival, passwordArrival, type SignIn, type TurnedAway, tokenFor } from '../sign-in.ts';

type Shown = Partial<Pick<SignInView, 'username' | 'lifetimeMs' | 'notice'>>;

/** One request for the page. */
export interface Visit {
  readonly portal: Portal;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The way from the address that was asked for to the page. */
  readonly root: Root;
  /** Of the answer, beside the common ones. */
  readonly headers?: Headers;
}

/** `?lifetime=8h` is what the buttons then ask for. */
export function getPage(portal: Portal, request: IncomingMessage, response: ServerResponse): void {
  const lifetime = lifetimeOf(portal, queryOf(request).get('lifetime'));
  showSignIn({ portal, request, response, root: './' }, 200, 'ms' in lifetime ? { lifetimeMs: lifetime.ms } : {});
}

/** The token's page; else the sign-in page again with the reason: 400, 401, 403, 413, 415 or 503. */
export async function postPage(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const visit: Visit = { portal, request, response, root: './' };
  const form = await readForm(request);
  if (!form.ok) {
    return showSignIn(visit, form.status, { notice: { words: 'The form could not be read. Try again.' } });
  }
  const { username, password, lifetime: asked } = form.fields;
  const lifetime = lifetimeOf(portal, asked);
  const typed = typeof username === 'string' ? { username } : {};
  if ('fault' in lifetime) {
    tellInvalid(portal, typed.username === undefined ? 'header' : 'password', 'lifetime');
    const notice = { words: `The ${lifetime.fault}.`, about: 'lifetime' } as const;
    return showSignIn(visit, 400, { ...typed, notice });
  }
  const { passwordEndpoint: endpoint } = portal.settings;
  const address = peerAddress(request);
  const signIn =
    typeof username === 'string' && typeof password === 'string' && endpoint !== undefined
      ? await tokenFor(await passwordArrival({ username, password, endpoint, address }, portal), lifetime.ms, portal)
      : await proxySignIn(visit, lifetime.ms);
  if (typeof signIn === 'number') {
    return showSignIn(visit, signIn, { notice: { words: 'It cannot be told who you are.' } });
  }
  if (signIn.kind === 'issued') return showToken(visit, signIn);
  showTurnedAway(visit, signIn, { ...typed, lifetimeMs: lifetime.ms });
}

/** The status of the answer when no proxy vouches. */
async function proxySignIn({ portal, request }: Visit, lifetimeMs: number): Promise<SignIn | number> {
  const user = identityOf(portal, request);
  if (user.kind === 'identity') return tokenFor(await headerArrival(user, portal), lifetimeMs, portal);
  tellInvalid(portal, 'header', user.reason);
  return user.status;
}

const COULD_NOT_TELL = 'Your sign-in could not be checked right now. It may still be right: try again in a moment.';
const TOO_MANY_WRONG =
  'Too many wrong passwords were tried for this name, so for now none is. If that was not you, tell your administrator.';

/** What the page says to somebody whom a password did not let in. */
export function noticeOf(signIn: TurnedAway): Notice {
  const { id } = signIn;
  if (signIn.kind === 'refused') return { words: signIn.words, id, about: 'credentials' };
  const { untilMs } = signIn;
  return untilMs === undefined ? { words: COULD_NOT_TELL, id } : { words: TOO_MANY_WRONG, id, untilMs };
}

function showTurnedAway(visit: Visit, signIn: TurnedAway, before: Shown): void {
  showSignIn(visit, signIn.kind === 'refused' ? 401 : 503, { ...before, notice: noticeOf(signIn) });
}

export function showSignIn(visit: Visit, status: number, shown: Shown): void {
  const { portal, request, response, root, headers } = visit;
  const { settings, issuer } = portal;
  const user = identityOf(portal, request);
  const withoutName: Entry = { kind: settings.passwordEndpoint === undefined ? 'closed' : 'password' };
  const content = signInContent({
    ...shown,
    lifetimes: issuer.settings.lifetime,
    entry: user.kind === 'identity' ? { kind: 'known', username: user.holder.username } : withoutName,
    buttons: portal.buttons.map((button) => button.settings),
    ...offerOf(visit),
  });
  sendHtml(response, status, page({ title: 'Sign in', host: settings.publicURL.host, root, content }), headers);
}

export function showToken(visit: Visit, { minted, holder }: Extract<SignIn, { readonly kind: 'issued' }>): void {
  const { portal, request, response, root, headers } = visit;
  const content = tokenContent({
    holder,
    token: minted.token,
    expiresAtMs: minted.expiresAtMs,
    system: systemOf(request.headers['user-agent']),
    ...offerOf(visit),
  });
  const { host } = portal.settings.publicURL;
  sendHtml(response, 200, page({ title: 'Your token', host, root, content }), headers);
}

function offerOf({ portal: { settings }, root }: Visit): Offer {
  const { publicURL, kubeconfig } = settings;
  return {
    root,
    ...(canLogIn(settings) && { server: serverOf(publicURL) }),
    hasKubeconfig: kubeconfig !== undefined,
    tokenUser: userNames(publicURL).token,
  };
}
