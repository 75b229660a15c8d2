// Groups that a token only points to: distributed claims (OpenID Connect Core §5.6.2), as kube-apiserver resolves them.

import { LRUCache } from 'lru-cache';
import { isLoopbackHost } from '../../src/core/listening.ts';
import type { ProviderSeams } from '../../src/core/provider.ts';
import { type Rejected, rejected, type Unavailable } from '../../src/core/verdict.ts';
import { dataObject, isJsonObject, isText, type JsonObject } from '../../src/text/json.ts';
import type { HttpClient } from '../../src/upstream/http/client.ts';
import { documentRule, REPEAT_AFTER_MS } from '../../src/upstream/oidc/exchange.ts';
import { discoveredKeys, type IssuerKeys } from '../../src/upstream/oidc/issuer-keys.ts';
import { parseSignedToken } from '../../src/upstream/oidc/jws.ts';
import { judgeClaims } from './claims.ts';
import type { OidcJwtOptions } from './options.ts';
import { verifySignature } from './signature.ts';

export interface GroupSources {
  /** The claims, which are data, with the groups in them; or why they cannot be had. Never fewer groups without a word. */
  complete(claims: JsonObject, signal: AbortSignal): Promise<{ readonly claims: JsonObject } | Rejected | Unavailable>;
  close(): void;
}

/** A listed host that names ever new issuers must not fill the memory: the one not asked for longest is forgotten. */
const MAX_ISSUERS = 16;
/** The same cause meets everybody in many groups: it is told once in this time. */
const LINE_EVERY_MS = 60_000;

interface World {
  readonly options: OidcJwtOptions;
  readonly http: HttpClient;
  readonly seams: ProviderSeams;
  /** Of an issuer that a fetched token names; undefined when its host is not listed. */
  readonly keysOf: (issuer: string) => IssuerKeys | undefined;
}

/** `own` are the keys of the provider's own issuer. */
export function groupSources(
  options: OidcJwtOptions,
  http: HttpClient,
  own: IssuerKeys,
  seams: ProviderSeams,
): GroupSources {
  const others = new LRUCache<string, IssuerKeys>({ max: MAX_ISSUERS, dispose: (keys) => keys.close() });
  const keysOf = (issuer: string): IssuerKeys | undefined => {
    if (issuer === options.issuer) return own;
    if (!isListed(URL.parse(issuer), options.claimHosts)) return undefined;
    const keys = others.get(issuer) ?? discoveredKeys({ issuer, maxKeyAgeMs: options.maxKeyAgeMs }, http, seams);
    others.set(issuer, keys);
    return keys;
  };
  const world = { options, http, seams, keysOf };
  return {
    complete: async (claims, signal) => complete(claims, world, signal),
    close: () => others.clear(),
  };
}

async function complete(claims: JsonObject, world: World, signal: AbortSignal): ReturnType<GroupSources['complete']> {
  const { groupsClaim } = world.seams;
  if (groupsClaim === undefined || Object.hasOwn(claims, groupsClaim)) return { claims };
  if (claims['hasgroups'] === true)
    warn(world.seams, 'unnamed', 'the token says that there are groups (hasgroups) and names none');
  const source = sourceOf(claims, groupsClaim);
  if (source === undefined) return { claims };
  if ('kind' in source) return source;
  if (!isListed(source.url, world.options.claimHosts)) {
    warn(world.seams, 'elsewhere', elsewhere(source.url));
    return rejected('groups-elsewhere', elsewhere(source.url));
  }
  const groups = await fetchClaim(source, groupsClaim, world, signal);
  return 'kind' in groups ? groups : { claims: dataObject([...Object.entries(claims), [groupsClaim, groups.value]]) };
}

interface Source {
  readonly url: URL;
  readonly accessToken: string;
}

const IN_A_HEADER = /^[\x21-\x7e]*$/;

/** Undefined when the token points nowhere for this claim, or carries it as an aggregated claim, which gives nothing. */
function sourceOf(claims: JsonObject, claim: string): Source | Rejected | undefined {
  const { _claim_names: names, _claim_sources: sources } = claims;
  if (names === undefined) return undefined;
  if (sources === undefined) return rejected('malformed-claims', 'there are _claim_names and no _claim_sources');
  const name = isJsonObject(names) && Object.hasOwn(names, claim) ? names[claim] : undefined;
  if (typeof name !== 'string') return undefined;
  const source = isJsonObject(sources) ? sources[name] : undefined;
  if (!isJsonObject(source) || !isText(source['endpoint'])) return undefined;
  const url = URL.parse(source['endpoint']);
  const accessToken = isText(source['access_token']) ? source['access_token'] : '';
  const isUsable = url !== null && IN_A_HEADER.test(accessToken);
  return isUsable ? { url, accessToken } : rejected('malformed-claims', `the source of ${claim} cannot be asked`);
}

function isListed(url: URL | null, hosts: ReadonlySet<string>): boolean {
  if (url === null || !hosts.has(url.host) || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

const ENTRA_HOSTS = new Set(['graph.microsoft.com', 'graph.windows.net']);

function elsewhere({ host }: URL): string {
  return ENTRA_HOSTS.has(host)
    ? `the person is in more groups than Microsoft Entra ID puts into a token (it points to ${host}): limit the groups to those ` +
        'that are assigned to the application, or map app roles'
    : `the groups are at ${host}, which is not in distributedClaims.allowedHosts`;
}

async function fetchClaim(
  { url, accessToken }: Source,
  claim: string,
  { options, http, seams, keysOf }: World,
  signal: AbortSignal,
): Promise<{ readonly value: JsonObject[string] } | Rejected | Unavailable> {
  const headers = { accept: 'application/jwt', ...(accessToken !== '' && { authorization: `Bearer ${accessToken}` }) };
  const answer = await http.send({ method: 'GET', url, headers, repeatAfterMs: REPEAT_AFTER_MS }, signal);
  if (answer.kind !== 'answer') return answer;
  const isGood = answer.status >= 200 && answer.status <= 226;
  const outage = isGood ? undefined : documentRule(answer, url.origin + url.pathname);
  if (outage !== undefined) return outage;
  const token = parseSignedToken(answer.body.replaceAll(/\s/g, ''), options.signingAlgorithms);
  if (typeof token === 'string') return rejected('groups-elsewhere', `what ${url.host} answered is no token: ${token}`);
  const { iss } = token.claims;
  const keys = typeof iss === 'string' ? keysOf(iss) : undefined;
  if (keys === undefined) return rejected('groups-elsewhere', `the issuer of what ${url.host} answered is not listed`);
  const key = await verifySignature(token, keys, signal);
  if ('kind' in key) return key;
  const judged = judgeClaims(token.claims, options.audiences, seams.clock.now());
  if (judged.kind !== 'good') return judged;
  const value = Object.hasOwn(token.claims, claim) ? token.claims[claim] : undefined;
  return value === undefined ? rejected('groups-elsewhere', `what ${url.host} answered has no ${claim}`) : { value };
}

function warn({ seldom, name }: ProviderSeams, kind: 'unnamed' | 'elsewhere', detail: string): void {
  seldom(kind, 'warn', 'groups are not in the token', { provider: name, detail }, LINE_EVERY_MS);
}
