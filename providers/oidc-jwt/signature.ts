// Whether one of the issuer's keys has signed a token, asking for new keys where none of the known ones has.

import { type Rejected, rejected, type Unavailable } from '../../src/core/verdict.ts';
import { type IssuerKeys, REFETCH_PAUSE_MS } from '../../src/upstream/oidc/issuer-keys.ts';
import { type SignedToken, signingKey } from '../../src/upstream/oidc/jws.ts';
import type { VerificationKey } from '../../src/upstream/oidc/key-set.ts';

/**
 * The key. `bad-signature` when no key fits, also while keys may not be fetched again; unavailable only without any keys. A
 * token for which keys are fetched again waits for them alone: every other is judged by those at hand.
 */
export async function verifySignature(
  token: SignedToken,
  source: IssuerKeys,
  signal: AbortSignal,
): Promise<VerificationKey | Rejected | Unavailable> {
  const known = await source.current(signal);
  if ('failure' in known) return known.failure;
  const key = await signingKey(token, known.value.keys.keys);
  if (key !== undefined) return key;
  const renewed = await source.renewedAfter(REFETCH_PAUSE_MS, signal);
  const later =
    renewed !== undefined && 'value' in renewed ? await signingKey(token, renewed.value.keys.keys) : undefined;
  if (later !== undefined) return later;
  const isKnown = known.value.keys.keys.some(({ kid }) => token.kid === '' || kid === token.kid);
  return rejected('bad-signature', isKnown ? 'no key of the issuer has signed it' : 'no key of the issuer has its kid');
}
