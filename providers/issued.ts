// Takes the tokens that this broker has issued, by the keys and revocations of the configuration's `issuer`.

import { type Provider, type ProviderSeams } from '../src/core/provider.ts';
import { abstained, unavailable } from '../src/core/verdict.ts';
import { defineProvider } from '../src/settings/provider-module.ts';

/** Verdicts as `IssuedTokens.verify`; also abstained `wrong-kind`, and unavailable `timeout` and `stopping`. */
export const issued = defineProvider<object>({
  type: 'issued',
  accepts: ['bearer'],
  needsIssuer: true,
  statesIdentities: true,
  options: (fields) => fields.object({}),
  open,
});

function open(_options: object, { issued: tokens }: ProviderSeams): Provider {
  let isClosed = false;
  return {
    authenticate: async ({ credential }, signal) => {
      if (credential.kind !== 'bearer') return abstained('wrong-kind');
      if (isClosed) return unavailable('stopping');
      if (signal.aborted) return unavailable('timeout');
      return (await tokens?.verify(credential)) ?? abstained('unknown-token');
    },
    probe: async (report) => tokens?.probe(report),
    close: async () => {
      isClosed = true;
    },
  };
}
