// Turns a verdict into the TokenReview that kube-apiserver reads, built from scratch and never from the request.

import type { Decision } from '../core/identity.ts';
import type { Verdict } from '../core/verdict.ts';
import { API_GROUP, type ApiVersion } from './request.ts';

const REFUSED: Readonly<Record<ApiVersion, string>> = {
  v1: write('v1', { authenticated: false }),
  v1beta1: write('v1beta1', { authenticated: false }),
};

/**
 * The answer's body. Refused answers are the same bytes whatever the reason; an outage carries a generic `error`, which
 * keeps kube-apiserver from remembering it for two minutes, and the review id to find the log line by.
 */
export function tokenReviewAnswer(verdict: Verdict<Decision>, version: ApiVersion, reviewId: string): string {
  switch (verdict.kind) {
    case 'authenticated':
      return write(version, accepted(verdict.value));
    case 'abstained':
    case 'rejected':
      return REFUSED[version];
    case 'unavailable':
      return write(version, { authenticated: false, error: `authentication is unavailable, review ${reviewId}` });
  }
}

function accepted({ identity, audiences }: Decision): object {
  const { username, uid, groups, extra } = identity;
  return {
    authenticated: true,
    user: { username, ...(uid !== undefined && { uid }), groups, extra },
    ...(audiences !== undefined && { audiences }),
  };
}

function write(version: ApiVersion, status: object): string {
  return JSON.stringify({ apiVersion: `${API_GROUP}/${version}`, kind: 'TokenReview', status });
}
