// Joins one graph to the HTTP edge.

import type { RequestListener } from 'node:http';
import { parseCredential } from './core/credential.ts';
import type { Log, Seams } from './core/seams.ts';
import { Secret } from './core/secret.ts';
import { abstained, rejected } from './core/verdict.ts';
import type { Graph } from './graph.ts';
import { clientJudge, verifiedNames } from './http/client.ts';
import type { Serve } from './http/incoming.ts';
import type { Issuer } from './issuer/issuer.ts';
import type { AddressShares } from './portal/address-share.ts';
import type { PortalObserver } from './portal/events.ts';
import type { OpenidState } from './portal/openid/state.ts';
import type { Portal } from './portal/portal.ts';
import { portalApp } from './portal/router.ts';
import type { PortalSettings } from './portal/settings.ts';
import { sealer } from './stores/sealed.ts';
import type { SharedStore } from './stores/shared.ts';
import { review } from './webhook/reviewer.ts';
import { type ReviewObserver, webhookApp } from './webhook/router.ts';

export interface HandlerSeams extends Seams {
  readonly observer: ReviewObserver;
  readonly newReviewId: () => string;
  /** Of this process, among brokers that ask each other. */
  readonly brokerId: string;
}

export interface PortalSeams extends Omit<HandlerSeams, 'observer' | 'brokerId'> {
  readonly portalObserver: PortalObserver;
  /** Both outlive configurations. */
  readonly shares: AddressShares;
  readonly openidState: OpenidState;
  /** What several brokers remember together; absent: this one remembers for itself. */
  readonly shared: SharedStore | undefined;
}

/** The webhook's request handler under the graph's configuration. */
export function webhookHandler(graph: Graph, { observer, log, clock, newReviewId, brokerId }: HandlerSeams): Serve {
  const { webhook, limits } = graph.config;
  return webhookApp({
    endpoints: webhook.endpoints,
    reviewer: graph.reviewer,
    bodyBytes: limits.bodyBytes,
    observer,
    newReviewId,
    brokerId,
    clientOf: clientJudge(webhook.tls?.clientNames),
    monotonicMs: () => clock.monotonicMs(),
    failed: (error, endpoint) => {
      logBug(log, error);
      if (endpoint !== undefined) observer.failed(endpoint);
    },
  });
}

/** The portal's request handler under the graph's configuration; undefined where it has none. */
export function portalHandler(graph: Graph, seams: PortalSeams): RequestListener | undefined {
  const { config, issuer } = graph;
  const { portal: settings, limits } = config;
  if (settings === undefined || issuer === undefined) return undefined;
  const portal: Portal = {
    settings,
    issuer,
    tokenBytes: limits.tokenBytes,
    budget: limits.failedPasswords,
    shares: seams.shares,
    newId: seams.newReviewId,
    now: () => seams.clock.now(),
    observer: seams.portalObserver,
    namesOf: verifiedNames,
    check: passwordCheck(graph, settings, seams.newReviewId),
    checkToken: tokenCheck(graph, seams.newReviewId),
    openidState: seams.openidState,
    ...findingIn(graph, seams.newReviewId),
    buttons: graph.buttons.list,
    sealers: sealersOf(issuer, seams),
    randomBytes: seams.randomBytes,
    failed: (error: unknown) => logBug(seams.log, error),
  };
  return portalApp(portal, clientJudge(settings.tls?.clientNames));
}

/** A sign-in goes the way of a review, through the same chain and budgets, but is never answered from memory. */
function passwordCheck(
  { config, reviewer }: Graph,
  { passwordEndpoint }: PortalSettings,
  newReviewId: () => string,
): Portal['check'] {
  const endpoint = config.webhook.endpoints.find(({ path }) => path === passwordEndpoint);
  return async ({ username, password, mayGuess }) => {
    if (endpoint === undefined) throw new TypeError('the portal has no endpoint for passwords');
    const id = newReviewId();
    const asked = { ok: true, version: 'v1', token: `${username}:${password}`, audiences: [] } as const;
    const { verdict } = await review(reviewer, endpoint, asked, id, { isSignIn: true, ...(!mayGuess && { mayGuess }) });
    return { id, verdict };
  };
}

/** The same for a token that a person brings from an OpenID provider. */
function tokenCheck({ config, reviewer }: Graph, newReviewId: () => string): Portal['checkToken'] {
  return async (path, token) => {
    const endpoint = config.webhook.endpoints.find((candidate) => candidate.path === path);
    if (endpoint === undefined) throw new TypeError(`the portal has no endpoint ${path}`);
    const id = newReviewId();
    // A text that reads like a name and a password would go to those who take passwords.
    if (parseCredential(token.reveal(), reviewer.rules).kind === 'password')
      return { id, verdict: abstained('unknown-token') };
    const asked = { ok: true, version: 'v1', token: token.reveal(), audiences: [] } as const;
    const { verdict } = await review(reviewer, endpoint, asked, id, { isSignIn: true });
    return { id, verdict };
  };
}

/** As the provider of a chain, but for the password. */
function findingIn(graph: Graph, newReviewId: () => string): Pick<Portal, 'canFind' | 'find'> {
  return {
    canFind: (provider) => graph.find(provider) !== undefined,
    find: async (provider, username, path) => {
      const { config, reviewer } = graph;
      const id = newReviewId();
      const endpoint = config.webhook.endpoints.find((candidate) => candidate.path === path);
      const [authenticator, signal] = [graph.find(provider), AbortSignal.timeout(config.limits.reviewTimeoutMs)];
      // A provider or an endpoint that is configured no more lets nobody in.
      if (authenticator === undefined || !endpoint?.providers.includes(provider)) {
        return { id, verdict: rejected('unknown-person') };
      }
      const credential = { kind: 'password', username, password: new Secret('') } as const;
      const fingerprint = reviewer.fingerprints.ofReview(path, credential, []);
      const asked = { id, endpoint, credential, audiences: [], fingerprint };
      return { id, verdict: await authenticator.authenticate(asked, signal) };
    },
  };
}

/** What one broker seals another one opens: by the key that they share, else by the keys that sign. */
function sealersOf({ settings }: Issuer, { shared, randomBytes }: PortalSeams): Portal['sealers'] {
  if (shared !== undefined) return [shared.sealer];
  const secrets = settings.keys.flatMap(({ sealing }) => sealing ?? []);
  return secrets.map((secret) => sealer(secret, randomBytes));
}

/** The kind of error only: its message may quote a request. */
export function logBug(log: Log, error: unknown): void {
  log('error', 'internal error', { error: error instanceof Error ? error.name : 'not an error' });
}
