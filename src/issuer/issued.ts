// The provider of type `issued`: takes the tokens that this broker has issued.

import type { Provider } from '../core/provider.ts';
import { abstained, unavailable } from '../core/verdict.ts';
import type { Issuer } from './issuer.ts';

/** Verdicts as {@link Issuer} has them; also abstained `wrong-kind`, and unavailable `timeout` and `stopping`. */
export function issuedTokens(issuer: Pick<Issuer, 'verify' | 'probe'>): Provider {
  let isClosed = false;
  return {
    authenticate: async ({ credential, endpoint }, signal) => {
      if (credential.kind !== 'bearer') return abstained('wrong-kind');
      if (isClosed) return unavailable('stopping');
      if (signal.aborted) return unavailable('timeout');
      return issuer.verify(credential, endpoint.path);
    },
    probe: (report) => issuer.probe(report),
    close: async () => {
      isClosed = true;
    },
  };
}
