// What kube-apiserver makes of an answer: a user, a refusal, an error, or nothing it can read.

import { isJsonObject, type JsonObject, parseJsonObject, stringList } from '../../text/json.ts';
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
  const kind = review['kind'] || 'TokenReview';
  const apiVersion = review['apiVersion'] || `${API_GROUP}/${version}`;
  if (kind !== 'TokenReview') return unusable('another kind than TokenReview; what answers here is not the broker');
  if (apiVersion !== `${API_GROUP}/${version}`)
    return unusable('another apiVersion than was asked, which kube-apiserver refuses');
  const reviewStatus = review['status'] ?? {};
  return isJsonObject(reviewStatus) ? statusOf(reviewStatus) : unusable('a status that is no object');
}

/** A field of the wrong type makes the whole answer unreadable, also where nobody is let in. */
function statusOf(status: JsonObject): Answer {
  const authenticated = status['authenticated'] ?? false;
  const error = status['error'] ?? '';
  const user = status['user'] ?? {};
  const audiences = stringList(status['audiences'] ?? []);
  const who = isJsonObject(user) ? userOf(user) : undefined;
  if (typeof authenticated !== 'boolean' || typeof error !== 'string' || audiences === undefined || who === undefined) {
    return unusable('a status with fields of the wrong type, which kube-apiserver cannot read');
  }
  if (authenticated) return { kind: 'accepted', ...who, audiences };
  return error === '' ? { kind: 'refused' } : { kind: 'error', message: error };
}

function userOf(user: JsonObject): { readonly username: string; readonly groups: readonly string[] } | undefined {
  const [username, uid, extra] = [user['username'] ?? '', user['uid'] ?? '', user['extra'] ?? {}];
  const groups = stringList(user['groups'] ?? []);
  const isExtra = isJsonObject(extra) && Object.values(extra).every((values) => stringList(values ?? []) !== undefined);
  if (typeof username !== 'string' || typeof uid !== 'string' || groups === undefined || !isExtra) return undefined;
  return { username, groups };
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
