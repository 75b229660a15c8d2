// The one request of http-basic.

import type { Unavailable } from '../../src/core/verdict.ts';
import type { HttpAnswer, HttpClient } from '../../src/upstream/http/client.ts';
import type { HttpBasicOptions } from './options.ts';

/** Sends these Basic credentials once; undefined sends none. Never throws. */
export type Ask = (basic: string | undefined, signal: AbortSignal) => Promise<HttpAnswer | Unavailable>;

/** UTF-8, then base64 (RFC 7617 §2.1). */
export function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The body is read only where it can hold claims: error pages may be long. */
export function askWith(http: HttpClient, { url, method, acceptStatus }: HttpBasicOptions): Ask {
  const wantsBody = (status: number) => acceptStatus.includes(status);
  return (basic, signal) => {
    const headers = { accept: 'application/json', ...(basic === undefined ? {} : { authorization: basic }) };
    return http.send({ method, url, headers, wantsBody }, signal);
  };
}
