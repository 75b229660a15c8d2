// Ways to write a token, and what it became in a form that a table can compare.

import type { Credential, Refusal, TokenRules } from '../../src/core/credential.ts';

export const RULES: TokenRules = {
  tokenBytes: 16_384,
  ignoreIssuers: new Set(['kubernetes/serviceaccount', 'https://kubernetes.default.svc']),
};

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const base64url = (text: string): string => Buffer.from(text).toString('base64url');

export const jwtOf = (claims: object, header: object = { alg: 'RS256' }): string =>
  `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}.c2lnbmF0dXJl`;

/** `[username, password]`, the form of a bearer, or `refused: reason`. */
export function gistOf(parsed: Credential | Refusal): readonly [string, string] | string {
  switch (parsed.kind) {
    case 'password':
      return [parsed.username, parsed.password.reveal()];
    case 'bearer':
      return parsed.form;
    case 'refused':
      return `refused: ${parsed.reason}`;
  }
}
