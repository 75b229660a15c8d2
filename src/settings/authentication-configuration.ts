// kube-apiserver's AuthenticationConfiguration as a configuration of the broker that decides the same.

import { z } from 'zod';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { parseYaml, type YamlText } from '../text/yaml.ts';
import { SIGNING_ALGORITHMS } from '../upstream/oidc/key-set.ts';
import { createFields } from './fields.ts';
import { type Diagnostic, describeIssue, flattenIssues, formatPath, type Issue } from './issue.ts';
import type { AnyProviderModule } from './provider-module.ts';
import { API_VERSION, configSchema, KIND, SERVICE_ACCOUNT_ISSUERS } from './schema.ts';
import { DEFAULT_ENDPOINT } from './webhook-schema.ts';

export type Imported =
  /** `config` passes `check`; `notes` name what is left where it is. */
  | { readonly ok: true; readonly config: JsonObject; readonly notes: readonly Diagnostic[] }
  | { readonly ok: false; readonly errors: readonly Diagnostic[] };

/** Never throws; every error has its place in `text`, which is called `file`. */
export function importAuthenticationConfiguration(
  file: string,
  text: string,
  modules: readonly AnyProviderModule[],
): Imported {
  const document = parseYaml(text);
  const told = (issues: readonly Issue[]): readonly Diagnostic[] => diagnosticsAt(file, document, issues);
  const faults = document.faults.map((fault) => ({ file, path: '', ...fault }));
  if (faults.length > 0) return { ok: false, errors: faults };
  const given = fileField().safeParse(document.data ?? {}, { error: describeIssue });
  if (!given.success) return { ok: false, errors: told(flattenIssues(given.error.issues)) };
  const { jwt, anonymous } = given.data;
  const config = configOf(jwt);
  const { error } = schemaOf(modules).safeParse(config, { error: describeIssue });
  const issues = [...egressIssues(jwt), ...flattenIssues(error?.issues ?? []).map(atSource)];
  if (issues.length > 0) return { ok: false, errors: told(issues) };
  return { ok: true, config, notes: anonymous === undefined ? [] : told([ANONYMOUS]) };
}

