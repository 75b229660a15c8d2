// Any bytes at the webhook's door: one of the documented answers, nobody let in who has no password, nothing reflected.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { providerModules } from '../../providers/index.ts';
import { newFingerprintKey } from '../../src/core/fingerprint.ts';
import { systemClock } from '../../src/core/seams.ts';
import { openGraph } from '../../src/graph.ts';
import { clientJudge } from '../../src/http/client.ts';
import { overHttp1, type Serve } from '../../src/http/incoming.ts';
import { LIMITS } from '../../src/server/listener.ts';
import { loadConfig } from '../../src/settings/load.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { reviewObserver } from '../../src/telemetry/reviews.ts';
import { webhookApp } from '../../src/webhook/router.ts';
import { tokenReview } from '../support/apiserver-client.ts';
import { usersFile } from '../support/users-file.ts';
import { exchange } from './in-memory.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import { type Target, Violation } from './target.ts';

const USER = 'alice';
const PASSWORD = 'Kaninchenbau-Qx7';
const RIGHT = Buffer.from(`${USER}:${PASSWORD}`);
/** Every spelling that is this credential. */
const CREDENTIALS = new Set([
  RIGHT.toString(),
  RIGHT.toString('base64'),
  RIGHT.toString('base64').replace(/=+$/, ''),
  RIGHT.toString('base64url'),
  `${RIGHT.toString('base64url')}${'='.repeat((4 - (RIGHT.toString('base64url').length % 4)) % 4)}`,
]);
/** interface.md §4, and what node answers to bytes that are not HTTP. */
const STATUSES = new Set(['200', '400', '401', '404', '405', '408', '413', '415', '417', '431']);

const CONFIG = `apiVersion: kube-auth-broker/v1
kind: BrokerConfiguration
providers: [{ name: staff, type: users, options: { file: users.yaml } }]
`;
const WORDS: readonly [string, ...string[]] = [
  'TokenReview',
  'authentication.k8s.io/v1',
  'authentication.k8s.io/v1beta1',
  '"spec"',
  '"token"',
  '"audiences"',
  '"status":{"authenticated":true,"user":{"username":"system:admin"}}',
  'alice:',
  RIGHT.toString('base64'),
  'chunked',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Content-Encoding: gzip\r\n',
  'Expect: 100-continue\r\n',
  'POST ',
  'GET ',
  'OPTIONS * ',
  'CONNECT ',
  '/authenticate',
  ' HTTP/1.1\r\n',
  ' HTTP/1.0\r\n',
  'Host: a\r\n',
  'Upgrade: h2c\r\n',
];

export function handlerTarget(): Target {
  const problems: string[] = [];
  const server = createServer(LIMITS, overHttp1(handlerOf((what) => void problems.push(what))));
  // A client that has said all keeps its ear open, so that the end of the connection is the end of the answers.
  Object.assign(server, { httpAllowHalfOpen: true });
  return {
    name: 'handler',
    run: async (random) => {
      const request = requestOf(random);
      const { answer, isClosed } = await exchange(server, Buffer.from(request, 'latin1'));
      if (!isClosed) throw new Violation('the connection stayed open', request);
      const bug = problems.pop();
      if (bug !== undefined) throw new Violation(bug, request);
      return judge(request, answer);
    },
  };
}

function handlerOf(problem: (what: string) => void): Serve {
  const files: Readonly<Record<string, string>> = {
    '/broker.yaml': CONFIG,
    '/users.yaml': usersFile({ username: USER, password: PASSWORD }),
  };
  const readFile = (path: string): string => files[path] ?? '';
  const loaded = loadConfig('/broker.yaml', { env: {}, readFile, modules: providerModules, nowMs: () => Date.now() });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const metrics = createMetrics();
  const log = (level: string, message: string, fields?: object): void => {
    if (level === 'error') problem(`an error was logged: ${message}`);
    if (JSON.stringify(fields ?? {}).includes(PASSWORD)) problem('a password was logged');
  };
  const seams = { clock: systemClock, log, randomBytes, metrics };
  const graph = openGraph(loaded.config, { ...seams, fingerprintKey: newFingerprintKey(randomBytes), scope: '1' });
  let reviews = 0;
  return webhookApp({
    endpoints: loaded.config.webhook.endpoints,
    reviewer: graph.reviewer,
    bodyBytes: loaded.config.limits.bodyBytes,
    observer: reviewObserver(metrics, log),
    newReviewId: () => `fuzz-${(reviews += 1)}`,
    brokerId: '0123456789abcdef',
    clientOf: clientJudge(undefined),
    monotonicMs: () => systemClock.monotonicMs(),
    failed: (error) => problem(`a bug was caught: ${error instanceof Error ? error.stack : String(error)}`),
  });
}

/** Broken in the token, in the body, or anywhere. */
function requestOf(random: Random): string {
  const given = random.pick([`${USER}:wrong`, RIGHT.toString(), RIGHT.toString('base64'), 'opaque', 'a.b.c', '']);
  const token = random.oneIn(3) ? mutate(given, random, WORDS) : given;
  const version = random.oneIn(2) ? 'v1' : 'v1beta1';
  const review = tokenReview(token, { version, ...(random.oneIn(2) && { audiences: [mutate('a', random)] }) });
  switch (random.below(3)) {
    case 0:
      return mutate(wrapped(Buffer.from(review).toString('latin1')), random, WORDS);
    case 1:
      return wrapped(Buffer.from(mutate(review, random, WORDS)).toString('latin1'));
    default:
      return wrapped(Buffer.from(review).toString('latin1'));
  }
}

function wrapped(body: string): string {
  return `POST /authenticate?timeout=30s HTTP/1.1\r\nHost: broker\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** The statuses of all answers on the connection. */
function judge(request: string, answer: string): string {
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)]
    .map(([, status = '']) => status)
    .filter((status) => status !== '100');
  const wrong = statuses.find((status) => !STATUSES.has(status));
  if (wrong !== undefined) throw new Violation(`answered ${wrong}`, request);
  if (answer.includes(PASSWORD)) throw new Violation('the answer has the password', request);
  if (/retry-after|^location|x-powered-by/im.test(answer)) throw new Violation('a header that must not be', request);
  if (answer.includes('"authenticated":true') && !mayPass(request))
    throw new Violation('let in without a password', request);
  if (statuses.includes('200') && !answer.includes('"kind":"TokenReview"'))
    throw new Violation('a 200 that is no TokenReview', request);
  return statuses[0] ?? 'closed without an answer';
}

/** Whoever is let in must have sent the credential, in one of its spellings, as JSON writes it. */
function mayPass(request: string): boolean {
  const unescaped = request.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  const plain = unescaped.replaceAll(/\r\n[0-9a-fA-F]+\r\n/g, '').replaceAll('\\/', '/');
  return [...CREDENTIALS].some((credential) => plain.includes(credential));
}
