// What the configuration says of the issuer, checked and with its keys imported.

import type { webcrypto } from 'node:crypto';
import type { Secret } from '../core/secret.ts';

export const ALGORITHMS = ['EdDSA', 'ES256', 'HS256'] as const;
/** How a key signs (RFC 7518 §3.1, RFC 8037 §3.1); it follows from the key, never from a token. */
export type Algorithm = (typeof ALGORITHMS)[number];

export interface IssuerKey {
  /** The `kid` of the tokens that it signs. */
  readonly id: string;
  readonly algorithm: Algorithm;
  readonly verify: webcrypto.CryptoKey;
  /** Absent: only the public half is here, for a replica that verifies and never signs. */
  readonly sign?: webcrypto.CryptoKey;
  /** The public half as it is published (RFC 7517); absent of a shared secret. */
  readonly jwk?: Readonly<Record<string, string>>;
  /** Made of the private part: what only brokers with this key can seal and open. */
  readonly sealing?: Secret;
}

export interface IssuerSettings {
  /** The `iss` claim. */
  readonly name: string;
  /** The `aud` claim. */
  readonly audience: string;
  readonly lifetime: { readonly defaultMs: number; readonly maxMs: number };
  /** The first signs, all verify; ids are unique. */
  readonly keys: readonly IssuerKey[];
  /** Take tokens as planetlabs/kubehook made them: HS256, without `kid`, `iss`, `iat` and `jti`, groups in `grp`. */
  readonly kubehookCompatible: boolean;
  /** A token is good at every endpoint, not only at the one whose chain signed its owner in. */
  readonly crossEndpoints: boolean;
  /** Absolute path: the list itself, or this broker's snapshot of the one that brokers share. */
  readonly revocationsFile?: string;
  /** Kept in the shared store; absent without `revocationsFile`, too: nothing can be revoked. */
  readonly revocations?: 'shared' | undefined;
  /** The broker is an OpenID provider; absent: it is none. */
  readonly openid?: OpenidSettings;
}

export interface OpenidSettings {
  readonly clients: readonly OpenidClient[];
  /** How long after the sign-in its refresh tokens end. */
  readonly refreshMs: number;
}

/** A public client. */
export interface OpenidClient {
  readonly id: string;
  /** In every spelling that is allowed; one to a loopback host may have any port. */
  readonly redirectURIs: readonly string[];
}
