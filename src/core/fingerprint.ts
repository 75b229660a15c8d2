// The only form in which a token is remembered: a keyed hash that means nothing outside this process.

import { hash } from 'node:crypto';
import type { Credential } from './credential.ts';

/** Names one credential, at one endpoint, for one list of audiences, under one configuration: 43 base64url characters. */
export type Fingerprint = string;

export interface Fingerprinter {
  ofReview(endpoint: string, credential: Credential, audiences: readonly string[]): Fingerprint;
  /** Of a credential alone: the same for every audience, endpoint and configuration, and at every broker with the same key. */
  ofCredential(credential: Credential): Fingerprint;
  /** Of arbitrary fields; `domain` keeps different uses apart. */
  of(domain: string, fields: readonly string[]): Fingerprint;
}

/** The two halves of an HMAC key (RFC 2104 §2): XORed with ipad and opad once, not with every review. */
export interface FingerprintKey {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/** A fresh key for this process, or the one that `randomBytes` gives for all brokers. */
export function newFingerprintKey(randomBytes: (size: number) => Buffer): FingerprintKey {
  const key = randomBytes(DIGEST_BYTES);
  const padded = (pad: number): Buffer =>
    Buffer.from(Buffer.alloc(BLOCK_BYTES, pad).map((byte, at) => byte ^ (key[at] ?? 0)));
  return { inner: padded(0x36), outer: padded(0x5c) };
}

/**
 * HMAC-SHA-256 over length-prefixed fields, so that no two different lists of fields read the same.
 * `configuration` is another text for each that decides differently: a changed one never finds the verdicts of the one before.
 */
export function fingerprinter(key: FingerprintKey, configuration: string): Fingerprinter {
  const prefix = `${configuration}\n`;
  const hmac = hmacUnder(key);
  return {
    ofReview: (endpoint, credential, audiences) => hmac(prefix + reviewFields(endpoint, credential, audiences)),
    ofCredential: (credential) => hmac(`${field('credential')}${credentialFields(credential)}`),
    of: (domain, fields) => hmac(field(domain) + fields.map(field).join('')),
  };
}

/** Longer texts than nearly every token need a buffer of their own. */
const SCRATCH_BYTES = 8 * 1024;

/**
 * By two one-shot hashes over kept buffers: a Hmac object, or a fresh buffer, for every review is memory outside the heap,
 * and that is what the garbage collector feels most.
 */
function hmacUnder({ inner, outer }: FingerprintKey): (text: string) => Fingerprint {
  const scratch = Buffer.concat([inner], BLOCK_BYTES + SCRATCH_BYTES);
  const last = Buffer.concat([outer], BLOCK_BYTES + DIGEST_BYTES);
  return (text) => {
    const end = BLOCK_BYTES + Buffer.byteLength(text);
    const message = end <= scratch.length ? scratch : Buffer.concat([inner], end);
    message.write(text, BLOCK_BYTES);
    last.write(hash('sha256', message.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    message.fill(0, BLOCK_BYTES, end);
    return hash('sha256', last, 'base64url');
  };
}

const field = (text: string): string => `${text.length}:${text}`;

function reviewFields(endpoint: string, credential: Credential, audiences: readonly string[]): string {
  let named = `${audiences.length}/`;
  for (const audience of audiences) named += field(audience);
  return field(endpoint) + credentialFields(credential) + named;
}

function credentialFields(credential: Credential): string {
  return credential.kind === 'password'
    ? `p${field(credential.username)}${field(credential.password.reveal())}`
    : `b${field(credential.token.reveal())}`;
}
