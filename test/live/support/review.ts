// Asks a webhook for a TokenReview over mutual TLS, in either version.
import { type Agent, request } from 'undici';

export interface ReviewRequest {
  /** Default v1beta1, kube-apiserver's own default. */
  readonly version?: 'v1' | 'v1beta1';
  readonly audiences?: readonly string[];
  /** Another endpoint than the one in the URL. */
  readonly path?: string;
}

export interface ReviewAnswer {
  /** Names the log line of this review. */
  readonly id: string;
  readonly httpStatus: number;
  /** Byte for byte. */
  readonly text: string;
  /** Of the TokenReview. */
  readonly status: {
    readonly authenticated: boolean;
    readonly error?: string;
    readonly audiences?: readonly string[];
    readonly user?: {
      readonly username: string;
      readonly uid?: string;
      readonly groups: readonly string[];
      readonly extra: Readonly<Record<string, readonly string[]>>;
    };
  };
}

/** Throws when the answer is no TokenReview of the version that was asked for. */
export async function reviewOver(
  dispatcher: Agent,
  url: string,
  token: string,
  { version = 'v1beta1', audiences, path }: ReviewRequest,
): Promise<ReviewAnswer> {
  const apiVersion = `authentication.k8s.io/${version}`;
  const spec = { token, ...(audiences && { audiences }) };
  const { statusCode, headers, body } = await request(new URL(`${path ?? ''}?timeout=30s`, url), {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json', accept: 'application/json, */*' },
    body: JSON.stringify({ kind: 'TokenReview', apiVersion, metadata: {}, spec, status: { user: {} } }),
  });
  const text = await body.text();
  const answer: { apiVersion?: string; kind?: string; status?: ReviewAnswer['status'] } = JSON.parse(text);
  if (answer.apiVersion !== apiVersion || answer.kind !== 'TokenReview' || answer.status === undefined) {
    throw new Error(`no TokenReview of ${apiVersion}: ${statusCode} ${text}`);
  }
  return { id: String(headers['x-request-id']), httpStatus: statusCode, text, status: answer.status };
}

/** `authenticated`, `rejected` (no error, so kube-apiserver remembers it) or `unavailable`. */
export function outcomeOf({ status }: ReviewAnswer): 'authenticated' | 'rejected' | 'unavailable' {
  if (status.authenticated) return 'authenticated';
  return status.error === undefined ? 'rejected' : 'unavailable';
}