const VERSIONS = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`);

const ANONYMOUS: Issue = {
  path: ['anonymous'],
  onKey: true,
  message: 'stays in this file: who is let in without a token is decided by kube-apiserver alone',
};

type Authenticator = z.output<ReturnType<typeof fileField>>['jwt'][number];

/** The outside of the file; what is inside an entry is judged by the schema of the configuration that it becomes. */
function fileField() {
  const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
  const map = z.record(z.string(), z.json());
  const authenticator = fields.object({
    issuer: map,
    claimMappings: map,
    claimValidationRules: z.array(map).nullish(),
    userValidationRules: z.array(map).nullish(),
  });
  return fields.object({
    apiVersion: z.enum(VERSIONS),
    kind: z.literal('AuthenticationConfiguration'),
    jwt: z.array(authenticator).min(1),
    anonymous: z.unknown().optional(),
  });
}

function schemaOf(modules: readonly AnyProviderModule[]) {
  const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
  return configSchema({ fields, modules, nowMs: 0 });
}

function configOf(jwt: readonly Authenticator[]): JsonObject {
  const urls = jwt.map(({ issuer }) => issuer['url']);
  const names = namesFor(urls);
  const ignored = SERVICE_ACCOUNT_ISSUERS.filter((issuer) => !urls.includes(issuer));
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    webhook: { endpoints: [{ path: DEFAULT_ENDPOINT, providers: names }] },
    providers: jwt.map((authenticator, index) => providerOf(names[index] ?? '', authenticator)),
    ...(ignored.length < SERVICE_ACCOUNT_ISSUERS.length && { ignoreIssuers: ignored }),
  };
}

/** kube-apiserver takes every one of these when it has a file. */
function providerOf(name: string, { issuer, claimMappings, ...rules }: Authenticator): JsonObject {
  const { egressSelectorType: _egress, ...reachable } = issuer;
  return {
    name,
    type: 'oidc-jwt',
    options: {
      issuer: withoutEmpty(reachable, ['discoveryURL', 'certificateAuthority', 'audienceMatchPolicy']),
      signingAlgorithms: [...SIGNING_ALGORITHMS],
    },
    claimMappings: withoutEmpty(
      Object.fromEntries(Object.entries(claimMappings).map(([field, source]) => [field, sourceOf(field, source)])),
      ['uid', 'groups', 'extra'],
    ),
    ...(rules.claimValidationRules?.length && { claimValidationRules: rules.claimValidationRules.map(claimRuleOf) }),
    ...(rules.userValidationRules?.length && {
      userValidationRules: rules.userValidationRules.map((rule) => withoutEmpty(rule, ['message'])),
    }),
  };
}

/** A prefix alone maps no groups, and is no fault for kube-apiserver. */
function sourceOf(field: string, source: JsonValue): JsonValue {
  if (!isJsonObject(source)) return source;
  const written = withoutEmpty(source, ['claim', 'expression']);
  const isPrefixAlone = field === 'groups' && Object.keys(written).every((key) => key === 'prefix');
  return isPrefixAlone ? {} : written;
}

function claimRuleOf(rule: JsonObject): JsonObject {
  const written = withoutEmpty(rule, ['claim', 'expression', 'message']);
  return written['claim'] === undefined
    ? withoutEmpty(written, ['requiredValue'])
    : { ...written, requiredValue: written['requiredValue'] ?? '' };
}

/** Leaves out what Go cannot tell from what was not written: null, and at these keys what is empty. */
function withoutEmpty(object: JsonObject, keys: readonly string[]): JsonObject {
  const isEmpty = (key: string, value: JsonValue): boolean =>
    value === null ||
    (keys.includes(key) &&
      (value === '' ||
        (isJsonList(value) && value.length === 0) ||
        (isJsonObject(value) && Object.keys(value).length === 0)));
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => !isEmpty(key, value)));
}

/** After the host of each issuer, told apart by a number. */
function namesFor(urls: readonly (JsonValue | undefined)[]): readonly string[] {
  const hosts = urls.map((url) => (typeof url === 'string' ? (URL.parse(url)?.hostname ?? '') : ''));
  const names = hosts.map(
    (host) =>
      host
        .replaceAll(/[^\w.-]/g, '')
        .replaceAll(/^[.-]+|[.-]+$/g, '')
        .slice(0, 50) || 'jwt',
  );
  return names.map((name, index) => {
    const earlier = names.slice(0, index).filter((other) => other === name).length;
    return earlier === 0 ? name : `${name}-${earlier + 1}`;
  });
}

function egressIssues(jwt: readonly Authenticator[]): readonly Issue[] {
  return jwt.flatMap(({ issuer }, index): Issue[] => {
    if (!issuer['egressSelectorType']) return [];
    const message =
      'cannot be imported: the broker reaches the issuer from where it runs; take it out of a copy of the file';
    return [{ path: ['jwt', index, 'issuer', 'egressSelectorType'], onKey: true, message }];
  });
}

/** An issue of the configuration at the place in the file that made it. */
function atSource(issue: Issue): Issue {
  const [section, index, key, ...rest] = issue.path;
  if (section !== 'providers' || index === undefined) return { ...issue, path: ['jwt'] };
  const path = key === 'options' ? rest : [key ?? '', ...rest];
  return { ...issue, path: ['jwt', index, ...path] };
}

function diagnosticsAt(file: string, document: YamlText, issues: readonly Issue[]): readonly Diagnostic[] {
  const found = issues.map((issue) => ({
    file,
    ...document.position(issue),
    path: formatPath(issue.path),
    message: issue.message,
  }));
  return found.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
