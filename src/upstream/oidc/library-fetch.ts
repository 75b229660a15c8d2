// The one HTTP client under openid-client, which asks by a function like fetch: no redirect, no proxy, everything bounded.

import { type Unavailable, unavailable } from '../../core/verdict.ts';
import type { HttpClient } from '../http/client.ts';

/** For a request that the library gives no deadline of its own. */
const SILENCE_MS = 10_000;

/** Carries a verdict through the library, which throws whatever a fetch throws as the cause of its own error. */
class OutageError extends Error {
  readonly outage: Unavailable;

  constructor(outage: Unavailable) {
    super(outage.reason);
    this.outage = outage;
  }
}

/** Requests go through the one HTTP client: no redirect, no proxy, bounded; an answer that says nothing of the person is an outage. */
export function fetchWith(http: HttpClient): (url: string, options: FetchOptions) => Promise<Response> {
  return async (url, { method, headers, body, signal }) => {
    const request = {
      method: method === 'POST' ? 'POST' : 'GET',
      url: new URL(url),
      headers,
      ...(body instanceof URLSearchParams && { body: body.toString() }),
    } as const;
    const answer = await http.send(request, signal ?? AbortSignal.timeout(SILENCE_MS));
    if (answer.kind !== 'answer') throw new OutageError(answer);
    const outage = statusOutage(answer.status, request.url);
    if (outage !== undefined) throw new OutageError(outage);
    const type = answer.headers['content-type'];
    return new Response(answer.body === '' ? null : answer.body, {
      status: answer.status,
      ...(typeof type === 'string' && { headers: { 'content-type': type } }),
    });
  };
}

interface FetchOptions {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

function statusOutage(status: number, { origin, pathname }: URL): Unavailable | undefined {
  const seen = `HTTP ${status} from ${origin}${pathname}`;
  if (status >= 300 && status < 400) return unavailable('redirected', seen);
  if (status === 401 || status === 403) return unavailable('client-refused', seen);
  if (status === 429) return unavailable('rate-limited', seen);
  return status >= 500 || status < 200 ? unavailable('upstream-error', seen) : undefined;
}

/** The outage that ended a fetch, from whatever the library has made of it. */
export function outageIn(error: unknown): Unavailable | undefined {
  if (error instanceof OutageError) return error.outage;
  return error instanceof Error && error.cause !== undefined ? outageIn(error.cause) : undefined;
}
