// The keys of an issuer: fetched when a token first needs them, renewed beside the reviews, kept while the issuer is away.

import { always, type Kept, type Loaded } from '../../async/kept.ts';
import { isLoopbackHost } from '../../core/listening.ts';
import type { ProviderSeams } from '../../core/provider.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import type { JsonObject } from '../../text/json.ts';
import type { HttpClient } from '../http/client.ts';
import { discover, discoveryURL, keptDiscovery } from './discovery.ts';
import { documentRule, exchangeJson, REPEAT_AFTER_MS } from './exchange.ts';
import { type KeySet, parseKeySet } from './key-set.ts';

/** A key that is withdrawn verifies for so long. */
export const RENEW_AFTER_MS = 5 * 60_000;
/** However many tokens name a key that is not there, the issuer is asked no more often. */
export const REFETCH_PAUSE_MS = 30_000;

/** What an issuer publishes that is needed to verify its tokens. */
export interface IssuerDocuments {
  readonly keys: KeySet;
  /** The discovery document, and where it has the keys; absent when there was none to read. */
  readonly document?: JsonObject;
  readonly jwksURI?: URL;
}

export type IssuerKeys = Kept<IssuerDocuments, Unavailable>;

/** Keys that do not change while the configuration lasts. */
export function fixedKeys(keys: KeySet): IssuerKeys {
  return always({ keys });
}

export interface IssuerAddress {
  /** Exactly as the `iss` claim has it. */
  readonly issuer: string;
  /** In place of the well-known address. */
  readonly discoveryURL?: URL;
  /** How long keys serve while they cannot be fetched anew. */
  readonly maxKeyAgeMs: number;
}

export function discoveredKeys(address: IssuerAddress, http: HttpClient, seams: ProviderSeams): IssuerKeys {
  const { maxKeyAgeMs } = address;
  const times = {
    renewAfterMs: Math.min(RENEW_AFTER_MS, maxKeyAgeMs / 2),
    serveForMs: maxKeyAgeMs,
    retryMs: REFETCH_PAUSE_MS,
  };
  const load = (signal: AbortSignal) => fetchDocuments(address, http, signal);
  return keptDiscovery({ what: 'the keys of the issuer', load, times }, seams);
}

/** Both documents each time: an issuer may move its keys. Never throws. */
export async function fetchDocuments(
  { issuer, discoveryURL: written }: IssuerAddress,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Loaded<IssuerDocuments, Unavailable>> {
  const document = await discover(http, issuer, signal, written ?? discoveryURL(issuer));
  if ('failure' in document) return document;
  const { jwks_uri: address } = document.value;
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url === null) return malformed(`the discovery document of ${issuer} names no jwks_uri`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return malformed(`the jwks_uri of ${issuer} is not https`);
  }
  const said = await exchangeJson(http, { method: 'GET', url, repeatAfterMs: REPEAT_AFTER_MS }, documentRule, signal);
  if (said.kind !== 'said') return { failure: said };
  const keys = parseKeySet(said.json);
  if (keys === undefined) return malformed(`${url.origin}${url.pathname} is no JSON Web Key Set`);
  if (keys.keys.length > 0) return { value: { keys, document: document.value, jwksURI: url } };
  return malformed(`${url.origin}${url.pathname} has no key that can verify a token`);
}

function malformed(detail: string): { readonly failure: Unavailable } {
  return { failure: unavailable('malformed-answer', detail) };
}
