// What the provider contract and a provider's own test tell each other.

import type { Claims } from '../../src/core/claims.ts';
import type { Credential } from '../../src/core/credential.ts';
import type { Provider, ProviderSeams } from '../../src/core/provider.ts';
import type { OutageReason } from '../../src/core/reasons.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Verdict } from '../../src/core/verdict.ts';

/** Somebody the upstream knows: a user with a password, or the subject of an access token. */
export interface Account {
  readonly name: string;
  readonly secret: string;
}

/** Ways an upstream fails, and the reason a provider gives unless its contract says otherwise. */
export const FAULTS = {
  'refuses connections': 'connection-refused',
  'fails the TLS handshake': 'tls-failed',
  hangs: 'timeout',
  'resets in the middle of an answer': 'connection-failed',
  'answers too much': 'oversize-answer',
  'answers nonsense': 'malformed-answer',
  'answers with an error of its own': 'upstream-error',
} as const satisfies Record<string, OutageReason>;
export type Fault = keyof typeof FAULTS;

export interface Upstream {
  /** From now on, for new and kept connections alike; `undefined` heals it. A hostile one echoes what it was sent. */
  breakWith(fault: Fault | undefined): Promise<void>;
  /** Requests, binds and searches received so far, of whatever kind. */
  exchanges(): number;
  /** Connections accepted so far. */
  accepted(): number;
  /** Connections open now. */
  connections(): number;
}

export interface Harness {
  readonly provider: Provider;
  /** Absent for a provider that asks nobody. */
  readonly upstream?: Upstream;
  credentialOf(account: Account): Credential;
  /** The subject, and those attributes that must be among the claims. */
  claimsOf(account: Account): Pick<Claims, 'subject' | 'attributes'>;
  /** Ends the upstream; the contract has closed the provider before. */
  close(): Promise<void>;
}

export interface ProviderContract {
  /** The provider type; first words of every test name. */
  readonly name: string;
  readonly accepts: Credential['kind'];
  /** What the provider's page says of a known account with a wrong secret. */
  readonly wrongSecret: RefusalOf<'abstained'> | RefusalOf<'rejected'>;
  /** Which reasons differ from {@link FAULTS}; false for a provider that asks nobody. */
  readonly faults?: Partial<Record<Fault, OutageReason>> | false;
  /** What it needs of the upstream it keeps: after the first login an outage changes nothing. */
  readonly needsUpstreamOnce?: true;
  /** A fresh upstream that knows exactly these accounts, TLS included, and a provider that asks it. */
  open(accounts: readonly Account[], seams: ProviderSeams): Promise<Harness>;
}

type RefusalOf<Kind> = Pick<
  Extract<Verdict<unknown>, { readonly kind: Kind }> & { readonly reason: string },
  'kind' | 'reason'
>;

export function passwordCredential(account: Account): Credential {
  return { kind: 'password', username: account.name, password: new Secret(account.secret) };
}

export function opaqueCredential(account: Account): Credential {
  return { kind: 'bearer', form: 'opaque', token: new Secret(account.secret) };
}
