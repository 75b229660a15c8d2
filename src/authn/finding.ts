// Somebody who signed in before, looked at again: what the upstream states today, asked for without a password.

import type { Authenticator } from '../core/authenticator.ts';
import type { Claims } from '../core/claims.ts';
import type { Provider } from '../core/provider.ts';
import { abstained, unavailable } from '../core/verdict.ts';

/** Of the review the typed name alone is used. Undefined where the provider cannot tell without a password. */
export function finding(provider: Provider, timeoutMs: number): Authenticator<Claims> | undefined {
  if (provider.find === undefined) return undefined;
  return {
    authenticate: async ({ credential }) => {
      if (credential.kind !== 'password') return abstained('wrong-kind');
      const found = await provider.find?.(credential.username, AbortSignal.timeout(timeoutMs));
      return found ?? unavailable('internal');
    },
  };
}
