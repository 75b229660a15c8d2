// Verifies JWTs of one issuer with its published keys, and decides as kube-apiserver's own JWT authenticator does.

import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Review } from '../src/core/authenticator.ts';
import type { Claims } from '../src/core/claims.ts';
import type { Provider, ProviderSeams } from '../src/core/provider.ts';
import type { Secret } from '../src/core/secret.ts';
import {
  abstained,
  authenticated,
  type Rejected,
  rejected,
  type Unavailable,
  unavailable,
  type Verdict,
} from '../src/core/verdict.ts';
import { defineProvider } from '../src/settings/provider-module.ts';
import { dataObject, type JsonObject } from '../src/text/json.ts';
import { createHttpClient, type HttpClient } from '../src/upstream/http/client.ts';
import { credentialEndpoint } from '../src/upstream/oidc/discovery.ts';
import type { Refused } from '../src/upstream/oidc/exchange.ts';
import { discoveredKeys, fixedKeys, type IssuerKeys } from '../src/upstream/oidc/issuer-keys.ts';
import { parseSignedToken } from '../src/upstream/oidc/jws.ts';
import { askUserinfo } from '../src/upstream/oidc/userinfo.ts';
import { judgeClaims } from './oidc-jwt/claims.ts';
import { type GroupSources, groupSources } from './oidc-jwt/groups-elsewhere.ts';
import { type OidcJwtOptions, oidcJwtOptions, oidcJwtWarnings } from './oidc-jwt/options.ts';
import { probeIssuer } from './oidc-jwt/probe.ts';
import { verifySignature } from './oidc-jwt/signature.ts';

/**
 * Authenticated: one of the issuer's keys has signed the token, and it is meant for us now. Abstained: `wrong-kind` (no JWT),
 * `foreign-issuer`. Rejected: `bad-signature`, `malformed-claims`, `wrong-audience`, `expired-token`, `premature-token`,
 * `groups-elsewhere`, `mapping-failed` (userinfo refuses). Unavailable: there are no keys, for the reason why.
 */
export const oidcJwt = defineProvider<OidcJwtOptions>({
  type: 'oidc-jwt',
  accepts: ['bearer'],
  defaultClaims: { username: 'sub', groups: 'groups' },
  options: oidcJwtOptions,
  warnings: oidcJwtWarnings,
  issuers: ({ issuer, discoveryURL }) => [
    { path: ['issuer', 'url'], name: issuer, isExclusive: true },
    ...(discoveryURL === undefined
      ? []
      : [{ path: ['issuer', 'discoveryURL'], name: discoveryURL.href, isExclusive: true }]),
  ],
  nextSteps: {
    'foreign-issuer': 'Compare the iss claim with issuer.url.',
    'wrong-audience': 'Compare the aud claim with issuer.audiences.',
    'bad-signature':
      'Get a new token; compare its alg with signingAlgorithms, and its kid with the keys of the issuer.',
    'malformed-claims': 'Compare the claims in explain with the page of oidc-jwt.',
  },
  open,
});

/** What `iss` may be beside the issuer (k8s.io/apiserver plugin/pkg/authenticator/token/oidc, untrustedIssuer). */
const GOOGLE = { issuer: 'https://accounts.google.com', legacy: 'accounts.google.com' } as const;

interface Opened {
  readonly options: OidcJwtOptions;
  readonly seams: ProviderSeams;
  readonly keys: IssuerKeys;
  readonly sources: GroupSources;
  readonly verified: LRUCache<string, Verified>;
  readonly http: HttpClient;
}

function open(options: OidcJwtOptions, seams: ProviderSeams): Provider {
  const http = createHttpClient({
    maxBodyBytes: MAX_DOCUMENT_BYTES,
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
  });
  const keys = options.keys === undefined ? discoveredKeys(options, http, seams) : fixedKeys(options.keys);
  const sources = groupSources(options, http, keys, seams);
  const verified = new LRUCache<string, Verified>({ max: MAX_VERIFIED, maxSize: MAX_VERIFIED_BYTES });
  const opened = { options, seams, http, keys, sources, verified };
  let isClosed = false;
  return {
    authenticate: async (review, signal) => {
      if (isClosed) return unavailable('stopping');
      const verdict = await authenticate(review, opened, signal);
      const upstream = verdict.kind === 'abstained' ? undefined : keys.failure();
      return upstream === undefined || verdict.kind === 'unavailable' ? verdict : { ...verdict, upstream };
    },
    probe: (report, signal) => probeIssuer({ options, http, report, signal }),
    close: async () => {
      isClosed = true;
      keys.close();
      sources.close();
      await http.close();
    },
  };
}

