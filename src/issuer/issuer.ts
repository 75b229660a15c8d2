// Issues tokens for people who have signed in, and tells which tokens are its own and still good.

import { type Claims } from '../core/claims.ts';
import type { BearerCredential } from '../core/credential.ts';
import { type Jwt, parseJwt } from '../core/jwt.ts';
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
import type { SharedStore } from '../stores/shared.ts';
import { dataObject } from '../text/json.ts';
import { type AskedByClient, type Holder, type IssuedToken, judgePayload, newTokenId, payloadOf } from './claims.ts';
import { type GoodSignatures, goodSignatures } from './good-signatures.ts';
import { signed, verified } from './jws.ts';
import { probeIssuer } from './probe.ts';
import type { Revocation, RevocationIndex } from './revocation-list.ts';
import { type Revocations, revocations } from './revocations.ts';
import { type Found, findKey } from './ring.ts';
import type { IssuerSettings } from './settings.ts';
import { sharedList } from './shared-revocations.ts';

/** A token, shown once and kept nowhere. */
export interface Minted {
  readonly token: string;
  readonly id: string;
  readonly expiresAtMs: EpochMs;
}

/** When a sign-in began, and who had been revoked by then. */
export interface Moment {
  readonly nowMs: EpochMs;
  /** Absent: nothing can be revoked. */
  readonly revoked?: RevocationIndex;
}

export interface Issuing {
  readonly holder: Holder;
  /** Path of the endpoint whose chain signed the holder in. */
  readonly endpoint: string;
  /** At most so long. */
  readonly lifetimeMs: number;
  /** Not beyond. */
  readonly untilMs?: EpochMs | undefined;
  readonly moment: Moment;
  /** The token is an ID token for this client. */
  readonly asked?: AskedByClient | undefined;
}

export interface Issuer {
  readonly settings: IssuerSettings;
  /**
   * authenticated with the claims as they were issued; abstained with `unknown-token`, `foreign-issuer` or `unknown-key`; rejected
   * with `bad-signature`, `wrong-audience`, `malformed-claims`, `expired-token`, `premature-token`, `over-long-token`,
   * `revoked-token`, or `other-endpoint` when it was not issued for the endpoint at this path; unavailable with
   * `revocations-unreadable`. Never throws.
   */
  verify(credential: BearerCredential, endpoint: string): Promise<Verdict<Claims>>;
  probe(report: ProbeReport): Promise<void>;
  /**
   * To be asked before the person is: a token is as old as the question. Who is revoked while a password is being checked gets
   * no token. Unavailable with `revocations-unreadable`: nobody would take the token.
   */
  moment(): Promise<Moment | Unavailable>;
  /**
   * For exactly this identity; it counts as issued after every revocation of its user that was known at its moment. Unavailable
   * with `revoked-meanwhile` or `revocations-unreadable`. The first key must be able to sign.
   */
  issue(issuing: Issuing): Promise<Minted | Unavailable>;
  /** Like `verify` of a bearer token, at any endpoint, with the token's own words instead of claims. */
  inspect(token: string): Promise<Verdict<IssuedToken>>;
  /** Resolves once it counts for every review that begins afterwards; unavailable when it could not be kept. */
  revoke(what: Revocation): Promise<Unavailable | undefined>;
  /** Absent: nothing can be revoked. */
  readonly revocations?: Revocations;
  close(): void;
}

const NO_FILE = unavailable('revocations-unwritable', 'issuer.revocationsFile is not configured');

