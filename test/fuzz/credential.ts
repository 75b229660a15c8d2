// Any token: a credential or a refusal of the closed table, and what is refused is never a credential in another spelling.

import { parseCredential } from '../../src/core/credential.ts';
import { usernameFault } from '../../src/core/identity.ts';
import { REJECT_REASONS } from '../../src/core/refusal-reasons.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import { type Target, Violation } from './target.ts';

const RULES = { tokenBytes: 16 * 1024, ignoreIssuers: new Set(['kubernetes/serviceaccount']) };
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWT = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: 'https://idp.example', sub: '1' })}.c2lnbmF0dXJl`;
const SERVICE_ACCOUNT = `${part({ alg: 'RS256' })}.${part({ iss: 'kubernetes/serviceaccount' })}.c2ln`;
const SEEDS: readonly [string, ...string[]] = [
  'alice:wonderland',
  'jürgen:pä:ßwörd',
  Buffer.from('alice:wonderland').toString('base64'),
  Buffer.from('jürgen:pä:ßwörd').toString('base64url'),
  JWT,
  SERVICE_ACCOUNT,
  'abcdef.0123456789abcdef',
  'an-opaque-token',
];

export function credentialTarget(): Target {
  return { name: 'credential', run: (random) => judge(tokenOf(random)) };
}

function tokenOf(random: Random): string {
  const mutated = mutate(random.pick(SEEDS), random);
  return random.oneIn(4) ? Buffer.from(mutated, 'latin1').toString('base64url') : mutated;
}

function judge(token: string): string {
  const parsed = parseCredential(token, RULES);
  if (parsed.kind === 'refused') {
    if (!(parsed.reason in REJECT_REASONS)) throw new Violation(`unknown reason ${parsed.reason}`, token);
    return `refused ${parsed.reason}`;
  }
  if (JSON.stringify(parsed).includes(token) && token.length > 8) throw new Violation('it prints its token', token);
  if (parsed.kind === 'bearer') {
    if (parsed.jwt?.claims['iss'] === 'kubernetes/serviceaccount') throw new Violation('an ignored issuer', token);
    if (token.includes(':')) throw new Violation('a colon in a bearer token', token);
    return `bearer ${parsed.form}`;
  }
  const { username, password } = parsed;
  if (usernameFault(username) !== undefined) throw new Violation('a username that cannot be', token);
  const secret = password.reveal();
  if (secret.trim() === '' || secret.includes('\0')) throw new Violation('a password that cannot be', token);
  return 'password';
}
