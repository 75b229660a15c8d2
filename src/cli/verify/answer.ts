// What kube-apiserver makes of an answer: a user, a refusal, an error, or nothing it can read.

import { isJsonObject, type JsonObject, type JsonValue, parseJsonObject } from '../../core/claims.ts';
import { API_GROUP, type ApiVersion } from '../../webhook/request.ts';
import type { Exchange } from './exchange.ts';

export type Answer =
  | {
      readonly kind: 'accepted';
      readonly username: string;
      readonly groups: readonly string[];
      readonly audiences: readonly string[];
    }
  | { readonly kind: 'refused' }
  /** `status.error`: it could not tell. */
  | { readonly kind: 'error'; readonly message: string }
  /** A failed call: `why` with what to do next. */
  | { readonly kind: 'unusable'; readonly why: string };

/** Rules of k8s.io/client-go rest/request.go and apimachinery's JSON decoder. */
export function answerOf({ status, body }: Extract<Exchange, { kind: 'answered' }>, version: ApiVersion): Answer {
  if (status < 200 || status > 206) return unusable(`HTTP ${status}. ${statusAdvice(status)}`);
  if (body === '') return unusable('an empty body; what answers here is not the broker');
  const review = parseJsonObject(body);
  if (review === undefined) return unusable('no JSON object; what answers here is not the broker');
  const { kind = 'TokenReview', apiVersion = `${API_GROUP}/${version}` } = review;
  if (kind !== 'TokenReview') return unusable('another kind than TokenReview; what answers here is not the broker');
  if (apiVersion !== `${API_GROUP}/${version}`)
    return unusable('another apiVersion than was asked, which kube-apiserver refuses');
  const reviewStatus = review['status'] ?? {};
  return isJsonObject(reviewStatus) ? statusOf(reviewStatus) : unusable('a status that is no object');
}

function statusOf(status: JsonObject): Answer {
  const { authenticated = false, error = '', user = {}, audiences } = status;
  if (typeof authenticated !== 'boolean' || typeof error !== 'string')
    return unusable('a status with fields of the wrong type');
  if (!authenticated) return error === '' ? { kind: 'refused' } : { kind: 'error', message: error };
  const username = isJsonObject(user) ? (user['username'] ?? '') : undefined;
  const groups = isJsonObject(user) ? strings(user['groups']) : undefined;
  const named = strings(audiences);
  if (typeof username !== 'string' || groups === undefined || named === undefined) {
    return unusable('a user or audiences of the wrong type, which kube-apiserver cannot read');
  }
  return { kind: 'accepted', username, groups, audiences: named };
}

/** null and absent are no strings at all; undefined when it is something else. */
function strings(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  return items.every((item) => typeof item === 'string') ? items : undefined;
}

function statusAdvice(status: number): string {
  if (status >= 300 && status < 400)
    return 'kube-apiserver would take the token along; write the final address into server';
  if (status === 401 || status === 403) {
    return "Compare the client certificate's CN and SANs with webhook.tls.clientNames of the broker";
  }
  if (status === 404) return 'Compare the path in server with webhook.endpoints of the broker';
  if (status >= 500) return 'Read the log of the broker, or of the proxy in front of it';
  return 'What answers here is not the broker, or a proxy changes the request';
}

function unusable(why: string): Answer {
  return { kind: 'unusable', why };
}
