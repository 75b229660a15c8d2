// Speaks with the broker's portal: signs in, asks whether a token still stands, revokes it.

import type { Secret } from '../core/secret.ts';
import type { EpochMs } from '../core/verdict.ts';
import { errorWord } from '../text/error-code.ts';
import { type JsonObject, parseJsonObject } from '../text/json.ts';
import { ProxyFault } from '../upstream/http/proxy.ts';
import type { Dial } from './dial.ts';
import { exchange, type Question } from './exchange.ts';
import { isToken, parseIdentity, parseTime, type Session } from './session.ts';

/** Could not tell: nothing is known about password or token. The sentence says why. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly why: string;
}

export interface Issued extends Pick<Session, 'identity' | 'expiresAt'> {
  readonly kind: 'issued';
  readonly token: string;
}

/** `invalid`: the broker wants something else than what was asked. `why` is the broker's own sentence. */
export type SignInAnswer =
  | Issued
  | { readonly kind: 'refused'; readonly why?: string }
  | { readonly kind: 'invalid'; readonly why: string }
  | Unknown;

/** Without identity or expiry when the broker does not say. */
export interface Standing {
  readonly kind: 'stands';
  readonly identity?: Session['identity'];
  readonly expiresAt?: EpochMs;
}

export type StandingAnswer = Standing | { readonly kind: 'refused' } | Unknown;

export interface PortalClient {
  /** `POST /token`; a password is sent once, whatever happens. */
  signIn(login: string, password: Secret, lifetime: string | undefined): Promise<SignInAnswer>;
  /** `GET /whoami`. */
  standing(token: Secret): Promise<StandingAnswer>;
  /** `POST /revoke`; `refused` when the token was good for nothing any more. */
  revoke(token: Secret): Promise<{ readonly kind: 'revoked' } | { readonly kind: 'refused' } | Unknown>;
}

/** The broker answers a review within 5 s. */
const SIGN_IN_MS = 10_000;
/** Every kubectl command waits for it. */
const STANDING_MS = 2000;
const REVOKE_MS = 5000;
/** Of what the broker says to people, in characters. */
const MAX_SENTENCE = 200;

interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly body: JsonObject | undefined;
}

type Send = (
  method: Question['method'],
  path: string,
  rest: Pick<Question, 'headers' | 'body' | 'timeoutMs'>,
) => Promise<Answer | Unknown>;

/** Redirects are never followed. */
export function createPortalClient(server: URL, trust: Pick<Dial, 'ca' | 'env'>): PortalClient {
  const send = sender({ server, ...trust });
  return {
    signIn: async (login, password, lifetime) => {
      const asked = { username: login, password: password.reveal(), ...(lifetime !== undefined && { lifetime }) };
      const headers = { 'content-type': 'application/json' };
      const answer = await send('POST', 'token', { headers, body: JSON.stringify(asked), timeoutMs: SIGN_IN_MS });
      return answer.kind === 'answer' ? signInAnswer(answer, server) : answer;
    },
    standing: async (token) => {
      const answer = await send('GET', 'whoami', { headers: bearer(token), timeoutMs: STANDING_MS });
      return answer.kind === 'answer' ? standingAnswer(answer, server) : answer;
    },
    revoke: async (token) => {
      const answer = await send('POST', 'revoke', { headers: bearer(token), timeoutMs: REVOKE_MS });
      if (answer.kind === 'unknown') return answer;
      if (answer.status === 204 || answer.status === 200) return { kind: 'revoked' };
      return answer.status === 401 ? { kind: 'refused' } : unexpected(answer, server);
    },
  };
}

function bearer(token: Secret): { readonly authorization: string } {
  return { authorization: `Bearer ${token.reveal()}` };
}

function sender(to: Dial): Send {
  return async (method, path, rest) => {
    try {
      const { status, text } = await exchange(to, { method, path, ...rest });
      return { kind: 'answer', status, body: parseJsonObject(text) };
    } catch (error) {
      return { kind: 'unknown', why: failure(error, to.server, rest.timeoutMs) };
    }
  };
}

function signInAnswer({ kind, status, body }: Answer, server: URL): SignInAnswer {
  const why = sentenceIn(body);
  if (status === 401) return { kind: 'refused', ...(why !== undefined && { why }) };
  if (status === 400) return { kind: 'invalid', why: why ?? 'no reason given' };
  if (status !== 200) return unexpected({ kind, status, body }, server);
  const { token, expirationTimestamp } = body ?? {};
  const [identity, expiresAt] = [parseIdentity(body), parseTime(expirationTimestamp)];
  if (identity === undefined || expiresAt === undefined || !isToken(token)) return notBroker(server);
  return { kind: 'issued', token, identity, expiresAt };
}

function standingAnswer({ kind, status, body }: Answer, server: URL): StandingAnswer {
  if (status === 401) return { kind: 'refused' };
  if (status !== 200) return unexpected({ kind, status, body }, server);
  if (body === undefined) return notBroker(server);
  const [identity, expiresAt] = [parseIdentity(body), parseTime(body['expirationTimestamp'])];
  return { kind: 'stands', ...(identity && { identity }), ...(expiresAt !== undefined && { expiresAt }) };
}

function unexpected({ status, body }: Answer, server: URL): Unknown {
  if (status === 503)
    return { kind: 'unknown', why: `the broker could not tell (503): ${sentenceIn(body) ?? 'try again'}` };
  if (status === 404 || status === 405) return notBroker(server, status);
  return { kind: 'unknown', why: `${server.origin} answered ${status}, which says nothing; ask its operator` };
}

function sentenceIn(body: JsonObject | undefined): string | undefined {
  const sentence = body?.['error'];
  return typeof sentence === 'string' && sentence !== '' ? sentence.slice(0, MAX_SENTENCE) : undefined;
}

function notBroker(server: URL, status = 200): Unknown {
  return {
    kind: 'unknown',
    why: `what answers at ${server.href} (${status}) is not the portal of a broker; check --server`,
  };
}

const CERTIFICATE_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$)/;

/** The code of an error, never its text, unless the text is ours. */
function failure(error: unknown, { origin }: URL, timeoutMs: number): string {
  if (error instanceof ProxyFault) return `cannot reach ${origin}: ${error.message}`;
  const code = errorWord(error);
  if (code === 'TimeoutError') return `${origin} did not answer within ${timeoutMs / 1000}s`;
  if (!CERTIFICATE_CODE.test(code)) return `cannot reach ${origin}: ${code}`;
  return `the certificate of ${origin} is not trusted: ${code}; --ca FILE names the authority that signed it`;
}
