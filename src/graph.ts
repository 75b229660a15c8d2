// From a configuration to everything that reviews a token; the whole design in one expression.

import { createSlots, type Slots } from './async/slots.ts';
import { cached, type LookupLimits, SIGN_IN_SHARE } from './authn/cached.ts';
import { type ChainEntry, chain } from './authn/chain.ts';
import { type Circuit, circuit } from './authn/circuit.ts';
import { failedPasswords } from './authn/failed-passwords.ts';
import { finding } from './authn/finding.ts';
import { type Guards, guarded } from './authn/guarded.ts';
import { type MappedContext, mapped } from './authn/mapped.ts';
import { observed, type ProviderObserver } from './authn/observed.ts';
import { type PasswordHistories, passwordHistories, passwordMemory } from './authn/password-memory.ts';
import { scoped } from './authn/scoped.ts';
import { type SeldomLines, seldomLog } from './authn/seldom.ts';
import { failuresOf, othersOf } from './authn/together.ts';
import { type VerdictStore, verdictStore } from './authn/verdict-store.ts';
import type { Authenticator } from './core/authenticator.ts';
import type { Claims } from './core/claims.ts';
import { type Fingerprinter, type FingerprintKey, fingerprinter } from './core/fingerprint.ts';
import { canonicalName, type Decision } from './core/identity.ts';
import type { Provider, ProviderSeams } from './core/provider.ts';
import type { Seams } from './core/seams.ts';
import { abstained } from './core/verdict.ts';
import { issuedTokens } from './issuer/issued.ts';
import { type Issuer, openIssuer } from './issuer/issuer.ts';
import { type Buttons, openButtons } from './portal/buttons.ts';
import type { Config, ProviderConfig } from './settings/config.ts';
import type { SharedStore } from './stores/shared.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { type ProviderHealth, providerHealth } from './telemetry/provider-health.ts';
import { droppedNames, providerObserver } from './telemetry/providers.ts';
import type { Reviewer } from './webhook/reviewer.ts';

/** Everything that one configuration has open. */
export interface Graph {
  readonly config: Config;
  readonly reviewer: Reviewer;
  readonly store: VerdictStore;
  readonly health: ProviderHealth;
  /** Absent: the configuration has none. */
  readonly issuer?: Issuer;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly buttons: Buttons;
  /** Asks a provider about somebody who signed in before; undefined where it cannot tell without a password. */
  find(provider: string): Authenticator<Decision> | undefined;
  /** Reviews that wait for their turn, by provider. */
  waiting(): ReadonlyMap<string, number>;
  /** Another configuration is in force: what this one still finds out is shown nowhere. */
  retire(): void;
  /** Closes every provider; reviews that are still under way become unavailable. */
  close(): Promise<void>;
}

export interface GraphSeams extends Seams {
  readonly metrics: Metrics;
  /** The same for the life of the process. */
  readonly fingerprintKey: FingerprintKey;
  /** Another text for each configuration that decides differently, so that none finds the verdicts of another. */
  readonly scope: string;
  /** What several brokers remember together; absent: this one remembers for itself. */
  readonly shared?: SharedStore | undefined;
  /** Outlives configurations; absent: this one begins without a history. */
  readonly passwords?: PasswordHistories;
}

/** Of the last twenty calls, of which ten must be known; one second after it opened a single review may try again. */
const CIRCUIT = { failures: 5, recent: 20, openMs: 1000 };

/** Opens no socket: whether an upstream is there shows with the first review, or with `check --connect`. */
export function openGraph(config: Config, seams: GraphSeams): Graph {
  const fingerprints = fingerprinter(seams.fingerprintKey, seams.scope);
  const health = providerHealth(config.providers.map(({ name }) => name));
  const providers = new Map<string, Provider>();
  const opened = new Map<string, Opened>();
  const issuer = config.issuer && openIssuer(config.issuer, seams, seams.shared);
  let isRetired = false;
  const passwords = seams.passwords ?? passwordHistories(() => seams.clock.monotonicMs());
  const observer = providerObserver(seams.metrics, health);
  const context = { config, seams, fingerprints, observer, health, passwords, isRetired: () => isRetired };
  for (const entry of config.providers) {
    const lines = seldomLog(seams.log, seams.clock);
    const provider = openProvider(entry, { ...seams, seldom: lines.log }, issuer);
    providers.set(entry.name, provider);
    opened.set(entry.name, openEntry(entry, provider, { ...context, lines }));
  }
  const buttons = openButtons(config.portal?.oidc, seams);
  const store = verdictStore(config.cache, seams.clock);
  const authenticator = lookUps(config, opened, store, seams);
  const rules = { tokenBytes: config.limits.tokenBytes, ignoreIssuers: new Set(config.ignoreIssuers) };
  return {
    config,
    reviewer: { authenticator, fingerprints, rules },
    store,
    health,
    ...(issuer && { issuer }),
    providers,
    buttons,
    find: (name) => opened.get(name)?.find,
    retire: () => void (isRetired = true),
    waiting: () => new Map([...opened].map(([name, { slots }]) => [name, slots.waiting])),
    close: async () => {
      issuer?.close();
      await Promise.all([...providers.values(), buttons].map((upstream) => upstream.close()));
      for (const { release } of opened.values()) release();
      store.clear();
    },
  };
}

