// `GET /whoami`: what an issued token says, to whoever has it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendError, sendJson } from '../answer.ts';
import { type Portal, timestamp } from '../portal.ts';
import { BEARER_CHALLENGE, tokenOf } from './bearer.ts';

/** 200 with username, uid, groups and expiry; 401 for a token that is not good, 503 when nobody can tell. */
export async function getWhoami(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const verdict = await tokenOf(portal, request);
  if (verdict.kind === 'unavailable') return sendError(response, 503, 'nobody could tell; try again later');
  if (verdict.kind !== 'authenticated') return sendError(response, 401, 'the token is not good', BEARER_CHALLENGE);
  const { username, uid, groups, expiresAtMs } = verdict.value;
  const expirationTimestamp = timestamp(expiresAtMs);
  sendJson(response, 200, { username, ...(uid !== undefined && { uid }), groups, expirationTimestamp });
}
