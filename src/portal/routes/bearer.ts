// The issued token that a request carries.

import type { IncomingMessage } from 'node:http';
import { abstained, type Verdict } from '../../core/verdict.ts';
import type { IssuedToken } from '../../issuer/claims.ts';
import type { Headers } from '../answer.ts';
import { bearerCredential } from '../authorization.ts';
import type { Portal } from '../portal.ts';

export const BEARER_CHALLENGE: Headers = { 'WWW-Authenticate': 'Bearer realm="kube-auth-broker"' };

/** The verdict of the issuer; abstained when there is no bearer token at all. */
export async function tokenOf(portal: Portal, request: IncomingMessage): Promise<Verdict<IssuedToken>> {
  const credential = bearerCredential(request, portal.tokenBytes);
  return credential === undefined ? abstained('unknown-token') : portal.issuer.inspect(credential);
}
