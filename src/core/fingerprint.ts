// The only form in which a token is remembered: a keyed hash that means nothing outside this process.

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Credential } from './credential.ts';

/** Names one credential, at one endpoint, for one list of audiences, under one configuration: 43 base64url characters. */
export type Fingerprint = string;

export interface Fingerprinter {
  ofReview(endpoint: string, credential: Credential, audiences: readonly string[]): Fingerprint;
  /** Of arbitrary fields; `domain` keeps different uses apart. */
  of(domain: string, fields: readonly string[]): Fingerprint;
}

/** A fresh key for this process; a KeyObject because HMAC with a Buffer key costs five to ten times as much. */
export function newFingerprintKey(randomBytes: (size: number) => Buffer): KeyObject {
  return createSecretKey(randomBytes(32));
}

/**
 * HMAC-SHA-256 over length-prefixed fields, so that no two different lists of fields read the same.
 * `generation` counts configurations: a changed configuration never finds the verdicts of the one before.
 */
export function fingerprinter(key: KeyObject, generation: number): Fingerprinter {
  const hash = (text: string): Fingerprint => createHmac('sha256', key).update(text).digest('base64url');
  const prefix = `${generation}\n`;
  return {
    ofReview: (endpoint, credential, audiences) => hash(prefix + reviewFields(endpoint, credential, audiences)),
    of: (domain, fields) => hash(field(domain) + fields.map(field).join('')),
  };
}

const field = (text: string): string => `${text.length}:${text}`;

function reviewFields(endpoint: string, credential: Credential, audiences: readonly string[]): string {
  const who =
    credential.kind === 'password'
      ? `p${field(credential.username)}${field(credential.password.reveal())}`
      : `b${field(credential.token.reveal())}`;
  let named = `${audiences.length}/`;
  for (const audience of audiences) named += field(audience);
  return field(endpoint) + who + named;
}
