// Makes the keys that `issuer new-key` prints.

import { generateKeyPairSync } from 'node:crypto';
import type { Algorithm } from './settings.ts';

export interface NewKey {
  /** What goes into the key file: PKCS #8 PEM, or one line of text for HS256. */
  readonly secret: string;
  /** The public half as PEM, for replicas that only verify; HS256 has none. */
  readonly publicPem?: string;
}

const SECRET_BYTES = 32;

export function newKey(algorithm: Algorithm, randomBytes: (size: number) => Buffer): NewKey {
  if (algorithm === 'HS256') return { secret: `${randomBytes(SECRET_BYTES).toString('base64url')}\n` };
  const { privateKey, publicKey } =
    algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
