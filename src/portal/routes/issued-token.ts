// What the holder of an issued token can do with it at the portal: look at it, and end it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Headers } from '../../http/answer.ts';
import { sendError, sendJson, sendNothing } from '../answer.ts';
import { type Portal, timestamp } from '../portal.ts';

const CHALLENGE: Headers = { 'WWW-Authenticate': 'Bearer realm="kube-auth-broker"' };

/** `GET /whoami`: 200 with username, uid, groups and expiry; 401 for a token that is not good, 503 when nobody can tell. */
export async function getWhoami(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const verdict = await inspected(portal, request);
  if (verdict?.kind === 'unavailable') return sendError(response, 503, 'nobody could tell; try again later');
  if (verdict?.kind !== 'authenticated') return sendError(response, 401, 'the token is not good', CHALLENGE);
  const { username, uid, groups, expiresAtMs } = verdict.value;
  const expirationTimestamp = timestamp(expiresAtMs);
  sendJson(response, 200, { username, ...(uid !== undefined && { uid }), groups, expirationTimestamp });
}

/**
 * `POST /revoke`: ends the token that it carries. 204, also when it was revoked before; 401 for a token that is not good, 501
 * without a file, 503 when it was not kept.
 */
export async function postRevoke(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // The body means nothing; read, so that the connection can go on.
  request.resume();
  const { issuer, observer, newId } = portal;
  const refuse = (status: number, error: string, more: Headers = {}): void => sendError(response, status, error, more);
  const verdict = await inspected(portal, request);
  if (verdict?.kind === 'rejected' && verdict.reason === 'revoked-token') return sendNothing(response);
  if (verdict?.kind === 'unavailable') return refuse(503, 'nobody could tell; try again later');
  if (verdict?.kind !== 'authenticated') return refuse(401, 'the token is not good', CHALLENGE);
  const { id: jti, username } = verdict.value;
  if (issuer.revocations === undefined) return refuse(501, 'issuer.revocationsFile is not configured');
  if (jti === undefined) return refuse(501, 'the token has no jti; an administrator can revoke all tokens of its user');
  const failed = await issuer.revoke({ jti });
  const result = failed === undefined ? 'revoked' : 'unavailable';
  observer.revoked({ id: newId(), result, username, jti, detail: failed?.detail });
  if (failed === undefined) sendNothing(response);
  else refuse(503, 'the revocation could not be kept; the token is still good');
}

/** The verdict of the issuer on the bearer token (RFC 6750); undefined without one of a length that is taken. */
async function inspected({ issuer, tokenBytes }: Portal, { headers }: IncomingMessage) {
  const token = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined || token.length > tokenBytes ? undefined : issuer.inspect(token);
}
