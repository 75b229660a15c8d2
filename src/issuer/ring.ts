// Which keys a token may have been signed with, told from its header before anything is verified.

import type { Jwt } from '../core/jwt.ts';
import { type Abstained, abstained, type Rejected, rejected } from '../core/verdict.ts';
import type { IssuerKey, IssuerSettings } from './settings.ts';

export type Found =
  | Abstained
  | Rejected
  | { readonly kind: 'keys'; readonly keys: readonly IssuerKey[]; readonly isKubehook: boolean };

/**
 * The key that `kid` names; a token of kubehook names none, so every HS256 key may be its. Abstained `foreign-issuer` or
 * `unknown-key`; rejected `bad-signature` when `alg` is not the key's own, so that no public key is ever taken for a secret.
 */
export function findKey({ header, claims }: Jwt, settings: IssuerSettings): Found {
  const { kid, alg } = header;
  if (settings.kubehookCompatible && kid === undefined && claims['iss'] === undefined) {
    const keys = settings.keys.filter(({ algorithm }) => algorithm === 'HS256');
    return alg === 'HS256' && keys.length > 0 ? { kind: 'keys', keys, isKubehook: true } : abstained('unknown-key');
  }
  if (claims['iss'] !== settings.name) return abstained('foreign-issuer');
  const key = settings.keys.find(({ id }) => id === kid);
  if (key === undefined) return abstained('unknown-key');
  return key.algorithm === alg ? { kind: 'keys', keys: [key], isKubehook: false } : rejected('bad-signature');
}
