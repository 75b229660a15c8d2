// The page: GET asks who you are, POST answers with the token itself, so that nothing has to be kept in between.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendHtml } from '../answer.ts';
import { readForm } from '../body.ts';
import { serverOf } from '../kubeconfig.ts';
import { systemOf } from '../page/kubectl.ts';
import { page } from '../page/layout.ts';
import { type SignInView, signInContent } from '../page/sign-in.ts';
import { tokenContent } from '../page/token.ts';
import { identityOf, lifetimeOf, type Portal, seamsOf, tellInvalid } from '../portal.ts';
import { headerSignIn, passwordSignIn, type SignIn } from '../sign-in.ts';
import { headerFault } from './header-fault.ts';

type Shown = Partial<Pick<SignInView, 'username' | 'lifetimeMs' | 'notice'>>;

export function getPage(portal: Portal, request: IncomingMessage, response: ServerResponse): void {
  showSignIn(portal, request, response, 200, {});
}

/** The token's page; else the sign-in page again with the reason: 400, 401, 403, 413, 415 or 503. */
export async function postPage(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const again = (status: number, shown: Shown): void => showSignIn(portal, request, response, status, shown);
  const form = await readForm(request, portal.readBody);
  if (!form.ok) return again(form.status, { notice: { words: 'The form could not be read. Try again.' } });
  const { username, password, lifetime: asked } = form.fields;
  const lifetime = lifetimeOf(portal, asked);
  const typed = typeof username === 'string' ? { username } : {};
  if ('fault' in lifetime) {
    tellInvalid(portal, typed.username === undefined ? 'header' : 'password', 'lifetime');
    return again(400, { ...typed, notice: { words: `The ${lifetime.fault}.` } });
  }
  const { passwordEndpoint: endpoint } = portal.settings;
  const signIn =
    typeof username === 'string' && typeof password === 'string' && endpoint !== undefined
      ? await passwordSignIn({ username, password, endpoint, lifetimeMs: lifetime.ms }, seamsOf(portal))
      : await proxySignIn(portal, request, lifetime.ms);
  const before = { ...typed, lifetimeMs: lifetime.ms };
  if (typeof signIn === 'number') return again(signIn, { notice: { words: 'Nobody has said who you are.' } });
  if (signIn.kind === 'issued') return showToken(portal, request, response, signIn);
  const { id } = signIn;
  if (signIn.kind === 'refused') return again(401, { ...before, notice: { words: signIn.words, id } });
  const words = 'Your sign-in could not be checked right now. It may still be right: try again in a moment.';
  again(503, { ...before, notice: { words, id } });
}

/** The status of the answer when no proxy vouches. */
async function proxySignIn(portal: Portal, request: IncomingMessage, lifetimeMs: number): Promise<SignIn | number> {
  const identity = identityOf(portal, request);
  if (identity.kind === 'identity') return headerSignIn({ ...identity, lifetimeMs }, seamsOf(portal));
  const { status, reason } = headerFault(identity, portal);
  tellInvalid(portal, 'header', reason);
  return status;
}

function showSignIn(
  portal: Portal,
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  shown: Shown,
): void {
  const { settings, issuer } = portal;
  const identity = identityOf(portal, request);
  const content = signInContent({
    ...shown,
    lifetimes: issuer.settings.lifetime,
    ...(identity.kind === 'identity' && { known: identity.holder.username }),
    isClosed: identity.kind !== 'identity' && settings.passwordEndpoint === undefined,
    ...pluginOf(portal),
  });
  sendHtml(response, status, page({ title: 'Sign in', host: settings.publicURL.host, content }));
}

function showToken(
  portal: Portal,
  request: IncomingMessage,
  response: ServerResponse,
  { minted, holder }: Extract<SignIn, { readonly kind: 'issued' }>,
): void {
  const content = tokenContent({
    holder,
    token: minted.token,
    expiresAtMs: minted.expiresAtMs,
    system: systemOf(request.headers['user-agent']),
    ...pluginOf(portal),
  });
  sendHtml(response, 200, page({ title: 'Your token', host: portal.settings.publicURL.host, content }));
}

function pluginOf({ settings }: Portal): Pick<SignInView, 'server' | 'hasKubeconfig'> {
  return { server: serverOf(settings.publicURL), hasKubeconfig: settings.kubeconfig !== undefined };
}
