// Asks the broker: the case is imported as a file of kube-apiserver is, and the whole graph decides.

import { randomBytes } from 'node:crypto';
import { providerModules } from '../../../providers/index.ts';
import { BROKER_ID, PROVIDER_KEY } from '../../../src/authn/mapped.ts';
import { CREDENTIAL_ID_KEY } from '../../../src/authn/mapping/identity.ts';
import { newFingerprintKey } from '../../../src/core/fingerprint.ts';
import { systemClock } from '../../../src/core/seams.ts';
import { type Graph, openGraph } from '../../../src/graph.ts';
import { importAuthenticationConfiguration } from '../../../src/settings/authentication-configuration.ts';
import { loadConfig } from '../../../src/settings/load.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import type { JsonObject } from '../../../src/text/json.ts';
import { review } from '../../../src/webhook/reviewer.ts';
import type { Case, Decision, Outcome } from './case.ts';

/** `host` is where groups may be fetched that a token only points to. */
export async function askBroker({ authenticator, tokens }: Case, host: string): Promise<Outcome> {
  const file = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', jwt: [authenticator] };
  const imported = importAuthenticationConfiguration('authentication.yaml', JSON.stringify(file), providerModules);
  if (!imported.ok) return { notStarted: imported.errors.map(({ message }) => message).join('; ') };
  const graph = open(withHost(imported.config, host));
  const decisions: Decision[] = [];
  // oxlint-disable-next-line no-await-in-loop -- a verdict that is remembered must not answer for another token
  for (const { text } of tokens) decisions.push(await decide(graph, text));
  await graph.close();
  return { decisions };
}

function withHost(config: JsonObject, host: string): JsonObject {
  const providers: readonly JsonObject[] = JSON.parse(JSON.stringify(config['providers']));
  const distributedClaims = { allowedHosts: [host] };
  return {
    ...config,
    providers: providers.map((entry) => ({
      ...entry,
      options: { ...JSON.parse(JSON.stringify(entry['options'])), distributedClaims },
    })),
  };
}

function open(config: JsonObject): Graph {
  const readFile = () => JSON.stringify(config);
  const loaded = loadConfig('/broker.yaml', { env: {}, readFile, modules: providerModules, nowMs: () => Date.now() });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const seams = { clock: systemClock, log: () => undefined, randomBytes, metrics: createMetrics() };
  return openGraph(loaded.config, { ...seams, fingerprintKey: newFingerprintKey(randomBytes), scope: '1' });
}

async function decide({ config, reviewer }: Graph, token: string): Promise<Decision> {
  const [endpoint] = config.webhook.endpoints;
  if (endpoint === undefined) throw new Error('there is no endpoint');
  const { verdict } = await review(reviewer, endpoint, { ok: true, version: 'v1', token, audiences: [] }, 'review');
  if (verdict.kind !== 'authenticated') return { refused: `${verdict.kind} ${verdict.reason} ${verdict.detail ?? ''}` };
  const { username, uid = '', groups, extra } = verdict.value.identity;
  return { user: { username, uid, groups, extra: withoutOwn(extra) } };
}

/** The row about `credential-id` says that the broker names itself there, beside the token. */
function withoutOwn(extra: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> {
  const { [PROVIDER_KEY]: _provider, [CREDENTIAL_ID_KEY]: ids = [], ...others } = extra;
  const [own, ...tokenIds] = ids;
  if (own?.startsWith(BROKER_ID) !== true) throw new Error(`the first credential-id is ${own}`);
  return { ...others, ...(tokenIds.length > 0 && { [CREDENTIAL_ID_KEY]: tokenIds }) };
}
