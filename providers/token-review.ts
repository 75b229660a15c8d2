// Asks another token webhook, or the API server of another cluster, with a TokenReview, as kube-apiserver asks its webhook.

import type { Review } from '../src/core/authenticator.ts';
import type { Claims } from '../src/core/claims.ts';
import type { Credential } from '../src/core/credential.ts';
import { type ProbeReport, type Provider, type ProviderSeams } from '../src/core/provider.ts';
import type { NextSteps } from '../src/core/reasons.ts';
import { abstained, rejected, unavailable, type Verdict } from '../src/core/verdict.ts';
import { MAX_BROKERS, VIA_HEADER } from '../src/core/via.ts';
import { defineProvider } from '../src/settings/provider-module.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from '../src/upstream/http/client.ts';
import { failedStep } from '../src/upstream/http/fault-words.ts';
import { probeTransport, transportOf } from '../src/upstream/http/transport-probe.ts';
import { verdictOf } from './token-review/answer.ts';
import { optionsSchema, type ReviewOptions, reviewWarnings, tlsOf } from './token-review/options.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;

const NEXT_STEPS: NextSteps = {
  'client-refused': 'Check the user of the kubeconfig; at an API server it needs the role system:auth-delegator.',
  'unexpected-status': 'Compare the server of the kubeconfig with the address of the webhook, its path included.',
  'unknown-token': 'Get a new token; post a TokenReview to the upstream itself.',
  'wrong-audience': 'Compare audiences with those that the token is made for and that the upstream knows.',
};

/**
 * Authenticated: `status.authenticated`. Abstained: `wrong-kind`, `unknown-token`, for a password `not-authenticated`. Rejected:
 * `wrong-audience`. Unavailable: `status.error`, `client-refused` (401, 403), `review-loop`, everything else.
 */
export const tokenReview = defineProvider<ReviewOptions>({
  type: 'token-review',
  accepts: ['bearer', 'password'],
  acceptsWith: ({ accepts }) => accepts,
  options: optionsSchema,
  warnings: reviewWarnings,
  nextSteps: NEXT_STEPS,
  open: openUpstream,
});

function openUpstream(options: ReviewOptions, { randomBytes }: ProviderSeams): Provider {
  const http = createHttpClient({ tls: tlsOf(options.kubeconfig), maxBodyBytes: MAX_ANSWER_BYTES });
  let isClosed = false;
  return {
    accounts: { upstream: [options.kubeconfig.url.href], within: '' },
    authenticate: async (review, signal) => {
      if (!options.accepts.includes(review.credential.kind)) return abstained('wrong-kind');
      if (isBlank(review.credential)) return rejected('empty-password');
      if (isClosed) return unavailable('stopping');
      return ask({ options, http }, review, signal);
    },
    probe: (report, signal) => probe({ options, http }, randomBytes(24).toString('hex'), report, signal),
    close: async () => {
      isClosed = true;
      await http.close();
    },
  };
}

function isBlank(credential: Credential): boolean {
  return credential.kind === 'password' && credential.password.reveal().trim() === '';
}

interface Upstream {
  readonly options: ReviewOptions;
  readonly http: HttpClient;
}

async function ask(upstream: Upstream, review: Review, signal: AbortSignal): Promise<Verdict<Claims>> {
  const { credential, via = [], audiences: asked } = review;
  if (via.length >= MAX_BROKERS) return unavailable('review-loop');
  const demanded = upstream.options.audiences;
  const audiences = demanded ?? asked;
  const answer = await post(upstream, { token: tokenOf(credential), audiences, via }, signal);
  if (answer.kind !== 'answer') return answer;
  const verdict = judge(answer, (body) =>
    verdictOf(body, { kind: credential.kind, audiences, isDemanded: demanded !== undefined }),
  );
  return verdict.kind === 'authenticated' ? { ...verdict, ...endOf(credential) } : verdict;
}

/** The upstream has found the token good, so what it says of its end is true. */
function endOf(credential: Credential): { readonly expiresAt?: number } {
  const exp = credential.kind === 'bearer' ? credential.jwt?.claims['exp'] : undefined;
  return typeof exp === 'number' ? { expiresAt: exp * 1000 } : {};
}

function tokenOf(credential: Credential): string {
  return credential.kind === 'bearer'
    ? credential.token.reveal()
    : `${credential.username}:${credential.password.reveal()}`;
}

interface Posted {
  readonly token: string;
  readonly audiences: readonly string[];
  readonly via: readonly string[];
}

/** An API server answers 201, a webhook 200. */
const wantsBody = (status: number): boolean => status === 200 || status === 201;

/** Sent once: the token may be a password. */
function post({ options, http }: Upstream, { token, audiences, via }: Posted, signal: AbortSignal) {
  const { kubeconfig, version } = options;
  const { url, authorization } = kubeconfig;
  const body = JSON.stringify({
    apiVersion: `authentication.k8s.io/${version}`,
    kind: 'TokenReview',
    spec: { token, ...(audiences.length > 0 && { audiences }) },
  });
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(authorization && { authorization: authorization.reveal() }),
    ...(via.length > 0 && { [VIA_HEADER]: via.join(', ') }),
  };
  return http.send({ method: 'POST', url, headers, body, wantsBody }, signal);
}

function judge({ status, body }: HttpAnswer, read: (body: string) => Verdict<Claims>): Verdict<Claims> {
  const detail = `HTTP ${status}`;
  if (wantsBody(status)) return read(body);
  if (status === 401 || status === 403) return unavailable('client-refused', detail);
  if (status === 429) return unavailable('rate-limited', detail);
  if (status >= 300 && status <= 399) return unavailable('redirected', detail);
  return unavailable(status >= 500 ? 'upstream-error' : 'unexpected-status', detail);
}

/** The transport, then a random token, which nobody may know. Never throws. */
async function probe(upstream: Upstream, token: string, report: ProbeReport, signal: AbortSignal): Promise<void> {
  const { kubeconfig, audiences = [] } = upstream.options;
  if (!(await probeTransport(transportOf(kubeconfig.url, tlsOf(kubeconfig)), report, signal))) return;
  const step = `a random token is refused at ${kubeconfig.url.href}`;
  const answer = await post(upstream, { token, audiences, via: [] }, signal);
  const asked = { kind: 'bearer', audiences, isDemanded: false } as const;
  const verdict = answer.kind === 'answer' ? judge(answer, (body) => verdictOf(body, asked)) : answer;
  if (verdict.kind === 'unavailable') return report(failedStep(step, verdict, NEXT_STEPS));
  if (verdict.kind === 'authenticated') return report(failedStep(step, unavailable('accepts-anything'), NEXT_STEPS));
  report({ step, result: 'ok' });
}
