// `POST /revoke`: ends the token that it carries.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Headers, sendError, sendNothing } from '../answer.ts';
import type { Portal } from '../portal.ts';
import { BEARER_CHALLENGE, tokenOf } from './bearer.ts';

/** 204, also when it was revoked before; 401 for a token that is not good, 501 without a file, 503 when it was not kept. */
export async function postRevoke(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // The body is nobody's; read, so that the connection can go on.
  request.resume();
  const { issuer, observer, newId } = portal;
  const refuse = (status: number, error: string, more: Headers = {}): void => sendError(response, status, error, more);
  const verdict = await tokenOf(portal, request);
  if (verdict.kind === 'rejected' && verdict.reason === 'revoked-token') return sendNothing(response);
  if (verdict.kind === 'unavailable') return refuse(503, 'nobody could tell; try again later');
  if (verdict.kind !== 'authenticated') return refuse(401, 'the token is not good', BEARER_CHALLENGE);
  const { id: jti, username } = verdict.value;
  if (issuer.revocations === undefined) return refuse(501, 'the broker keeps no revocations');
  if (jti === undefined) return refuse(501, 'the token has no jti; an administrator can revoke all tokens of its user');
  const failed = await issuer.revoke({ jti });
  const result = failed === undefined ? 'revoked' : 'unavailable';
  observer.revoked({ id: newId(), result, username, jti, detail: failed?.detail });
  if (failed === undefined) sendNothing(response);
  else refuse(503, 'the revocation could not be kept; the token is still good');
}
