// Who an active token speaks for, and the claims that follow.

import { type Claims } from '../../src/core/claims.ts';
import { rejected, unavailable } from '../../src/core/verdict.ts';
import { dataObject, isText, type JsonObject } from '../../src/text/json.ts';
import type { Refused } from '../../src/upstream/oidc/exchange.ts';

/** A person or service with a `sub`; or a client that speaks for itself (RFC 6749 §4.4). */
export type Subject = { readonly kind: 'subject'; readonly of: 'sub' | 'client'; readonly id: string };

/** Keeps a client whose id equals the name of a user from becoming that user. */
const CLIENT_PREFIX = 'client:';

/**
 * `sub`; without one, and without a name of a person, `client:<client_id>`. Otherwise `mapping-failed`: a username is
 * neither stable nor unique. `malformed-answer` when `sub` is there and no text.
 */
export function subjectOf(answer: JsonObject): Subject | Refused {
  const { sub, client_id: clientID } = answer;
  if (sub !== undefined) {
    if (isText(sub)) return { kind: 'subject', of: 'sub', id: sub };
    return unavailable('malformed-answer', 'the introspection answer has a sub that is no text');
  }
  const isPerson = answer['username'] !== undefined || answer['preferred_username'] !== undefined;
  if (!isPerson && isText(clientID)) return { kind: 'subject', of: 'client', id: CLIENT_PREFIX + clientID };
  return rejected('mapping-failed', 'the introspection answer has no sub');
}

/** The answer's members, over those of userinfo, and `subject` and `username` over both. */
export function claimsOf(
  subject: Subject,
  answer: JsonObject,
  userinfo: JsonObject | undefined,
  audiences: readonly string[] | undefined,
): Claims {
  const said = userinfo === undefined ? answer : { ...userinfo, ...answer };
  const username = [said['username'], said['preferred_username']].find(isText) ?? subject.id;
  const attributes = dataObject([...Object.entries(said), ['username', username], ['subject', subject.id]]);
  return { subject: subject.id, attributes, ...(audiences === undefined ? {} : { audiences }) };
}
