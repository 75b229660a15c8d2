// TokenReviews posted to the webhook: of nobody's token in both versions, without a client certificate, of a given token.

import { certificatesOf, endsSoon, nameIn } from '../../core/certificate.ts';
import { parseCredential } from '../../core/credential.ts';
import type { ApiVersion } from '../../webhook/request.ts';
import { redactor } from '../redact.ts';
import { type Answer, answerOf } from './answer.ts';
import { type Exchange, post } from './exchange.ts';
import { type Finding, failed, isFailed, ok, outage, warning } from './finding.ts';
import type { Target } from './target.ts';

/** Slower than this is slow for a token that nobody owns; slower than the second breaks the broker's promise. */
const SLOW_MS = 1000;
const TOO_SLOW_MS = 5000;

export interface Asked {
  readonly target: Target;
  readonly audiences: readonly string[];
  /** A token that nobody owns. */
  readonly nobodys: string;
}

/** Both versions, then how long they took; ends with the first that cannot be used. */
export async function versionFindings(asked: Asked): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const durations: number[] = [];
  for (const version of ['v1', 'v1beta1'] as const) {
    // oxlint-disable-next-line no-await-in-loop -- when the first fails the second says nothing new
    const exchange = await post(asked.target, {
      ...asked,
      version,
      token: asked.nobodys,
      client: asked.target.kubeconfig.client,
    });
    const finding = nobodyFinding(exchange, version, asked.target);
    findings.push(finding);
    if (exchange.kind === 'answered') durations.push(exchange.durationMs);
    if (isFailed(finding)) break;
  }
  return durations.length === 0 ? findings : [...findings, timeFinding(Math.max(...durations))];
}

function nobodyFinding(exchange: Exchange, version: ApiVersion, target: Target): Finding {
  const step = `TokenReview ${version}`;
  if (exchange.kind === 'broken') return brokenFinding(step, exchange.code, target);
  const answer = answerOf(exchange, version);
  switch (answer.kind) {
    case 'refused':
      return ok(step, 'a token that nobody owns is refused');
    case 'accepted':
      return failed(
        step,
        'a random token is let in: what answers here is not the broker, or a provider accepts everything',
      );
    case 'error':
      return errorFinding(step, answer.message);
    case 'unusable':
      return failed(step, answer.why);
  }
}

function errorFinding(step: string, message: string): Finding {
  return outage(
    step,
    `the webhook could not tell (${message}): a provider is unavailable; run check --connect where the broker runs`,
  );
}

function brokenFinding(step: string, code: string, { kubeconfig }: Target): Finding {
  if (code === 'timeout') return outage(step, 'no answer within 10s; kube-apiserver gives up after 30s, users see 401');
  if (code === 'oversize') return failed(step, 'more than 1 MiB; what answers here is not the broker');
  if (code === 'ECONNREFUSED') return outage(step, `${code}: the broker has just stopped`);
  const isCut = code.startsWith('ERR_SSL_') || code === 'ECONNRESET' || code === 'EPIPE';
  if (!isCut || kubeconfig.url.protocol === 'http:')
    return outage(step, `${code}: the connection broke; read the log of the broker`);
  const cut = `${code}: the server cut the connection after the handshake, as it does with a client certificate that it`;
  return kubeconfig.client === undefined
    ? failed(step, `${cut} misses: add client-certificate and client-key to the kubeconfig`)
    : failed(
        step,
        `${cut} does not trust: ${clientName(kubeconfig.client.cert)}; compare webhook.tls.clientCAFile of the broker`,
      );
}

function timeFinding(durationMs: number): Finding {
  const detail = `${durationMs} ms at most`;
  if (durationMs >= TOO_SLOW_MS)
    return failed('response time', `${detail}; the broker answers within 5s, so something in between is slow`);
  return durationMs >= SLOW_MS
    ? warning('response time', `${detail}; every login waits so long`)
    : ok('response time', detail);
}

/** Whether somebody else on the network could ask too; an empty token costs no upstream call. */
export async function strangerFinding({ target }: Asked, nowMs: number): Promise<Finding> {
  const { client } = target.kubeconfig;
  const exchange = await post(target, { version: 'v1', token: '', audiences: [], client: undefined });
  const isAnswered = exchange.kind === 'answered' && answerOf(exchange, 'v1').kind !== 'unusable';
  if (isAnswered) {
    return warning(
      'client certificate',
      'the webhook answers callers without one: whoever reaches it can try passwords; set webhook.tls.clientCAFile in the broker',
    );
  }
  if (client === undefined) return ok('client certificate', 'not in use');
  return clientEnd(client.cert, nowMs);
}

function clientEnd(pem: string, nowMs: number): Finding {
  const [certificate] = certificatesOf(pem) ?? [];
  const step = 'client certificate';
  const accepted = `${clientName(pem)} is accepted, a caller without one is refused`;
  if (certificate === undefined || !endsSoon(certificate, nowMs)) return ok(step, accepted);
  return warning(step, `${accepted}; it ends on ${certificate.validToDate.toISOString()}, renew it`);
}

function clientName(pem: string): string {
  return nameIn(certificatesOf(pem)?.[0].subject ?? '');
}

/** What kube-apiserver would make of the caller's own token. */
export async function tokenFinding(token: string, { target, audiences }: Asked): Promise<Finding> {
  const step = 'your token';
  const exchange = await post(target, { version: 'v1', token, audiences, client: target.kubeconfig.client });
  if (exchange.kind === 'broken') return brokenFinding(step, exchange.code, target);
  const { detail = '', ...rest } = judged(step, answerOf(exchange, 'v1'), audiences);
  const credential = parseCredential(token, { tokenBytes: Number.MAX_SAFE_INTEGER, ignoreIssuers: new Set() });
  return { ...rest, detail: redactor(token, credential.kind === 'refused' ? undefined : credential)(detail) };
}

function judged(step: string, answer: Answer, asked: readonly string[]): Finding {
  switch (answer.kind) {
    case 'refused':
      return failed(step, 'is refused; run explain with it where the broker runs');
    case 'error':
      return errorFinding(step, answer.message);
    case 'unusable':
      return failed(step, answer.why);
    case 'accepted':
      return acceptedFinding(step, answer, asked);
  }
}

/** kube-apiserver intersects before it looks at anything else (webhook.go, AuthenticateToken). */
function acceptedFinding(
  step: string,
  answer: Extract<Answer, { kind: 'accepted' }>,
  asked: readonly string[],
): Finding {
  const { username, groups, audiences } = answer;
  if (username === '') return failed(step, 'is let in without a username; what answers here is not the broker');
  const who = `is ${username}, ${groups.length === 0 ? 'in no group' : `in ${groups.join(', ')}`}`;
  if (asked.length === 0) return ok(step, who);
  if (audiences.length === 0) {
    return warning(
      step,
      `${who}; the answer names no audience, so kube-apiserver takes it for its own --api-audiences only`,
    );
  }
  const good = audiences.filter((audience) => asked.includes(audience));
  if (good.length > 0) return ok(step, `${who}; good for ${good.join(', ')}`);
  return failed(step, `${who}; but for none of the audiences asked, so kube-apiserver refuses it`);
}
