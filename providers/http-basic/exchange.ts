// The one request of http-basic.

import type { ProviderSeams } from '../../src/core/provider.ts';
import type { Unavailable } from '../../src/core/verdict.ts';
import { basicCredentials } from '../../src/upstream/http/basic.ts';
import type { CanarySettings } from '../../src/upstream/http/canary.ts';
import type { HttpAnswer, HttpClient } from '../../src/upstream/http/client.ts';
import type { HttpBasicOptions } from './options.ts';

/** Sends these Basic credentials once; undefined sends none. Never throws. */
export type Ask = (basic: string | undefined, signal: AbortSignal) => Promise<HttpAnswer | Unavailable>;

/** The body is read only where it can hold claims: error pages may be long. */
export function askWith(http: HttpClient, { url, method, acceptStatus }: HttpBasicOptions): Ask {
  const wantsBody = (status: number) => acceptStatus.includes(status);
  return (basic, signal) => {
    const headers = { accept: 'application/json', ...(basic === undefined ? {} : { authorization: basic }) };
    return http.send({ method, url, headers, wantsBody }, signal);
  };
}

/** Names that begin with `canary-`, a new one each time, so that nobody's account is locked. */
export function askAtRandomWith(ask: Ask, randomBytes: ProviderSeams['randomBytes']): CanarySettings['askAtRandom'] {
  return (signal) => {
    const username = `canary-${randomBytes(8).toString('hex')}`;
    return ask(basicCredentials(username, randomBytes(24).toString('base64url')), signal);
  };
}
