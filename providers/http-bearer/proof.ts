// For whom a token was made: asked of the service, with the broker's own credentials or with the token.

import type { Secret } from '../../src/core/secret.ts';
import { type EpochMs, type Rejected, rejected, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { isJsonObject, type JsonValue } from '../../src/text/json.ts';
import { basicCredentials } from '../../src/upstream/http/basic.ts';
import type { HttpAnswer, HttpClient } from '../../src/upstream/http/client.ts';
import { holds, outageOfStatus } from '../../src/upstream/http/judge.ts';
import type { Proof, ProofClient } from './options.ts';
import { isLimited } from './refusal.ts';
import { type Ask, jsonOf } from './requests.ts';

export interface Proven {
  readonly kind: 'proven';
  readonly expiresAt?: EpochMs;
}

/** `wrong-audience` for a token that is somebody else's. Never throws. */
export async function prove(
  { url, client, expression }: Proof,
  { http, ask, now }: { readonly http: HttpClient; readonly ask: Ask; readonly now: EpochMs },
  token: Secret,
  signal: AbortSignal,
): Promise<Proven | Rejected | Unavailable> {
  const answer = client === undefined ? await ask(url, token, signal) : await askAs(http, url, client, token, signal);
  if (answer.kind !== 'answer') return answer;
  const { status } = answer;
  const detail = `proof: HTTP ${status}`;
  if (isLimited(answer)) return unavailable('rate-limited', detail);
  if (status !== 200) return client === undefined ? refusedToken(status, detail) : refusedClient(status, detail);
  const told = jsonOf(answer, { url });
  if (told.kind !== 'told') return told;
  const held = holds(expression, answer, isJsonObject(told.json) ? told.json : undefined);
  if (!held.ok) return unavailable('malformed-answer', `proof.expression cannot be evaluated: ${held.error}`);
  if (!held.value)
    return rejected('wrong-audience', 'proof.expression does not hold: the token was made for another application');
  return lifetimeOf(told.json, now);
}

function askAs(
  http: HttpClient,
  url: URL,
  { id, secret, field, body }: ProofClient,
  token: Secret,
  signal: AbortSignal,
): Promise<HttpAnswer | Unavailable> {
  const fields = { [field]: token.reveal() };
  const [type, text] =
    body === 'json'
      ? ['application/json', JSON.stringify(fields)]
      : ['application/x-www-form-urlencoded', new URLSearchParams(fields).toString()];
  const headers = {
    accept: 'application/json',
    authorization: basicCredentials(id, secret.reveal()),
    'content-type': type,
  };
  return http.send({ method: 'POST', url, headers, body: text }, signal);
}

/** The token was good a moment ago: here it is of another kind, such as one that a person made for themselves. */
function refusedToken(status: number, detail: string): Rejected | Unavailable {
  return status === 401 || status === 403 ? rejected('wrong-audience', detail) : outageOfStatus(status, detail);
}

/** With the client's own credentials 401 and 403 are about them; 404 is how GitHub says that a token is none of theirs. */
function refusedClient(status: number, detail: string): Rejected | Unavailable {
  if (status === 401 || status === 403) return unavailable('client-refused', detail);
  return status === 404 ? rejected('wrong-audience', detail) : outageOfStatus(status, detail);
}

/** `exp` (RFC 7662), `expires_at` (GitHub) or `expires_in` (GitLab), where there is one. */
function lifetimeOf(answer: JsonValue, now: EpochMs): Proven | Rejected {
  const { exp, expires_at: at, expires_in: left } = isJsonObject(answer) ? answer : {};
  const ends = [
    typeof exp === 'number' ? exp * 1000 : Number.NaN,
    typeof at === 'string' ? Date.parse(at) : Number.NaN,
    typeof left === 'number' ? now + left * 1000 : Number.NaN,
  ].filter((time) => Number.isFinite(time));
  if (ends.length === 0) return { kind: 'proven' };
  const expiresAt = Math.min(...ends);
  return expiresAt <= now ? rejected('expired-token') : { kind: 'proven', expiresAt };
}
