// Values that leave this process for a store: encrypted, bound to the place where they lie, and dated.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import type { EpochMs } from '../core/verdict.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from '../text/json.ts';
import { decodeUtf8 } from '../text/utf8.ts';

export interface Sealer {
  /** Base64url text that only this place, under this key, opens until `expiresAtMs` (wall clock). */
  readonly seal: (place: string, value: object, expiresAtMs: EpochMs) => string;
  /** The value; undefined when it was invented, changed, cut off, moved from another place, prolonged, or is over. */
  readonly open: (place: string, sealed: string, nowMs: EpochMs) => JsonObject | undefined;
  /** Keys and channels as the store sees them: a keyed hash, so that they tell nothing and nobody can find one. */
  readonly nameOf: (place: string) => string;
  /** 32 bytes for fingerprints, the same on every broker with the key. */
  readonly fingerprintBytes: Buffer;
}

const CIPHER = 'aes-256-gcm';
const SALT_BYTES = 16;
const TAG_BYTES = 16;
/** Each value has a key of its own, made from a random salt, so that no pair of key and nonce is ever used twice. */
const NONCE = Buffer.alloc(12);

/** `secret` has at least 32 random bytes and is the same on every broker (HKDF, RFC 5869; AES-GCM, NIST SP 800-38D). */
export function sealer(secret: Secret, randomBytes: (size: number) => Buffer): Sealer {
  const derived = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret.reveal()), '', `kube-auth-broker shared ${purpose}`, 32));
  const valueKey = derived('values');
  const nameKey = derived('names');
  const keyFor = (salt: Uint8Array): Buffer => createHmac('sha256', valueKey).update(salt).digest();
  return {
    fingerprintBytes: derived('fingerprints'),
    nameOf: (place) => createHmac('sha256', nameKey).update(place).digest('base64url'),
    seal: (place, value, expiresAtMs) => {
      const salt = randomBytes(SALT_BYTES);
      const cipher = createCipheriv(CIPHER, keyFor(salt), NONCE).setAAD(Buffer.from(place));
      const text = cipher.update(JSON.stringify({ until: expiresAtMs, value }), 'utf8');
      return Buffer.concat([salt, text, cipher.final(), cipher.getAuthTag()]).toString('base64url');
    },
    open: (place, sealed, nowMs) => {
      const content = opened(place, Buffer.from(sealed, 'base64url'), keyFor);
      const { until, value } = content ?? {};
      if (typeof until !== 'number' || until <= nowMs) return undefined;
      return isJsonObject(value) ? value : undefined;
    },
  };
}

function opened(place: string, bytes: Buffer, keyFor: (salt: Uint8Array) => Buffer): JsonObject | undefined {
  if (bytes.length < SALT_BYTES + TAG_BYTES) return undefined;
  const salt = bytes.subarray(0, SALT_BYTES);
  const text = bytes.subarray(SALT_BYTES, -TAG_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, keyFor(salt), NONCE, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decodeUtf8(Buffer.concat([decipher.update(text), decipher.final()]));
    return plain === undefined ? undefined : parseJsonObject(plain);
  } catch {
    return undefined;
  }
}
