// From a configuration to everything that reviews a token; the whole design in one expression.

import { bulkhead } from './async/slots.ts';
import { cached } from './authn/cached.ts';
import { type ChainEntry, chain } from './authn/chain.ts';
import { type Circuit, circuit } from './authn/circuit.ts';
import { failedPasswords } from './authn/failed-passwords.ts';
import { guarded } from './authn/guarded.ts';
import { mapped } from './authn/mapped.ts';
import { observed, type ProviderObserver } from './authn/observed.ts';
import type { PasswordHistories } from './authn/password-histories.ts';
import { passwordMemory } from './authn/password-memory.ts';
import { scoped } from './authn/scoped.ts';
import { type VerdictStore, verdictStore } from './authn/verdict-store.ts';
import type { Authenticator } from './core/authenticator.ts';
import { type Fingerprinter, type FingerprintKey, fingerprinter } from './core/fingerprint.ts';
import type { Decision } from './core/identity.ts';
import type { Provider } from './core/provider.ts';
import type { Seams } from './core/seams.ts';
import { abstained } from './core/verdict.ts';
import { issuedTokens } from './issuer/issued.ts';
import { type Issuer, openIssuer } from './issuer/issuer.ts';
import type { Config, ProviderConfig } from './settings/config.ts';
import type { SharedStore } from './stores/shared.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { type ProviderHealth, providerHealth } from './telemetry/provider-health.ts';
import { providerObserver } from './telemetry/providers.ts';
import type { Reviewer } from './webhook/reviewer.ts';

/** Everything that one configuration has open. */
export interface Graph {
  readonly config: Config;
  readonly reviewer: Reviewer;
  readonly store: VerdictStore;
  readonly health: ProviderHealth;
  /** Absent: the configuration has none. */
  readonly issuer?: Issuer;
  /** In the order written. */
  readonly providers: ReadonlyMap<string, Provider>;
  /** Another configuration is in force: what this one still finds out is shown nowhere. */
  retire(): void;
  /** Closes every provider; reviews that are still under way become unavailable. */
  close(): Promise<void>;
}

export interface GraphSeams extends Seams {
  readonly metrics: Metrics;
  /** The same for the life of the process. */
  readonly fingerprintKey: FingerprintKey;
  /** Counts configurations, so that none finds the verdicts of another. */
  readonly generation: number;
  /** What several brokers remember together; absent: this one remembers for itself. */
  readonly shared?: SharedStore | undefined;
  /** Outlives configurations; absent: this one begins without a history. */
  readonly passwords?: PasswordHistories;
}

/** Five failures in a row open a circuit; one second later a single review may try again. */
const CIRCUIT = { failures: 5, openMs: 1000 };
/** Long enough for a burst over fast connections, short enough to count as "at once". */
const QUEUE_MS = 50;

/** Opens no socket: whether an upstream is there shows with the first review, or with `check --connect`. */
export function openGraph(config: Config, seams: GraphSeams): Graph {
  const fingerprints = fingerprinter(seams.fingerprintKey, seams.generation);
  const health = providerHealth(config.providers.map(({ name }) => name));
  const observer = providerObserver(seams.metrics, health);
  const providers = new Map<string, Provider>();
  const entries = new Map<string, ChainEntry>();
  const issuer = config.issuer && openIssuer(config.issuer, seams, seams.shared);
  let isRetired = false;
  const context = { config, seams, fingerprints, observer, health, isRetired: () => isRetired };
  for (const entry of config.providers) {
    const provider = openProvider(entry, seams, issuer);
    providers.set(entry.name, provider);
    entries.set(entry.name, chainEntry(entry, provider, context));
  }
  const store = verdictStore(config.cache, seams.clock);
  const authenticator = cached(byEndpoint(config, entries), store, config.limits);
  const rules = { tokenBytes: config.limits.tokenBytes, ignoreIssuers: new Set(config.ignoreIssuers) };
  return {
    config,
    reviewer: { authenticator, fingerprints, rules },
    store,
    health,
    ...(issuer && { issuer }),
    providers,
    retire: () => {
      isRetired = true;
    },
    close: async () => {
      issuer?.close();
      await Promise.all([...providers.values()].map((provider) => provider.close()));
    },
  };
}

