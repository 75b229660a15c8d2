// Keeps a credential out of what a command prints, even when the other side sends it back.

import type { Credential } from '../core/credential.ts';
import { dataObject, isJsonObject } from '../text/json.ts';

/** Below this length a secret is a word like others: it is hidden only where it is all there is. */
const FINDABLE_CHARACTERS = 8;
const HIDDEN = '[redacted]';

export type Redact = (text: string) => string;

/** Hides a token and the password or signature in it, in every spelling that upstreams send back. */
export function redactor(token: string, credential: Credential | undefined): Redact {
  const secrets = secretsOf(token, credential);
  const findable = secrets.filter((secret) => secret.length >= FINDABLE_CHARACTERS);
  // The longest first: a part of it may be a secret too.
  const spellings = [...new Set(findable.flatMap(spellingsOf))].toSorted((a, b) => b.length - a.length);
  return (text) => {
    if (secrets.includes(text)) return HIDDEN;
    let shown = text;
    for (const spelling of spellings) shown = shown.replaceAll(spelling, HIDDEN);
    return shown;
  };
}

/** A copy of a JSON value, keys included, with every string redacted. */
export function redactedCopy<T extends object>(value: T, redact: Redact): T {
  const copy: T = JSON.parse(JSON.stringify(value), (_key, part: unknown) => {
    if (typeof part === 'string') return redact(part);
    if (!isJsonObject(part)) return part;
    return dataObject(Object.entries(part).map(([key, inner]) => [redact(key), inner]));
  });
  return copy;
}

/** A password that is part of the username is no secret any more: the username is on the command line. */
function secretsOf(token: string, credential: Credential | undefined): string[] {
  if (credential?.kind === 'password') {
    const password = credential.password.reveal();
    return [token, `${credential.username}:${password}`, password].filter(
      (secret) => secret !== '' && !credential.username.includes(secret),
    );
  }
  const signature = credential?.form === 'jwt' ? token.slice(token.lastIndexOf('.') + 1) : '';
  return [token, signature].filter((secret) => secret !== '');
}

function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    bytes.toString('latin1'),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ s: secret }).toString().slice(2),
    json,
    JSON.stringify(json).slice(1, -1),
  ];
}
