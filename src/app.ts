// Composition root: listeners, the graph in force, and how one configuration replaces another.

import type { RequestListener } from 'node:http';
import { passwordHistories } from './authn/password-memory.ts';
import { newFingerprintKey } from './core/fingerprint.ts';
import type { Address, ServerTls } from './core/listening.ts';
import type { Seams } from './core/seams.ts';
import { newBrokerId } from './core/via.ts';
import { type Graph, openGraph } from './graph.ts';
import { logBug, portalHandler, webhookHandler } from './handler.ts';
import { overHttp1, overHttp2, type Serve } from './http/incoming.ts';
import { operationsApp } from './operations/router.ts';
import { addressShares } from './portal/address-share.ts';
import { openidState } from './portal/openid/state.ts';
import { readiness } from './readiness.ts';
import { whyRestart } from './restart.ts';
import { DRAIN, type DrainTimes, drain } from './server/drain.ts';
import type { Listener } from './server/listener.ts';
import { openListeners } from './server/listeners.ts';
import type { Config } from './settings/config.ts';
import { openShared, type SharedStore, sharedStores } from './stores/shared.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { portalObserver } from './telemetry/portal.ts';
import { reviewObserver } from './telemetry/reviews.ts';
import { storeObserver } from './telemetry/shared-store.ts';

export interface AppSeams extends Seams {
  readonly metrics: Metrics;
  readonly wait: (durationMs: number) => Promise<void>;
}

export interface App {
  readonly webhook: Address;
  readonly operations: Address;
  /** Absent: the configuration has none. */
  readonly portal?: Address;
  /** Swaps the configuration in force; the sentence says why it cannot while running. */
  replace(config: Config): string | undefined;
  /** Not ready at once; resolves when the last connection is gone and every provider is closed. */
  drain(times?: DrainTimes): Promise<void>;
}

/** What requests are answered with now. */
interface InForce {
  readonly graph: Graph;
  /** Why revocations cannot be kept. */
  readonly begun: Promise<string | undefined>;
  readonly shared: SharedStore | undefined;
  readonly handler: Serve;
  readonly portal: RequestListener | undefined;
}

/** What must be there at the start is not; the message is a sentence for the operator. */
export class StartFault extends Error {}

/**
 * Starts all listeners; rejects with `ListenFailed` when one cannot be opened, or {@link StartFault}, and then nothing is left
 * open.
 */
export async function openApp(config: Config, seams: AppSeams): Promise<App> {
  const enforce = enforcer(seams);
  let inForce = enforce(config);
  await mustKeepRevocations(inForce);
  let draining = false;
  const isDraining = (): boolean => draining;
  const webhook: Serve = (incoming) => inForce.handler(incoming);
  const portal: RequestListener = (request, response) => inForce.portal?.(request, response);
  const operations = operationsHandler(seams, () => inForce, isDraining);
  gaugeGraph(seams.metrics, () => inForce.graph);
  const overBoth = { http1: overHttp1(webhook), http2: overHttp2(webhook) };
  const listeners = await openListeners([
    { address: config.webhook.address, tls: webhookTls(config), handlers: overBoth },
    { address: config.operations.address, handlers: { http1: operations } },
    ...(config.portal === undefined ? [] : [{ ...config.portal, handlers: { http1: portal } }]),
  ]);
  return {
    ...(config.portal && { portal: boundTo(listeners[2], config.portal.address) }),
    webhook: boundTo(listeners[0], config.webhook.address),
    operations: boundTo(listeners[1], config.operations.address),
    replace: (next) => {
      const fault = whyRestart(inForce.graph.config, next);
      if (fault !== undefined) return fault;
      const before = inForce.graph;
      // First what may fail without a trace: a new certificate is never in force under an old configuration.
      const replacement = enforce(next);
      replaceTls(listeners, next);
      inForce = replacement;
      forgetProviders(before, replacement.graph, seams.metrics);
      retire(before, seams);
      return undefined;
    },
    drain: async (times = DRAIN) => {
      draining = true;
      await drain(listeners, times, seams.wait);
      await closeAll(inForce);
    },
  };
}

function replaceTls([webhook, , portal]: readonly Listener[], next: Config): void {
  const tls = webhookTls(next);
  if (tls !== undefined) webhook?.setTls(tls);
  if (next.portal?.tls !== undefined) portal?.setTls(next.portal.tls);
}