/** Opens no file until it is asked. */
export function openIssuer(settings: IssuerSettings, seams: Seams, shared?: SharedStore): Issuer {
  const { clock, randomBytes } = seams;
  const revoked = revocationsOf(settings, seams, shared);
  const moment = async (): Promise<Moment | Unavailable> => {
    const list = await revoked?.current();
    if (list !== undefined && 'kind' in list) return list;
    return { nowMs: clock.now(), ...(list && { revoked: list }) };
  };
  const inspect = inspector(settings, clock, revoked, goodSignatures(seams));
  return {
    settings,
    inspect: async (token) => inspect(token, parseJwt(token)),
    moment,
    verify: async ({ token, jwt }, endpoint) => {
      const verdict = await inspect(token.reveal(), jwt);
      if (verdict.kind !== 'authenticated') return verdict;
      if (!isGoodAt(endpoint, verdict.value, settings)) return rejected('other-endpoint');
      return { ...verdict, value: claimsOf(verdict.value) };
    },
    issue: async (issuing) => {
      const { nowMs, countsAsMs, expiresAtMs } = timesOf(issuing);
      const id = newTokenId(countsAsMs, randomBytes);
      const now = await moment();
      if ('kind' in now) return now;
      const { holder } = issuing;
      const isRevoked = now.revoked?.has({ id, username: holder.username, issuedAtMs: countsAsMs });
      if (isRevoked === true) return unavailable('revoked-meanwhile');
      const payload = payloadOf({ ...issuing, id, issuedAtMs: nowMs, expiresAtMs }, settings);
      return { token: await signed(payload, settings.keys[0]), id, expiresAtMs };
    },
    revoke: async (what) => (revoked === undefined ? NO_FILE : revoked.add(what)),
    ...(revoked && { revocations: revoked }),
    probe: (report) => probeIssuer(settings, revoked, report),
    close: () => revoked?.close(),
  };
}

function revocationsOf(
  { revocations: where, revocationsFile, lifetime }: IssuerSettings,
  seams: Seams,
  shared: SharedStore | undefined,
): Revocations | undefined {
  if (where === 'shared' && shared !== undefined) {
    return sharedList(shared, { ...seams, ...(revocationsFile !== undefined && { snapshotFile: revocationsFile }) });
  }
  if (revocationsFile === undefined) return undefined;
  return revocations(revocationsFile, { ...seams, lifetimeMaxMs: lifetime.maxMs });
}

function inspector(
  settings: IssuerSettings,
  clock: Seams['clock'],
  revoked: Revocations | undefined,
  signatures: GoodSignatures,
): (token: string, jwt: Jwt | undefined) => Promise<Verdict<IssuedToken>> {
  return async (token, jwt) => {
    if (jwt === undefined) return abstained('unknown-token');
    const found: Found = findKey(jwt, settings);
    if (found.kind !== 'keys') return found;
    if (!signatures.has(token)) {
      const payload = await firstOf(found.keys, (key) => verified(token, key));
      if (payload === undefined) return rejected('bad-signature');
      signatures.add(token);
    }
    // Read from the very bytes that were signed.
    const judged = judgePayload(jwt.claims, settings, clock.now(), found.isKubehook);
    if ('kind' in judged) return judged;
    // Last of all steps: what is revoked while a signature is being checked is revoked for this review too.
    const list = await revoked?.current();
    if (list !== undefined && 'kind' in list && list.known?.has(judged) !== true) return list;
    if (list !== undefined && ('kind' in list || list.has(judged))) return rejected('revoked-token');
    return { ...authenticated(judged, judged.expiresAtMs), isVolatile: true };
  };
}

/**
 * When a token begins, ends, and by which time it is compared with revocations of its user: one more than the last of them,
 * which reaches a little beyond the present for clocks that are ahead.
 */
function timesOf({ holder, lifetimeMs, untilMs = Number.POSITIVE_INFINITY, moment: { nowMs, revoked } }: Issuing) {
  const countsAsMs = Math.max(nowMs, (revoked?.before(holder.username) ?? 0) + 1);
  return {
    nowMs,
    countsAsMs,
    expiresAtMs: Math.min(wholeSeconds(nowMs) + wholeSeconds(lifetimeMs), wholeSeconds(untilMs)),
  };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** A token that does not say its endpoint, and is none of kubehook's, was made before tokens were bound. */
function isGoodAt(path: string, { endpoint, isBound }: IssuedToken, { crossEndpoints }: IssuerSettings): boolean {
  return crossEndpoints || !isBound || endpoint === path;
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