/** Opens what the entry names: a type of the registry, or the tokens of the issuer. */
export function openProvider({ name, timeoutMs, upstream }: ProviderConfig, seams: Seams, issuer?: Issuer): Provider {
  if (upstream !== undefined) return upstream.module.open(upstream.options, { ...seams, name, timeoutMs });
  if (issuer === undefined) throw new TypeError(`provider ${name} has no issuer`);
  return issuedTokens(issuer);
}

interface EntryContext {
  readonly config: Config;
  readonly seams: GraphSeams;
  readonly fingerprints: Fingerprinter;
  readonly observer: ProviderObserver;
  readonly health: ProviderHealth;
  readonly isRetired: () => boolean;
}

function chainEntry(entry: ProviderConfig, provider: Provider, context: EntryContext): ChainEntry {
  const { name, accepts, match, login, mapping, reserved } = entry;
  const { seams, observer } = context;
  const dropped = seams.metrics.counter('reserved_names_dropped_total');
  for (const kind of ['username', 'group']) dropped.inc({ provider: name, kind }, 0);
  const identities = mapped(provider, mapping, {
    name,
    reserved,
    onReservedDropped: (kind, count) => dropped.inc({ provider: name, kind }, count),
  });
  const safe = guarded(identities, guardsOf(entry, context));
  const own = scoped(safe, { name, accepts, match, login });
  return { name, onUnavailable: entry.onUnavailable, authenticator: observed(name, own, observer, seams) };
}

function guardsOf(entry: ProviderConfig, context: EntryContext): Parameters<typeof guarded<Decision>>[1] {
  const { config, seams, fingerprints } = context;
  const { name, type, upstream, timeoutMs, concurrency } = entry;
  const budget = { ...config.limits.failedPasswords, rejectedTTLMs: config.cache.rejectedTTLMs };
  const blocks = seams.metrics.counter('failed_password_blocks_total');
  blocks.inc({ provider: name }, 0);
  const history = seams.passwords?.({ name, type, options: upstream?.options, windowMs: budget.windowMs });
  const memory = passwordMemory<Decision>(budget, () => seams.clock.monotonicMs(), history);
  return {
    timeoutMs,
    bulkhead: bulkhead(concurrency, QUEUE_MS),
    circuit: watchedCircuit(name, context),
    failedPasswords: failedPasswords(memory, fingerprints, () => blocks.inc({ provider: name })),
  };
}

const CIRCUIT_GAUGE = { closed: 0, 'half-open': 1, open: 2 } as const;

function watchedCircuit(name: string, { seams, health, isRetired }: EntryContext): Circuit {
  const gauge = seams.metrics.gauge('provider_circuit_state');
  gauge.set({ provider: name }, CIRCUIT_GAUGE.closed);
  return circuit(CIRCUIT, seams.clock, (state) => {
    // The gauge belongs to the circuit of the new configuration by now.
    if (isRetired()) return;
    gauge.set({ provider: name }, CIRCUIT_GAUGE[state]);
    health.circuit(name, state);
    if (state !== 'half-open') seams.log('warn', 'provider circuit', { provider: name, state });
  });
}

/** One cache for all endpoints; each asks its own providers in its own order. */
function byEndpoint(config: Config, entries: ReadonlyMap<string, ChainEntry>): Authenticator<Decision> {
  const chains = new Map(
    config.webhook.endpoints.map(({ path, providers }) => {
      const asked = providers.map((name) => entries.get(name)).filter((entry) => entry !== undefined);
      return [path, chain(asked)];
    }),
  );
  return {
    authenticate: async (review, signal) =>
      (await chains.get(review.endpoint.path)?.authenticate(review, signal)) ?? abstained('no-provider'),
  };
}
