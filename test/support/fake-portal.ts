// The portal of a broker as far as kubectl's plugin needs it: issues, knows and revokes tokens, and breaks on demand.

import { randomBytes } from 'node:crypto';
import { parseJsonObject } from '../../src/text/json.ts';
import { type FakeAnswer, type FakeHandler, type FakeHttp, type FakeHttpOptions, startFakeHttp } from './fake-http.ts';

export interface FakePortal {
  readonly http: FakeHttp;
  readonly origin: string;
  /** How often a password was judged. */
  signIns(): number;
  /** Requests so far, as `POST /token`. */
  requests(): readonly string[];
  /** Every token that was issued and still stands. */
  standing(): readonly string[];
  revokeAll(): void;
  /** Answers everything so from now on; undefined: as it should. */
  answerWith(answer: FakeAnswer | undefined): void;
  close(): Promise<void>;
}

export interface FakePortalOptions extends Pick<FakeHttpOptions, 'tls'> {
  readonly passwords: Readonly<Record<string, string>>;
  /** Default one hour. */
  readonly lifetimeMs?: number;
  /** What a sign-in waits for. */
  readonly hold?: () => Promise<void>;
}

export async function startFakePortal(options: FakePortalOptions): Promise<FakePortal> {
  const issued = new Map<string, { readonly username: string; readonly expirationTimestamp: string }>();
  let signIns = 0;
  let always: FakeAnswer | undefined;
  const routes: Readonly<Record<string, FakeHandler>> = {
    'POST /token': async ({ body }) => {
      signIns += 1;
      await options.hold?.();
      const { username, password } = parseJsonObject(body) ?? {};
      if (typeof username !== 'string' || options.passwords[username] !== password) return json(401, {});
      const token = `issued.${randomBytes(24).toString('base64url')}`;
      const expiresAt = Date.now() + (options.lifetimeMs ?? 3_600_000);
      const expirationTimestamp = `${new Date(expiresAt).toISOString().slice(0, 19)}Z`;
      issued.set(token, { username: `demo:${username}`, expirationTimestamp });
      return json(200, { token, expirationTimestamp, username: `demo:${username}`, groups: ['demo:devs'] });
    },
    'GET /whoami': ({ headers }) => {
      const found = issued.get(bearerOf(headers.authorization));
      return found === undefined ? json(401, {}) : json(200, { ...found, groups: ['demo:devs'] });
    },
    'POST /revoke': ({ headers }) => json(issued.delete(bearerOf(headers.authorization)) ? 204 : 401, undefined),
  };
  const http = await startFakeHttp({
    ...(options.tls && { tls: options.tls }),
    handler: (request, response) =>
      always ?? routes[`${request.method} ${request.path}`]?.(request, response) ?? json(404, {}),
  });
  return {
    http,
    origin: http.origin,
    signIns: () => signIns,
    requests: () => http.seen.map(({ method, path }) => `${method} ${path}`),
    standing: () => [...issued.keys()],
    revokeAll: () => issued.clear(),
    answerWith: (answer) => {
      always = answer;
    },
    close: () => http.close(),
  };
}

function bearerOf(header: string | undefined): string {
  return /^Bearer (.+)$/.exec(header ?? '')?.[1] ?? '';
}

function json(status: number, value: object | undefined): FakeAnswer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return value === undefined ? { status } : { status, headers, body: JSON.stringify(value) };
}
