// What an error of openid-client says about a sign-in: that somebody was refused, or that nobody can tell.

import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { type Rejected, rejected, type Unavailable, unavailable } from '../../core/verdict.ts';
import { outageIn } from './library-fetch.ts';

/** The person or the provider said no (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6); every other error concerns the client. */
const REFUSALS: ReadonlySet<string> = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
  'invalid_grant',
]);

/** Of the client or of the provider; another text is not repeated. */
const OUTAGES: ReadonlySet<string> = new Set([
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
]);

/** Rejected with `sign-in-refused` or `bad-id-token`; everything else is an outage. */
export function verdictOf(error: unknown): Rejected | Unavailable {
  const outage = outageIn(error);
  if (outage !== undefined) return outage;
  if (error instanceof AuthorizationResponseError) return saidVerdict(error.error, rejected('sign-in-refused'));
  if (error instanceof ResponseBodyError) return saidVerdict(error.error, unavailable('upstream-error'));
  if (!(error instanceof ClientError)) return unavailable('internal', undefined, error);
  const { code = '', cause } = error;
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return unavailable('timeout');
  if (/JWT_CLAIM|JWT_TIMESTAMP|KEY_SELECTION|UNSUPPORTED/.test(code)) return rejected('bad-id-token', code);
  // What is wrong with the form of an answer is no word about the person.
  const isForm =
    code !== 'OAUTH_INVALID_RESPONSE' || /"response" body/.test(cause instanceof Error ? cause.message : '');
  return isForm ? unavailable('malformed-answer', code) : rejected('bad-id-token', code);
}

/** `unknown` for an error of the provider's own invention, which is not repeated. */
function saidVerdict(said: string, unknown: Rejected | Unavailable): Rejected | Unavailable {
  if (REFUSALS.has(said)) return rejected('sign-in-refused', said);
  if (said === 'invalid_client' || said === 'unauthorized_client') return unavailable('client-refused', said);
  return OUTAGES.has(said) ? unavailable('upstream-error', said) : unknown;
}
