// The broker as client of an OpenID provider: sends a browser there, and turns what it comes back with into tokens.

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  enableNonRepudiationChecks,
  refreshTokenGrant,
  type ServerMetadata,
} from 'openid-client';
import type { Kept, Loaded } from '../../async/kept.ts';
import { unlessAborted } from '../../async/unless-aborted.ts';
import { isLoopbackHost } from '../../core/listening.ts';
import type { ProbeReport, ProviderSeams } from '../../core/provider.ts';
import { Secret } from '../../core/secret.ts';
import { type Rejected, type Unavailable, unavailable } from '../../core/verdict.ts';
import type { JsonObject } from '../../text/json.ts';
import { createHttpClient, type HttpClient } from '../http/client.ts';
import { failedStep } from '../http/fault-words.ts';
import type { UpstreamTls } from '../http/tls.ts';
import { type ClientProof, clientAuthOf } from './client-authentication.ts';
import { discover, ENDPOINT_TIMES, keptDiscovery } from './discovery.ts';
import { fetchWith } from './library-fetch.ts';
import { verdictOf } from './sign-in-faults.ts';

export interface CodeFlowSettings {
  /** Exactly as the `iss` claim has it. */
  readonly issuer: string;
  readonly clientID: string;
  /** Absent: a public client. */
  readonly proof?: ClientProof;
  readonly scopes: readonly string[];
  readonly tls?: UpstreamTls;
}

/** What only this browser and the provider may know, each a random text of its own. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Tokens {
  readonly kind: 'tokens';
  readonly idToken: Secret;
  readonly accessToken: Secret;
  readonly refreshToken?: Secret;
}

export interface CodeFlow {
  /** The provider's address for this attempt. Never rejects. */
  begin(attempt: Attempt, redirectURL: URL): Promise<{ readonly kind: 'at'; readonly url: URL } | Unavailable>;
  /**
   * `callback` is the redirect URL with what the provider added to it. The ID token is always there and verified: signature,
   * `iss`, `aud`, `nonce`, times. Rejected with `sign-in-refused` or `bad-id-token`. Never rejects the promise.
   */
  finish(attempt: Attempt, callback: URL): Promise<Tokens | Rejected | Unavailable>;
  /** With a refresh token of an earlier sign-in; without an ID token in the answer there is none to review. Never rejects the promise. */
  refresh(
    refreshToken: Secret,
  ): Promise<(Omit<Tokens, 'idToken'> & { readonly idToken?: Secret }) | Rejected | Unavailable>;
  probe(report: ProbeReport, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Of discovery, tokens and keys together. */
const TIMEOUT_MS = 10_000;

/** Opens no socket until it is asked. `name` is for the log. */
export function codeFlow(settings: CodeFlowSettings, seams: Pick<ProviderSeams, 'clock' | 'log' | 'name'>): CodeFlow {
  const http = createHttpClient(settings.tls && { tls: settings.tls });
  const load = (signal: AbortSignal) => configurationOf(settings, http, signal);
  const discovery = { what: 'the discovery document', load, times: ENDPOINT_TIMES };
  const kept = keptDiscovery(discovery, { ...seams, timeoutMs: TIMEOUT_MS });
  const within = withinTime(kept);
  return {
    begin: async (attempt, redirectURL) => {
      const begun = await within(async (configuration) => {
        return { kind: 'at' as const, url: await addressOf(attempt, redirectURL, settings, configuration) };
      });
      // Nobody has been asked yet, so nobody has been refused.
      return begun.kind === 'rejected' ? unavailable('internal') : begun;
    },
    finish: ({ state, nonce, verifier }, callback) =>
      within(async (configuration) => {
        const checks = {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        };
        const { id_token: idToken, ...given } = await authorizationCodeGrant(configuration, callback, checks);
        if (idToken === undefined) return unavailable('malformed-answer', 'the provider gave no ID token');
        return { ...tokensOf(given), idToken: new Secret(idToken) };
      }),
    refresh: (refreshToken) =>
      within(async (configuration) => {
        const { id_token: idToken, ...given } = await refreshTokenGrant(configuration, refreshToken.reveal());
        return { ...tokensOf(given), ...(idToken !== undefined && { idToken: new Secret(idToken) }) };
      }),
    probe: (report, signal) => probeDiscovery(settings, kept, report, signal),
    close: async () => {
      kept.close();
      await http.close();
    },
  };
}

async function probeDiscovery(
  { issuer }: CodeFlowSettings,
  kept: Kept<Configuration, Unavailable>,
  report: ProbeReport,
  signal: AbortSignal,
): Promise<void> {
  const found = await kept.renewed(signal);
  const step = `discovery document of ${issuer}`;
  if ('value' in found) return report({ step, result: 'ok' });
  report(failedStep(step, found.failure));
}

function tokensOf(given: { readonly access_token: string; readonly refresh_token?: string }): Omit<Tokens, 'idToken'> {
  return {
    kind: 'tokens',
    accessToken: new Secret(given.access_token),
    ...(given.refresh_token !== undefined && { refreshToken: new Secret(given.refresh_token) }),
  };
}

async function addressOf(
  { state, nonce, verifier }: Attempt,
  redirectURL: URL,
  { scopes }: CodeFlowSettings,
  configuration: Configuration,
): Promise<URL> {
  return buildAuthorizationUrl(configuration, {
    redirect_uri: redirectURL.href,
    scope: scopes.join(' '),
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
}

type Work<T> = (configuration: Configuration) => Promise<T | Unavailable>;

/** Runs `work` with what is known of the provider; whatever it throws, and that it takes too long, is a verdict. */
function withinTime(kept: Kept<Configuration, Unavailable>): <T>(work: Work<T>) => Promise<T | Rejected | Unavailable> {
  return async (work) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const found = await kept.current(signal);
    if ('failure' in found) return found.failure;
    const done = work(found.value).catch(verdictOf);
    return unlessAborted(done, signal, () => unavailable('timeout', 'the OpenID provider did not answer in time'));
  };
}

async function configurationOf(
  { issuer, clientID, proof }: CodeFlowSettings,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Loaded<Configuration, Unavailable>> {
  const found = await discover(http, issuer, signal);
  if ('failure' in found) return found;
  const fault = endpointFault(found.value);
  if (fault !== undefined) {
    return { failure: unavailable('malformed-answer', `the discovery document of ${issuer} ${fault}`) };
  }
  const metadata: ServerMetadata = JSON.parse(JSON.stringify(found.value));
  const configuration = new Configuration(metadata, clientID, {}, clientAuthOf(proof));
  configuration.timeout = TIMEOUT_MS / 1000;
  configuration[customFetch] = fetchWith(http);
  // Of each endpoint it has been checked above that it is https, or on this machine.
  allowInsecureRequests(configuration);
  enableNonRepudiationChecks(configuration);
  return { value: configuration };
}

/** A document of an issuer could send people, codes and secrets anywhere, but not in clear. */
function endpointFault(document: JsonObject): string | undefined {
  for (const member of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    const address = document[member];
    const url = typeof address === 'string' ? URL.parse(address) : null;
    if (url === null) return `names no ${member}`;
    const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
    if (!isSafe) return `has a ${member} that is not https`;
  }
  return undefined;
}
