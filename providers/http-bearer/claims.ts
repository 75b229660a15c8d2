// The claims: what the first answer says of the person, and every answer under the name of its request.

import { type Claims } from '../../src/core/claims.ts';
import { type Rejected, rejected } from '../../src/core/verdict.ts';
import { dataObject, isText, type JsonObject, type JsonValue } from '../../src/text/json.ts';

const SUBJECT_MEMBERS = ['subject', 'sub', 'uid', 'id'] as const;
const NAME_MEMBERS = ['username', 'preferred_username', 'login'] as const;

/**
 * `subject` is the first of `subject`, `sub`, `uid` and `id` that is text or a whole number, else the name; `username` the first of
 * `username`, `preferred_username` and `login` that is text, else the subject. Without either it is nobody: `subject-missing`.
 */
export function claimsOf(first: JsonObject, answers: Iterable<readonly [string, JsonValue]>): Claims | Rejected {
  const name = NAME_MEMBERS.map((member) => first[member]).find(isText);
  const subject = SUBJECT_MEMBERS.map((member) => idText(first[member])).find(isText) ?? name;
  if (subject === undefined) return rejected('subject-missing');
  const own = Object.entries({ username: name ?? subject, subject });
  return { subject, attributes: dataObject([...Object.entries(first), ...answers, ...own]) };
}

/** Ids are numbers at GitHub, GitLab and Gitea. */
function idText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  return isText(value) && value.trim() !== '' ? value : undefined;
}