function lookUps(config: Config, opened: ReadonlyMap<string, Opened>, store: VerdictStore, seams: GraphSeams) {
  const chains = byEndpoint(config, opened);
  return cached(chains, store, limitsOf(config, seams), othersOf(config.cache, seams));
}

/** Of one lookup. */
function limitsOf({ limits }: Config, { shared }: GraphSeams): LookupLimits {
  return shared === undefined ? limits : { ...limits, storeWaitMs: shared.settings.timeoutMs };
}

/** Opens what the entry names: a type of the registry, or the tokens of the issuer. */
export function openProvider(
  entry: ProviderConfig,
  seams: Seams & Pick<ProviderSeams, 'seldom'>,
  issuer?: Issuer,
): Provider {
  const { name, timeoutMs, upstream, mapping } = entry;
  if (upstream !== undefined) {
    const groupsClaim = mapping.groups?.kind === 'claim' ? { groupsClaim: mapping.groups.claim } : {};
    return upstream.module.open(upstream.options, { ...seams, name, timeoutMs, ...groupsClaim });
  }
  if (issuer === undefined) throw new TypeError(`provider ${name} has no issuer`);
  return issuedTokens(issuer);
}

interface EntryContext {
  readonly config: Config;
  readonly seams: GraphSeams;
  readonly fingerprints: Fingerprinter;
  readonly observer: ProviderObserver;
  readonly health: ProviderHealth;
  readonly passwords: PasswordHistories;
  readonly isRetired: () => boolean;
  /** Of this provider. */
  readonly lines: SeldomLines;
}

/** One provider of the graph, with what is freed when it closes. */
interface Opened {
  readonly entry: ChainEntry;
  readonly find?: Authenticator<Decision>;
  readonly slots: Slots;
  readonly release: () => void;
}

function openEntry(settings: ProviderConfig, provider: Provider, context: EntryContext): Opened {
  const { name, accepts, match, login, onUnavailable, nextSteps } = settings;
  const { seams, observer, fingerprints, lines } = context;
  const { guards, release } = guardsOf(settings, provider, context);
  const rules: MappedContext = {
    name,
    mapping: settings.mapping,
    rules: settings.identityRules,
    credentialId: (credential) => fingerprints.ofCredential(credential),
    ...droppedNames(name, seams.metrics, lines.log),
  };
  const scope = { name, accepts, match, login };
  const own = scoped(mapped(guarded(provider, guards), rules), scope);
  const find = finding(provider, settings.timeoutMs);
  return {
    ...(find && { find: scoped(mapped(find, rules), scope) }),
    entry: {
      name,
      onUnavailable,
      authenticator: observed(name, own, observer, { ...seams, seldom: lines.log, ...(nextSteps && { nextSteps }) }),
    },
    slots: guards.slots,
    release: () => {
      lines.close();
      release();
    },
  };
}

/** Sign-ins at a portal have a share of the slots that reviews never wait for. */
function guardsOf(settings: ProviderConfig, provider: Provider, context: EntryContext) {
  const { config, seams, fingerprints, passwords } = context;
  const { name, type, timeoutMs, concurrency } = settings;
  const { cache, limits } = config;
  const { max, windowMs } = limits.failedPasswords;
  const accounts = provider.accounts ?? { upstream: [`provider ${name}`], within: '' };
  const { history, release } = passwords(type, accounts, windowMs);
  const acceptedTTLMs = cache.authenticatedTTLMs + cache.staleOnUnavailableMs;
  const budget = { max, windowMs, rejectedTTLMs: cache.rejectedTTLMs, acceptedTTLMs };
  const memory = passwordMemory(budget, () => seams.clock.monotonicMs(), history);
  const blocks = seams.metrics.counter('failed_password_blocks_total');
  blocks.inc({ provider: name }, 0);
  const waits = seams.metrics.histogram('provider_wait_duration_seconds').series({ provider: name });
  const signIns =
    config.portal?.passwordEndpoint || config.portal?.oidc ? Math.max(1, Math.floor(concurrency / SIGN_IN_SHARE)) : 0;
  const guards: Guards<Claims> = {
    timeoutMs,
    slots: createSlots(Math.max(1, concurrency - signIns)),
    signInSlots: createSlots(Math.max(1, signIns)),
    circuit: watchedCircuit(name, context),
    failedPasswords: failedPasswords({
      memory,
      fingerprints,
      within: canonicalName(accounts.within),
      shared: failuresOf(`${type} ${accounts.upstream.toSorted().join(' ')}`, windowMs, seams),
      blocked: () => blocks.inc({ provider: name }),
    }),
    clock: seams.clock,
    waited: (durationMs) => waits.observe(durationMs / 1000),
  };
  return { guards, release };
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
function byEndpoint(config: Config, opened: ReadonlyMap<string, Opened>): Authenticator<Decision> {
  const chains = new Map(
    config.webhook.endpoints.map(({ path, providers }) => {
      const asked = providers.map((name) => opened.get(name)?.entry).filter((entry) => entry !== undefined);
      return [path, chain(asked)];
    }),
  );
  return {
    authenticate: async (review, signal) =>
      (await chains.get(review.endpoint.path)?.authenticate(review, signal)) ?? abstained('no-provider'),
  };
}
