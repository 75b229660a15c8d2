// Issues tokens for people who have signed in, and tells which tokens are its own and still good.

import { type Claims } from '../core/claims.ts';
import type { BearerCredential } from '../core/credential.ts';
import type { ProbeReport } from '../core/provider.ts';
import type { Seams } from '../core/seams.ts';
import {
  abstained,
  authenticated,
  type EpochMs,
  rejected,
  type Unavailable,
  unavailable,
  type Verdict,
} from '../core/verdict.ts';
import { dataObject } from '../text/json.ts';
import { type Holder, type IssuedToken, judgePayload, payloadOf } from './claims.ts';
import { signed, verified } from './jws.ts';
import { probeIssuer } from './probe.ts';
import type { Revocation } from './revocation-list.ts';
import { type Revocations, revocations } from './revocations.ts';
import { type Found, findKey } from './ring.ts';
import type { IssuerSettings } from './settings.ts';

/** A token, shown once and kept nowhere. */
export interface Minted {
  readonly token: string;
  readonly id: string;
  readonly expiresAtMs: EpochMs;
}

export interface Issuer {
  readonly settings: IssuerSettings;
  /**
   * authenticated with the claims as they were issued; abstained with `unknown-token`, `foreign-issuer` or `unknown-key`; rejected
   * with `bad-signature`, `wrong-audience`, `malformed-claims`, `expired-token`, `premature-token` or `revoked-token`; unavailable
   * with `revocations-unreadable`. Never throws.
   */
  verify(credential: BearerCredential): Promise<Verdict<Claims>>;
  probe(report: ProbeReport): Promise<void>;
  /** For exactly this identity, at most `lifetimeMs` long and not beyond `untilMs`. The first key must be able to sign. */
  issue(holder: Holder, lifetimeMs: number, untilMs?: EpochMs): Promise<Minted>;
  /** Like `verify`, with the token's own words instead of claims. */
  inspect(credential: BearerCredential): Promise<Verdict<IssuedToken>>;
  /** Resolves once it counts for every review that begins afterwards; unavailable when it could not be kept. */
  revoke(what: Revocation): Promise<Unavailable | undefined>;
  /** Absent: nothing can be revoked. */
  readonly revocations?: Revocations;
}

const ID_BYTES = 16;
const NO_FILE = unavailable('revocations-unwritable', 'issuer.revocationsFile is not configured');

/** Opens no file until it is asked. */
export function openIssuer(settings: IssuerSettings, { clock, randomBytes }: Omit<Seams, 'log'>): Issuer {
  const { revocationsFile, lifetime } = settings;
  const seams = { clock, randomBytes, lifetimeMaxMs: lifetime.maxMs };
  const revoked = revocationsFile === undefined ? undefined : revocations(revocationsFile, seams);
  const inspect = async ({ token, jwt }: BearerCredential): Promise<Verdict<IssuedToken>> => {
    if (jwt === undefined) return abstained('unknown-token');
    const found: Found = findKey(jwt, settings);
    if (found.kind !== 'keys') return found;
    const payload = await firstOf(found.keys, (key) => verified(token.reveal(), key));
    if (payload === undefined) return rejected('bad-signature');
    const judged = judgePayload(payload, settings, clock.now(), found.isKubehook);
    if ('kind' in judged) return judged;
    // Last of all steps: what is revoked while a signature is being checked is revoked for this review too.
    const list = await revoked?.current();
    if (list !== undefined && 'kind' in list) return list;
    if (list?.has(judged) === true) return rejected('revoked-token');
    return { ...authenticated(judged, judged.expiresAtMs), isVolatile: true };
  };
  return {
    settings,
    inspect,
    verify: async (credential) => {
      const verdict = await inspect(credential);
      return verdict.kind === 'authenticated' ? { ...verdict, value: claimsOf(verdict.value) } : verdict;
    },
    issue: async (holder, lifetimeMs, untilMs = Number.POSITIVE_INFINITY) => {
      const issuedAt = Math.floor(clock.now() / 1000);
      const expiresAt = Math.min(issuedAt + Math.floor(lifetimeMs / 1000), Math.floor(untilMs / 1000));
      const id = randomBytes(ID_BYTES).toString('base64url');
      const [key] = settings.keys;
      if (key === undefined) throw new TypeError('the issuer has no key');
      const token = await signed(payloadOf(holder, { issuedAt, expiresAt }, id, settings), key);
      return { token, id, expiresAtMs: expiresAt * 1000 };
    },
    revoke: async (what) => (revoked === undefined ? NO_FILE : revoked.add(what)),
    ...(revoked && { revocations: revoked }),
    probe: (report) => probeIssuer(settings, revoked, report),
  };
}

/** The audience that the token names is the issuer's own, and says nothing about Kubernetes: the endpoint's count. */
function claimsOf({ payload, username, uid, groups }: IssuedToken): Claims {
  const subject = uid ?? username;
  const stated = { username, groups, subject, uid: uid ?? '' };
  return { subject, attributes: dataObject([...Object.entries(payload), ...Object.entries(stated)]) };
}

async function firstOf<T, R>(items: readonly T[], ask: (item: T) => Promise<R | undefined>): Promise<R | undefined> {
  const results = await Promise.all(items.map(ask));
  return results.find((result) => result !== undefined);
}
