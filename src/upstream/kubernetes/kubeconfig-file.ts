// The entries of a kubeconfig that its current context names, read as loosely as client-go does.

import { asData, isJsonObject, type JsonObject, type JsonValue } from '../../text/json.ts';
import { firstFault, parseKubernetesYaml } from '../../text/yaml.ts';

/** What the current context leads to; a missing user is an empty one, as for client-go. */
export interface Entries {
  readonly context: string;
  readonly cluster: JsonObject;
  readonly user: JsonObject;
  /** False when the context names a user that is not there. */
  readonly hasUser: boolean;
}

export type Picked = { readonly ok: true; readonly entries: Entries } | Faulty;
export interface Faulty {
  readonly ok: false;
  /** Sentences; never a value, since any may be a secret. */
  readonly faults: readonly string[];
}

const EMPTY: JsonObject = {};

/** Of a key that is there twice the last counts, unknown fields are ignored, a missing apiVersion or kind is assumed (k8s.io/client-go tools/clientcmd/api/latest). */
export function pickEntries(text: string): Picked {
  const yaml = parseKubernetesYaml(text);
  const fault = firstFault(yaml);
  if (fault !== undefined) return faulty(`the file ${fault}`);
  const document = asData(yaml.data);
  if (!isJsonObject(document)) return faulty('the file is no YAML or JSON object');
  const { apiVersion = 'v1', kind = 'Config', 'current-context': current } = document;
  if (apiVersion !== 'v1' || kind !== 'Config') return faulty('apiVersion and kind must be v1 and Config');
  if (typeof current !== 'string' || current === '') {
    return faulty('current-context is missing: kube-apiserver then finds no server; name one of the contexts');
  }
  const lists = { contexts: document['contexts'], clusters: document['clusters'], users: document['users'] };
  const faults = Object.entries(lists).flatMap(([name, list]) => listFaults(name, list));
  if (faults.length > 0) return { ok: false, faults };
  const context = named(lists.contexts, current, 'context');
  if (context === undefined) return faulty('current-context names a context that is not in contexts');
  const cluster = named(lists.clusters, context['cluster'], 'cluster');
  if (cluster === undefined) return faulty('the context names a cluster that is not in clusters');
  const user = named(lists.users, context['user'], 'user');
  const hasUser = user !== undefined || (context['user'] ?? '') === '';
  return { ok: true, entries: { context: current, cluster, user: user ?? EMPTY, hasUser } };
}

function listFaults(name: string, list: JsonValue | undefined): string[] {
  if (list === undefined || list === null) return [];
  if (!isList(list) || !list.every(isJsonObject)) return [`${name} must be a list of objects`];
  const names = list.map((entry) => entry['name']);
  return new Set(names).size === names.length ? [] : [`${name} has the same name twice`];
}

function named(list: JsonValue | undefined, name: JsonValue | undefined, member: string): JsonObject | undefined {
  const entries = list !== undefined && isList(list) ? list.filter(isJsonObject) : [];
  const entry = entries.find((candidate) => candidate['name'] === name);
  const value = entry?.[member] ?? undefined;
  if (entry === undefined) return undefined;
  return isJsonObject(value) ? value : EMPTY;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function faulty(fault: string): Faulty {
  return { ok: false, faults: [fault] };
}
