// Who an active token speaks for, and the claims that follow.

import { type Claims } from '../../src/core/claims.ts';
import { type Rejected, rejected, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { dataObject, isText, type JsonObject } from '../../src/text/json.ts';

/** A person or service with a `sub`; a client that speaks for itself (RFC 6749 §4.4); or somebody without a `sub`. */
export type Subject =
  | { readonly kind: 'sub'; readonly id: string }
  | { readonly kind: 'client'; readonly id: string }
  | { readonly kind: 'unstated'; readonly id?: never };

/** Keeps a client whose id equals the name of a user from becoming that user. */
const CLIENT_PREFIX = 'client:';

/** Which members tell the grant, and how servers write the one of a client on its own. */
const GRANT_MEMBERS = ['grant_type', 'gty', 'grant'] as const;
const CLIENT_GRANT = /^client[_-]credentials$/;

/**
 * A token is a client's own only when the answer says so: `sub` equals `client_id` (RFC 9068 §5), or its grant is known. GitLab
 * leaves `sub` out of every person's token. `malformed-answer` when `sub` is there and no text.
 */
export function subjectOf(answer: JsonObject): Subject | Unavailable {
  const { sub, client_id: clientID } = answer;
  if (sub !== undefined && !isText(sub)) {
    return unavailable('malformed-answer', 'the introspection answer has a sub that is no text');
  }
  const isClientGrant = GRANT_MEMBERS.some((name) => {
    const grant = answer[name];
    return typeof grant === 'string' && CLIENT_GRANT.test(grant);
  });
  if (isText(clientID) && (sub === clientID || (sub === undefined && isClientGrant))) {
    return { kind: 'client', id: CLIENT_PREFIX + clientID };
  }
  return sub === undefined ? { kind: 'unstated' } : { kind: 'sub', id: sub };
}

/** The subject by userinfo, which must not contradict the introspection (OpenID Connect Core §5.3.2). */
export function confirmedSubject(subject: Subject, userinfo: JsonObject): Subject | Unavailable {
  const { sub } = userinfo;
  if (!isText(sub)) return unavailable('malformed-answer', 'userinfo names no sub');
  if (subject.kind === 'sub' && sub !== subject.id)
    return unavailable('malformed-answer', 'userinfo speaks of another sub');
  return { kind: 'sub', id: sub };
}

/** Members that are about the token and not about a person (RFC 7662 §2.2). */
const ABOUT_THE_TOKEN: ReadonlySet<string> = new Set(
  (
    'active scope client_id token_type exp iat nbf aud iss jti sid azp acr amr token_use typ auth_time created_at cnf ' +
    GRANT_MEMBERS.join(' ')
  ).split(' '),
);

/** Without a `sub` the mapping decides, if it has anything about a person to go by. */
export function subjectMissing(subject: Subject, said: JsonObject): Rejected | undefined {
  const isAnonymous = Object.keys(said).every((name) => ABOUT_THE_TOKEN.has(name));
  return subject.kind === 'unstated' && isAnonymous ? rejected('subject-missing') : undefined;
}

/**
 * The answer's members, over those of userinfo; over both `username` (the upstream's, else its `preferred_username`, else the
 * subject) and `subject`, which an upstream cannot state by itself.
 */
export function claimsOf(
  { id }: { readonly id?: string },
  answer: JsonObject,
  userinfo?: JsonObject,
  audiences?: readonly string[],
): Claims {
  const { subject: _own, ...said } = { ...userinfo, ...answer };
  const username = [said['username'], said['preferred_username'], id].find(isText);
  const own = Object.entries({ username, subject: id }).filter(([, value]) => value !== undefined);
  return {
    ...(id === undefined ? {} : { subject: id }),
    attributes: dataObject([...Object.entries(said), ...own]),
    ...(audiences === undefined ? {} : { audiences }),
  };
}
