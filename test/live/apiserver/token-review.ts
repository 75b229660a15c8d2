// TokenReviews through the API server, as kubelets and aggregated servers make them, and the tokens of service accounts.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignJWT } from 'jose';
import { temporaryFolder } from '../rig/temp.ts';
import { API_AUDIENCE, type ControlPlane } from './control-plane.ts';

export interface TokenReviewStatus {
  readonly authenticated?: boolean;
  readonly audiences?: readonly string[];
  readonly error?: string;
  readonly user?: { readonly username?: string };
}

/** Created by the administrator; `audiences` empty asks for the API server's own. */
export async function createTokenReview(
  plane: ControlPlane,
  token: string,
  audiences: readonly string[] = [],
): Promise<TokenReviewStatus> {
  const file = join(temporaryFolder('token-review'), 'review.json');
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
  writeFileSync(file, JSON.stringify(review), { mode: 0o600 });
  const { status, stdout, stderr } = await plane.kubectl(['create', '-f', file, '-o', 'json']);
  if (status !== 0) throw new Error(stderr);
  const created: { readonly status: TokenReviewStatus } = JSON.parse(stdout);
  return created.status;
}

export interface ServiceAccountToken {
  readonly issuer?: string;
  /** Seconds from now; negative: expired. */
  readonly expiresInS: number;
  /** Default: another cluster's. */
  readonly key?: KeyObject;
}

/** A token as kube-apiserver mounts them into pods; with the cluster's own key it is genuine. */
export function serviceAccountToken(token: ServiceAccountToken): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serviceaccount = { name: 'robot', uid: '2c1e4e1c-6d4c-4c53-9a53-0d3f3c7c8a11' };
  return new SignJWT({ 'kubernetes.io': { namespace: 'default', serviceaccount } })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(token.issuer ?? API_AUDIENCE)
    .setAudience(API_AUDIENCE)
    .setSubject('system:serviceaccount:default:robot')
    .setIssuedAt(nowS - 7200)
    .setNotBefore(nowS - 7200)
    .setExpirationTime(nowS + token.expiresInS)
    .sign(token.key ?? privateKey);
}

/** What the API server of this plane signs service account tokens with. */
export function clusterKey(plane: ControlPlane): KeyObject {
  return createPrivateKey(readFileSync(join(dirname(plane.logFile), 'service-account.key')));
}
