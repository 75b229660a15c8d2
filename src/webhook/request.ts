// Reads a TokenReview out of a request body; the hot path, so written by hand.

import type { MalformedReason } from '../core/reasons.ts';
import { isJsonObject, type JsonObject } from '../text/json.ts';

export const API_GROUP = 'authentication.k8s.io';
export type ApiVersion = 'v1' | 'v1beta1';

/** The parts of a TokenReview that are read; metadata, status and unknown fields never are. */
export interface TokenReviewRequest {
  readonly ok: true;
  readonly version: ApiVersion;
  /** Empty when it is missing. */
  readonly token: string;
  readonly audiences: readonly string[];
}

export interface MalformedRequest {
  readonly ok: false;
  readonly reason: MalformedReason;
}

const VERSIONS: ReadonlyMap<unknown, ApiVersion> = new Map([
  [`${API_GROUP}/v1`, 'v1'],
  [`${API_GROUP}/v1beta1`, 'v1beta1'],
]);

/** Pure; `null` counts as left out, as Go's decoder has it (k8s.io/api/authentication/v1 types.go). */
export function parseTokenReview(body: string): TokenReviewRequest | MalformedRequest {
  const review = parseJson(body);
  if (review === undefined) return malformed('not-json');
  if (!isJsonObject(review)) return malformed('not-an-object');
  if (review['kind'] !== 'TokenReview') return malformed('not-a-token-review');
  const version = VERSIONS.get(review['apiVersion']);
  if (version === undefined) return malformed('wrong-version');
  const spec = review['spec'] ?? {};
  return isJsonObject(spec) ? readSpec(spec, version) : malformed('spec-not-an-object');
}

function readSpec(spec: JsonObject, version: ApiVersion): TokenReviewRequest | MalformedRequest {
  const token = spec['token'] ?? '';
  if (typeof token !== 'string') return malformed('token-not-a-string');
  const audiences = spec['audiences'] ?? [];
  if (!isStringList(audiences)) return malformed('audiences-not-strings');
  return { ok: true, version, token, audiences };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A lone surrogate is no character: two audiences that differ in it alone would be one on the wire. */
function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item.isWellFormed());
}

function malformed(reason: MalformedReason): MalformedRequest {
  return { ok: false, reason };
}
