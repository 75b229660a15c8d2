// What the routes of one portal share.

import type { IncomingMessage } from 'node:http';
import type { Decision } from '../core/identity.ts';
import type { Secret } from '../core/secret.ts';
import type { EpochMs, Verdict } from '../core/verdict.ts';
import type { Issuer } from '../issuer/issuer.ts';
import type { Sealer } from '../stores/sealed.ts';
import type { AddressShares, NameBudget } from './address-share.ts';
import type { Button } from './buttons.ts';
import type { IssueEvent, PortalObserver } from './events.ts';
import { type HeaderFault, headerIdentity, type NamedUser, type NamesOf, UNTRUSTED } from './header-identity.ts';
import { type Lifetime, parseLifetime } from './lifetime.ts';
import type { OpenidState } from './openid/state.ts';
import type { PortalSettings } from './settings.ts';

export interface Portal {
  readonly settings: PortalSettings;
  readonly issuer: Issuer;
  /** Longer tokens would be refused when they come back. */
  readonly tokenBytes: number;
  /** What the chain lets be guessed of one name. */
  readonly budget: NameBudget;
  readonly shares: AddressShares;
  /** Asks the chain of `passwordEndpoint` as a review would, but anew and under a new review id. Never rejects. */
  readonly check: (asked: Asked) => Promise<Checked>;
  /** The same with a bearer token and the chain of the endpoint at this path. */
  readonly checkToken: (endpoint: string, token: Secret) => Promise<Checked>;
  /** What the broker remembers as an OpenID provider; outlives configurations. */
  readonly openidState: OpenidState;
  /** Whether this provider can tell of somebody without a password. */
  readonly canFind: (provider: string) => boolean;
  /** Asks it about somebody who signed in before by this name, as the endpoint at this path has it. */
  readonly find: (provider: string, username: string, endpoint: string) => Promise<Checked>;
  /** OpenID providers at which people can sign in, in the order of their buttons. */
  readonly buttons: readonly Button[];
  /** The first one seals, each opens. */
  readonly sealers: readonly Pick<Sealer, 'seal' | 'open'>[];
  readonly randomBytes: (size: number) => Buffer;
  readonly namesOf: NamesOf;
  readonly newId: () => string;
  readonly now: () => EpochMs;
  readonly observer: PortalObserver;
  /** A bug was caught. */
  readonly failed: (error: unknown) => void;
}

export interface Asked {
  readonly username: string;
  readonly password: string;
  /** False: only a password that was right before may be tried. */
  readonly mayGuess: boolean;
}

export interface Checked {
  readonly id: string;
  readonly verdict: Verdict<Decision>;
}

/** Untrusted where the configuration knows no identity headers. */
export function identityOf({ settings, namesOf }: Portal, request: IncomingMessage): NamedUser | HeaderFault {
  return settings.header === undefined ? UNTRUSTED : headerIdentity(request, settings.header, namesOf);
}

/** The default when nothing is asked. */
export function lifetimeOf({ issuer }: Portal, asked: unknown): Lifetime {
  const { lifetime } = issuer.settings;
  return asked === undefined || asked === null ? { ms: lifetime.defaultMs } : parseLifetime(asked, lifetime);
}

/** Counts and logs a request for a token that could not even be tried; gives the id under which the log has it. */
export function tellInvalid({ observer, newId }: Portal, method: IssueEvent['method'], reason: string): string {
  const id = newId();
  observer.asked({ id, method, result: 'invalid', reason });
  return id;
}

/** RFC 3339 to the second, as an ExecCredential has it. */
export function timestamp(atMs: EpochMs): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Of the address that was asked for; a name may be there more than once. */
export function queryOf({ url = '/' }: Pick<IncomingMessage, 'url'>): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}