function webhookTls({ webhook: { tls, http2 } }: Config): ServerTls | undefined {
  return tls && { ...tls, http2 };
}

async function closeAll({ graph, shared }: InForce): Promise<void> {
  await graph.close();
  shared?.close();
}

/** Gauges that are cheaper to read than to keep. */
function gaugeGraph(metrics: Metrics, graph: () => Graph): void {
  const cacheEntries = metrics.gauge('cache_entries');
  const waiting = metrics.gauge('provider_requests_waiting');
  metrics.beforeScrape(() => {
    cacheEntries.set(graph().store.size);
    for (const [provider, count] of graph().waiting()) waiting.set({ provider }, count);
  });
}

function operationsHandler(seams: AppSeams, inForce: () => InForce, isDraining: () => boolean): RequestListener {
  return operationsApp({
    scrape: () => seams.metrics.scrape(),
    readiness: () => {
      const { graph, shared } = inForce();
      return readiness(graph, { draining: isDraining(), nowMs: seams.clock.now(), shared });
    },
    failed: (error) => logBug(seams.log, error),
  });
}

/** Builds what answers requests under one configuration after the other, each with a generation of its own. */
function enforcer(seams: AppSeams): (config: Config) => InForce {
  const { metrics, randomBytes, clock } = seams;
  const passwords = passwordHistories(() => clock.monotonicMs());
  const fingerprintKey = newFingerprintKey(randomBytes);
  const newReviewId = reviewIds(randomBytes);
  const brokerId = newBrokerId(randomBytes);
  const observer = reviewObserver(metrics, seams.log);
  const stores = sharedStores((settings) => openShared(settings, storeObserver(metrics), seams));
  const lasting = {
    portalObserver: portalObserver(metrics, seams.log),
    shares: addressShares(clock),
    openidState: openidState(),
  };
  let generation = 0;
  return (config) => {
    generation += 1;
    const shared = stores(config.shared);
    const common = shared && newFingerprintKey(() => shared.sealer.fingerprintBytes);
    const graph = openGraph(config, {
      ...seams,
      fingerprintKey: common ?? fingerprintKey,
      scope: config.digest ?? String(generation),
      passwords,
      shared,
    });
    metrics.gauge('config_last_reload_success_timestamp_seconds').set(seams.clock.now() / 1000);
    const { certificateNotAfterMs } = config.webhook;
    if (certificateNotAfterMs !== undefined) {
      metrics.gauge('tls_certificate_not_after_seconds').set(certificateNotAfterMs / 1000);
    }
    const edge = { ...seams, ...lasting, observer, shared, newReviewId, brokerId };
    return {
      graph,
      shared,
      begun: beginRevocations(graph, seams),
      handler: webhookHandler(graph, edge),
      portal: portalHandler(graph, edge),
    };
  };
}

async function mustKeepRevocations({ begun }: InForce): Promise<void> {
  const fault = await begun;
  if (fault !== undefined) throw new StartFault(fault);
}

/** Why revocations cannot be kept; a file that cannot be read is told, too, but then only issued tokens are unavailable. */
async function beginRevocations({ issuer }: Graph, { log }: AppSeams): Promise<string | undefined> {
  const failed = await issuer?.revocations?.begin();
  if (failed === undefined) return undefined;
  const detail = failed.detail ?? failed.reason;
  log('error', 'issued tokens cannot be taken', { reason: failed.reason, detail });
  return failed.reason === 'revocations-unwritable' ? detail : undefined;
}

/** A provider that is configured no more is neither up nor down. */
function forgetProviders(before: Graph, now: Graph, metrics: Metrics): void {
  const gone = [...before.providers.keys()].filter((provider) => !now.providers.has(provider));
  for (const name of ['provider_up', 'provider_circuit_state', 'provider_requests_waiting'] as const) {
    for (const provider of gone) metrics.gauge(name).remove({ provider });
  }
}

/** What an old graph has begun it may finish before its providers close. */
function retire(graph: Graph, { wait }: AppSeams): void {
  graph.retire();
  void wait(graph.config.limits.reviewTimeoutMs + 1000).then(() => graph.close());
}

function boundTo(listener: Listener | undefined, asked: Address): Address {
  return listener?.address ?? asked;
}

/** Unique in this process and, by its random start, among replicas; says nothing about the token. */
function reviewIds(randomBytes: (size: number) => Buffer): () => string {
  const prefix = randomBytes(5).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}
