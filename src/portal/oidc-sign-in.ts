// From the way back of an OpenID provider to somebody who has signed in: its token goes through the endpoint's chain like any other.

import { timingSafeEqual } from 'node:crypto';
import type { Rejected, Unavailable } from '../core/verdict.ts';
import type { Button } from './buttons.ts';
import type { Begun } from './oidc-attempt.ts';
import type { Portal } from './portal.ts';
import { type Arrived, personOf, refused, type TurnedAway, unavailable } from './sign-in.ts';

const METHOD = 'oidc';

/** True when the provider answers to what this browser has asked; how alike two texts are is not to be measured. */
export function isAnswerTo({ state }: Begun, callback: URL): boolean {
  const given = callback.searchParams.getAll('state');
  const [first = ''] = given;
  const [ours, theirs] = [Buffer.from(state), Buffer.from(first)];
  return given.length === 1 && ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

/** `callback` is the redirect URL with what the provider added. Never rejects. */
export async function oidcArrival(
  button: Button,
  begun: Begun,
  callback: URL,
  portal: Portal,
): Promise<Arrived | TurnedAway> {
  const { settings, flow } = button;
  const { name, endpoint, token } = settings;
  const moment = await portal.issuer.moment();
  if ('kind' in moment) return unavailable({ id: portal.newId(), reason: moment.reason, method: METHOD }, portal);
  const tokens = await flow.finish(begun, callback);
  if (tokens.kind !== 'tokens') return withoutTokens(tokens, name, portal);
  const { id, verdict } = await portal.checkToken(endpoint, token === 'id_token' ? tokens.idToken : tokens.accessToken);
  if (verdict.kind === 'authenticated') {
    // The times of the token say until when it may be shown to us, not how long a sign-in lasts.
    const { refreshToken } = tokens;
    const again = refreshToken && ({ kind: 'refresh-token', slug: settings.slug, token: refreshToken } as const);
    return { kind: 'arrived', id, method: METHOD, endpoint, moment, ...personOf(verdict), again };
  }
  const { reason, detail, by: provider } = verdict;
  const told = { id, method: METHOD, reason, detail, provider } as const;
  if (verdict.kind === 'unavailable') return unavailable(told, portal);
  return refused(told, `${name} knows you, but you may not use Kubernetes here.`, portal);
}

function withoutTokens(said: Rejected | Unavailable, name: string, portal: Portal): TurnedAway {
  const told = { id: portal.newId(), method: METHOD, reason: said.reason, detail: said.detail } as const;
  if (said.kind === 'unavailable') return unavailable(told, portal);
  return refused(told, `${name} did not sign you in.`, portal);
}
