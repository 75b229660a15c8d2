// Asks an HTTP API who a bearer token belongs to, by calling it with that token: GitHub, GitLab, Gitea, any userinfo endpoint.

import type { Review } from '../src/core/authenticator.ts';
import type { Claims } from '../src/core/claims.ts';
import { type Provider, type ProviderSeams } from '../src/core/provider.ts';
import type { NextSteps } from '../src/core/reasons.ts';
import { Secret } from '../src/core/secret.ts';
import { abstained, authenticated, unavailable, type Verdict } from '../src/core/verdict.ts';
import { defineProvider } from '../src/settings/provider-module.ts';
import type { JsonObject } from '../src/text/json.ts';
import { fitsHeader } from '../src/upstream/http/basic.ts';
import { type Canary, createCanary } from '../src/upstream/http/canary.ts';
import { createHttpClient, type HttpClient } from '../src/upstream/http/client.ts';
import type { Judge } from '../src/upstream/http/judge.ts';
import { claimsOf } from './http-bearer/claims.ts';
import { bearerWarnings, type HttpBearerOptions, optionsSchema } from './http-bearer/options.ts';
import { probeHttpBearer } from './http-bearer/probe.ts';
import { prove } from './http-bearer/proof.ts';
import { judgeToken } from './http-bearer/refusal.ts';
import { type Ask, askWith, jsonOf, tell } from './http-bearer/requests.ts';

const NEXT_STEPS: NextSteps = {
  'unknown-token': 'Get a new token; call the first address with it, as curl does.',
  'token-not-found': 'Get a new token; call the first address with it, as curl does.',
  'wrong-audience': 'Get a token from the application that proof names; a token of another one is not taken.',
  'mapping-failed': 'explain names the request or the mapping that failed; a token may lack a scope.',
  'subject-missing': 'Let the first request be the one that says who the token belongs to.',
  'oversize-answer': 'Raise maxPages or bodyBytes, or ask for more entries a page.',
  'client-refused': 'Check clientID and clientSecret of proof.request.',
  'rate-limited':
    'Wait until the limit is over; raise cache.authenticatedTTL, so that the service is asked less often.',
};

/**
 * Authenticated: the first request is accepted, the token was made for us, and all the others answered. Abstained: `wrong-kind`,
 * `unknown-token` (a reject status other than 403). Rejected: `forbidden` (403), `wrong-audience`, `expired-token`,
 * `mapping-failed` (another request refuses the token), `subject-missing`. Unavailable: everything else.
 */
export const httpBearer = defineProvider<HttpBearerOptions>({
  type: 'http-bearer',
  accepts: ['bearer'],
  options: optionsSchema,
  warnings: bearerWarnings,
  nextSteps: NEXT_STEPS,
  open: openHttpBearer,
});

function openHttpBearer(options: HttpBearerOptions, seams: ProviderSeams): Provider {
  const { tls, bodyBytes: maxBodyBytes } = options;
  const http = createHttpClient({ maxBodyBytes, ...(tls && { tls }) });
  const ask = askWith(http, options);
  const { acceptStatus, rejectStatus } = options;
  const judge = judgeToken(options);
  // What the first answer must say is nothing that the others say.
  const judgeOthers = judgeToken({ acceptStatus, rejectStatus });
  const askAtRandom = (signal: AbortSignal) =>
    ask(options.requests[0].url, new Secret(`canary${seams.randomBytes(24).toString('hex')}`), signal);
  const canary = options.canary ? createCanary({ askAtRandom, judge, seams }) : undefined;
  let isClosed = false;
  return {
    authenticate: async (review, signal) => {
      if (review.credential.kind !== 'bearer') return abstained('wrong-kind');
      if (isClosed) return unavailable('stopping');
      const { token } = review.credential;
      if (!fitsHeader(token.reveal())) return abstained('unknown-token', 'it has characters that no header carries');
      return authenticate({ options, http, ask, judge, judgeOthers, canary, seams }, review, token, signal);
    },
    probe: (report, signal) =>
      probeHttpBearer({ options, http, ask, askAtRandom, judge, seams, nextSteps: NEXT_STEPS }, report, signal),
    close: async () => {
      isClosed = true;
      canary?.close();
      await http.close();
    },
  };
}

interface Upstream {
  readonly options: HttpBearerOptions;
  readonly http: HttpClient;
  readonly ask: Ask;
  readonly judge: Judge;
  readonly judgeOthers: Judge;
  readonly canary: Canary | undefined;
  readonly seams: ProviderSeams;
}

async function authenticate(
  upstream: Upstream,
  review: Review,
  token: Secret,
  signal: AbortSignal,
): Promise<Verdict<Claims>> {
  const { options, ask, judge, canary } = upstream;
  const [first] = options.requests;
  const outage = await canary?.outage(signal);
  if (outage !== undefined) return outage;
  const answer = await ask(first.url, token, signal);
  if (answer.kind !== 'answer') return answer;
  const judgement = judge(answer);
  if (judgement.kind !== 'accepted') return judgement;
  const told = jsonOf(answer, first);
  if (told.kind !== 'told') return told;
  const { fields } = judgement;
  if (fields === undefined) return unavailable('malformed-answer', `the answer of ${first.name} is no JSON object`);
  return known(fields, upstream, review, token, signal);
}

/** The token is good: was it made for us, and what else is said of its owner? */
async function known(
  person: JsonObject,
  { options, http, ask, judgeOthers, seams }: Upstream,
  review: Review,
  token: Secret,
  signal: AbortSignal,
): Promise<Verdict<Claims>> {
  const { requests, proof } = options;
  const [first, ...others] = requests;
  const proving = proof && prove(proof, { http, ask, now: seams.clock.now() }, token, signal);
  const telling = others.map((request) => tell(request, { ask, judge: judgeOthers, token, signal }));
  const [proven, answers] = await Promise.all([proving, Promise.all(telling)]);
  // Whose token it is comes first: what else is known of a stranger does not matter.
  if (proven !== undefined && proven.kind !== 'proven') return shown(proven, person, review, seams);
  const missing = answers.find(({ kind }) => kind === 'unavailable') ?? answers.find(({ kind }) => kind === 'rejected');
  if (missing !== undefined && missing.kind !== 'told') return shown(missing, person, review, seams);
  const named = answers.flatMap((answer, index) =>
    answer.kind === 'told' ? [[others[index]?.name ?? '', answer.json] as const] : [],
  );
  const claims = claimsOf(person, [[first.name, person], ...named]);
  return 'kind' in claims ? shown(claims, person, review, seams) : authenticated(claims, proven?.expiresAt);
}

/** What was said explains a refusal best; an authenticated answer is shown where it is mapped. */
function shown<V>(verdict: V, attributes: JsonObject, { trace }: Review, { name }: ProviderSeams): V {
  trace?.({ step: 'claims', provider: name, claims: { attributes } });
  return verdict;
}
