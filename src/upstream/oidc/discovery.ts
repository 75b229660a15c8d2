// What an issuer says about itself (OpenID Connect Discovery §4), kept while the issuer is away.

import { type Kept, kept, type Loaded } from '../../async/kept.ts';
import type { ProviderSeams } from '../../core/provider.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import type { JsonObject } from '../../text/json.ts';
import type { HttpClient } from '../http/client.ts';
import { documentRule, exchangeJson, REPEAT_AFTER_MS } from './exchange.ts';

/** Short, so that an issuer that is back is used again within seconds. */
export const FIRST_RETRY_MS = 250;
export const LAST_RETRY_MS = 2000;

/** How long what an issuer publishes is kept. */
export interface KeepingTimes {
  readonly renewAfterMs: number;
  /** While it cannot be had anew. */
  readonly serveForMs: number;
  /** Between two tries while the last good one serves, which cost no reader anything. */
  readonly retryMs: number;
}

/** Of endpoints, which hardly ever move. */
export const ENDPOINT_TIMES: KeepingTimes = { renewAfterMs: 4 * 3_600_000, serveForMs: Infinity, retryMs: 60_000 };

/** Where an issuer publishes its document. */
export function discoveryURL(issuer: string): URL {
  return new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
}

/** Reads the document once. Unavailable when it cannot be had or names another issuer; never throws. */
export async function discover(
  http: HttpClient,
  issuer: string,
  signal: AbortSignal,
  url = discoveryURL(issuer),
): Promise<Loaded<JsonObject, Unavailable>> {
  const said = await exchangeJson(http, { method: 'GET', url, repeatAfterMs: REPEAT_AFTER_MS }, documentRule, signal);
  if (said.kind !== 'said') return { failure: said };
  if (said.json['issuer'] === issuer) return { value: said.json };
  return { failure: unavailable('malformed-answer', `the discovery document of ${issuer} names another issuer`) };
}

export interface Discovery<T> {
  /** What it reads, as log lines name it: `the discovery document`. */
  readonly what: string;
  /** Reads the document and what is needed of it. Never throws. */
  readonly load: (signal: AbortSignal) => Promise<Loaded<T, Unavailable>>;
  readonly times: KeepingTimes;
}

export function keptDiscovery<T>(
  { what, load, times }: Discovery<T>,
  { clock, log, name, timeoutMs }: Pick<ProviderSeams, 'clock' | 'log' | 'name' | 'timeoutMs'>,
): Kept<T, Unavailable> {
  return kept<T, Unavailable>({
    load,
    timeoutMs,
    monotonicMs: () => clock.monotonicMs(),
    renewAfterMs: () => times.renewAfterMs,
    serveForMs: () => times.serveForMs,
    pauseMs: (failures, isServing) =>
      isServing ? times.retryMs : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS),
    tooLate: unavailable('timeout', `${what} did not come in time`),
    onLoaded: (loaded, before) => {
      if (!('failure' in loaded)) return;
      const { reason, detail } = loaded.failure;
      const message = before === undefined ? 'discovery failed' : 'discovery failed; what was found last serves on';
      log(reason === 'stopping' ? 'debug' : 'warn', message, { provider: name, what, reason, detail });
    },
  });
}

/**
 * An endpoint that a credential is sent to: of the issuer's own origin, because a document that names another one would send
 * secret and token there. `cure` is what an operator can write instead.
 */
export function credentialEndpoint(
  document: JsonObject,
  member: string,
  issuer: string,
  cure: string,
): Loaded<URL, Unavailable> {
  const address = document[member];
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url === null) {
    return {
      failure: unavailable('malformed-answer', `the discovery document of ${issuer} names no ${member}; ${cure}`),
    };
  }
  if (url.origin === new URL(issuer).origin) return { value: url };
  const where = `the ${member} of ${issuer} is at ${url.origin === 'null' ? url.protocol : url.origin}`;
  return { failure: unavailable('malformed-answer', `${where}: no credential is sent to another origin; ${cure}`) };
}
