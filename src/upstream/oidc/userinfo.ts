// One question to userinfo (OpenID Connect Core §5.3): what the issuer says of the person a token speaks for.

import type { Secret } from '../../core/secret.ts';
import { rejected, unavailable } from '../../core/verdict.ts';
import { fitsHeader } from '../http/basic.ts';
import type { HttpClient } from '../http/client.ts';
import { type AnswerRule, exchangeJson, jsonRule, REPEAT_AFTER_MS, type Said } from './exchange.ts';

/** Said JSON is what userinfo answered, its `sub` not compared. */
export async function askUserinfo(http: HttpClient, url: URL, token: Secret, signal: AbortSignal): Promise<Said> {
  if (!fitsHeader(token.reveal())) {
    return rejected('mapping-failed', 'the token has characters that no Authorization header carries to userinfo');
  }
  const headers = { authorization: `Bearer ${token.reveal()}` };
  return exchangeJson(http, { method: 'GET', url, headers, repeatAfterMs: REPEAT_AFTER_MS }, userinfoRule, signal);
}

/** OpenID Connect Core §5.3.3: a refusal concerns the token, which has just been found good. */
const userinfoRule: AnswerRule = (answer, where) => {
  if (answer.status === 401 || answer.status === 403) {
    const cure = 'the token needs the scope openid, or userinfo must be turned off';
    return rejected('mapping-failed', `${where} refuses the token (HTTP ${answer.status}): ${cure}`);
  }
  const isChallenge = answer.headers['www-authenticate'] !== undefined;
  const outage = isChallenge ? unavailable('malformed-answer', `${where} answers and challenges at once`) : undefined;
  return jsonRule(answer, where) ?? outage;
};
