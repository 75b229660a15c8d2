// Asks an HTTP upstream whether it accepts a username and password as Basic credentials.

import type { Review } from '../src/core/authenticator.ts';
import type { Claims } from '../src/core/claims.ts';
import { type Provider, type ProviderSeams } from '../src/core/provider.ts';
import { abstained, rejected, unavailable, type Verdict } from '../src/core/verdict.ts';
import { defineProvider } from '../src/settings/provider-module.ts';
import { basicCredentials } from '../src/upstream/http/basic.ts';
import { type Canary, createCanary } from '../src/upstream/http/canary.ts';
import { createHttpClient } from '../src/upstream/http/client.ts';
import { type Judge, judgeBy } from '../src/upstream/http/judge.ts';
import { authenticatedBy } from './http-basic/claims.ts';
import { type Ask, askAtRandomWith, askWith } from './http-basic/exchange.ts';
import { type HttpBasicOptions, optionsSchema } from './http-basic/options.ts';
import { probeHttpBasic } from './http-basic/probe.ts';

/**
 * Authenticated: the status is in `acceptStatus`. Abstained: `wrong-kind`, `not-authenticated` (a reject status other than
 * 403), `login-failed` (a colon in the name, RFC 7617 §2). Rejected: `forbidden` (403), `empty-password`. Unavailable:
 * everything else, and `accepts-anything` while the upstream accepts random credentials.
 */
export const httpBasic = defineProvider<HttpBasicOptions>({
  type: 'http-basic',
  accepts: ['password'],
  options: optionsSchema,
  warnings: ({ canary }) =>
    canary
      ? []
      : ['canary is off: an upstream that starts to accept everything, as a captive portal does, lets everybody in'],
  open: openHttpBasic,
});

function openHttpBasic(options: HttpBasicOptions, seams: ProviderSeams): Provider {
  const http = createHttpClient(options.tls === undefined ? {} : { tls: options.tls });
  const ask = askWith(http, options);
  const judge = judgeBy(options, 'not-authenticated');
  const askAtRandom = askAtRandomWith(ask, seams.randomBytes);
  const canary = options.canary ? createCanary({ askAtRandom, judge, seams }) : undefined;
  let isClosed = false;
  return {
    accounts: { upstream: [options.url.href], within: '' },
    authenticate: async (review, signal) => {
      if (isClosed) return unavailable('stopping');
      return authenticate({ options, ask, judge, canary }, review, signal);
    },
    probe: (report, signal) => probeHttpBasic({ options, ask, askAtRandom, judge }, report, signal),
    close: async () => {
      isClosed = true;
      canary?.close();
      await http.close();
    },
  };
}

interface Upstream {
  readonly options: HttpBasicOptions;
  readonly ask: Ask;
  readonly judge: Judge;
  readonly canary: Canary | undefined;
}

async function authenticate(
  { options, ask, judge, canary }: Upstream,
  { credential }: Review,
  signal: AbortSignal,
): Promise<Verdict<Claims>> {
  if (credential.kind !== 'password') return abstained('wrong-kind');
  const { username, password } = credential;
  if (password.reveal().trim() === '') return rejected('empty-password');
  if (username.includes(':')) {
    return abstained('login-failed', 'Basic credentials cannot carry a username with a colon (RFC 7617 section 2)');
  }
  const outage = await canary?.outage(signal);
  if (outage !== undefined) return outage;
  const answer = await ask(basicCredentials(username, password.reveal()), signal);
  if (answer.kind !== 'answer') return answer;
  const judgement = judge(answer);
  if (judgement.kind !== 'accepted') return judgement;
  return authenticatedBy({ ...answer, fields: judgement.fields }, username, options.headers);
}
