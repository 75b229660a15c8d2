// The two requests of a sign-in at an OpenID provider: the way there, and the way back.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendRedirect } from '../answer.ts';
import type { Button } from '../buttons.ts';
import { attemptOf, forgottenAttempt, keptAttempt, newAttempt } from '../oidc-attempt.ts';
import { isAnswerTo, oidcArrival } from '../oidc-sign-in.ts';
import type { OpenidServer } from '../openid/server.ts';
import { lifetimeOf, type Portal, queryOf, tellInvalid } from '../portal.ts';
import { tokenFor, unavailable } from '../sign-in.ts';
import { goOn } from './openid.ts';
import { showSignIn, showToken, type Visit } from './page.ts';

const ROOT = '../';

/** `GET /sign-in/<slug>?lifetime=8h`: 303 to the provider; 400 for a lifetime that cannot be, 503 when the provider cannot be had. */
export async function getSignIn(
  button: Button,
  portal: Portal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const visit: Visit = { portal, request, response, root: ROOT };
  const { settings, flow } = button;
  const lifetime = lifetimeOf(portal, queryOf(request).get('lifetime'));
  if ('fault' in lifetime) {
    tellInvalid(portal, 'oidc', 'lifetime');
    return showSignIn(visit, 400, { notice: { words: `The ${lifetime.fault}.` } });
  }
  const attempt = newAttempt(lifetime.ms, portal);
  const begun = await flow.begin(attempt, settings.redirectURL);
  if (begun.kind === 'at') return sendRedirect(response, begun.url, keptAttempt(attempt, settings.slug, portal));
  const { reason, detail } = begun;
  const { id } = unavailable({ id: portal.newId(), method: 'oidc', reason, detail }, portal);
  const words = `${settings.name} cannot be reached right now. Try again in a moment.`;
  showSignIn(visit, 503, { lifetimeMs: lifetime.ms, notice: { words, id } });
}

/** `GET /callback/<slug>`: the token's page; 400 without a sign-in that was begun here, 403 refused, 503 could not tell. */
export async function getCallback(
  button: Button,
  openid: OpenidServer | undefined,
  portal: Portal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = forgottenAttempt(portal);
  const visit: Visit = { portal, request, response, root: ROOT, headers };
  const { settings } = button;
  const begun = attemptOf(request, settings.slug, portal);
  const callback = new URL(settings.redirectURL);
  callback.search = queryOf(request).toString();
  if (begun === undefined || !isAnswerTo(begun, callback)) {
    const id = tellInvalid(portal, 'oidc', begun === undefined ? 'no-attempt' : 'other-attempt');
    const words = 'This sign-in was not begun here, or too long ago. Begin again.';
    return showSignIn(visit, 400, { notice: { words, id } });
  }
  const { lifetimeMs, interaction } = begun;
  const arrival = await oidcArrival(button, begun, callback, portal);
  if (arrival.kind === 'arrived' && interaction !== undefined) {
    return goOn([portal, request, response], await openid?.finish(interaction, arrival), headers);
  }
  const signIn = await tokenFor(arrival, lifetimeMs, portal);
  if (signIn.kind === 'issued') return showToken(visit, signIn);
  const { id } = signIn;
  if (signIn.kind === 'refused') return showSignIn(visit, 403, { lifetimeMs, notice: { words: signIn.words, id } });
  const words = `Your sign-in at ${settings.name} could not be checked right now. Try again in a moment.`;
  showSignIn(visit, 503, { lifetimeMs, notice: { words, id } });
}