/** Key sets with certificate chains are long. */
const MAX_DOCUMENT_BYTES = 128 * 1024;

async function authenticate(
  { credential, trace }: Review,
  opened: Opened,
  signal: AbortSignal,
): Promise<Verdict<Claims>> {
  const { options, seams, sources } = opened;
  if (credential.kind !== 'bearer' || credential.form !== 'jwt') return abstained('wrong-kind');
  if (!isIssuer(credential.jwt?.issuer, options.issuer)) return abstained('foreign-issuer');
  const checked = await verifiedClaims(credential.token, opened, signal);
  if ('kind' in checked) return checked;
  const judged = judgeClaims(checked.claims, options.audiences, seams.clock.now());
  if (judged.kind !== 'good') {
    // What was signed explains a refusal best; an authenticated token is shown where it is mapped.
    trace?.({ step: 'claims', provider: seams.name, claims: { attributes: checked.claims } });
    return judged;
  }
  const told = options.userinfo ? await withUserinfo(checked.claims, credential.token, opened, signal) : checked;
  if ('kind' in told) return told;
  const complete = await sources.complete(told.claims, signal);
  if ('kind' in complete) return complete;
  return authenticated({ attributes: complete.claims }, judged.expiresAt);
}

/** The claim is unverified, which is enough: a token that lies about its issuer is judged nowhere. */
function isIssuer(iss: unknown, issuer: string): boolean {
  return iss === issuer || (issuer === GOOGLE.issuer && iss === GOOGLE.legacy);
}

/** A token whose signature was found good, until its key is gone. */
interface Verified {
  readonly claims: JsonObject;
  readonly key: string;
}

const MAX_VERIFIED = 10_000;
/** Of tokens in characters; their claims take a few times as much. */
const MAX_VERIFIED_BYTES = 8 * 1024 * 1024;

/** A signature is checked once per token and key: what time and configuration say of it is judged each time. */
async function verifiedClaims(
  secret: Secret,
  { options, keys, verified }: Opened,
  signal: AbortSignal,
): Promise<{ readonly claims: JsonObject } | Rejected | Unavailable> {
  const text = secret.reveal();
  const known = await keys.current(signal);
  if ('failure' in known) return known.failure;
  const id = hash('sha256', text, 'base64');
  const earlier = verified.get(id);
  if (earlier !== undefined && known.value.keys.keys.some(({ fingerprint }) => fingerprint === earlier.key))
    return earlier;
  const token = parseSignedToken(text, options.signingAlgorithms);
  if (typeof token === 'string') return rejected('bad-signature', token);
  const key = await verifySignature(token, keys, signal);
  if ('kind' in key) return key;
  const claims = dataObject(Object.entries(token.claims));
  verified.set(id, { claims, key: key.fingerprint }, { size: text.length });
  return { claims };
}

/** The members of userinfo under the claims of the token, which were signed. */
async function withUserinfo(
  claims: JsonObject,
  token: Secret,
  { options, keys, http }: Opened,
  signal: AbortSignal,
): Promise<{ readonly claims: JsonObject } | Refused> {
  const known = await keys.current(signal);
  if ('failure' in known) return known.failure;
  const document = known.value.document ?? {};
  const url = credentialEndpoint(document, 'userinfo_endpoint', options.issuer, 'turn userinfo off');
  if ('failure' in url) return url.failure;
  const said = await askUserinfo(http, url.value, token, signal);
  if (said.kind !== 'said') return said;
  if (said.json['sub'] !== claims['sub']) return unavailable('malformed-answer', 'userinfo speaks of another sub');
  return { claims: dataObject([...Object.entries(said.json), ...Object.entries(claims)]) };
}
