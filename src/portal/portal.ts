// What the routes of one portal share.

import type { IncomingMessage } from 'node:http';
import type { ReadBody } from './body.ts';
import type { PortalObserver } from './events.ts';
import { type HeaderIdentity, headerIdentity } from './header-identity.ts';
import { type Lifetime, parseLifetime } from './lifetime.ts';
import type { NamesOf } from './peer.ts';
import type { PortalSettings } from './settings.ts';
import type { SignInSeams } from './sign-in.ts';

export interface Portal extends Omit<SignInSeams, 'observe'> {
  readonly settings: PortalSettings;
  readonly observer: PortalObserver;
  readonly readBody: ReadBody;
  readonly namesOf: NamesOf;
  /** A bug was caught. */
  readonly failed: (error: unknown) => void;
}

export function seamsOf({ issuer, check, tokenBytes, newId, observer }: Portal): SignInSeams {
  return { issuer, check, tokenBytes, newId, observe: (event) => observer.asked(event) };
}

/** `untrusted` where the configuration knows no identity headers. */
export function identityOf({ settings, namesOf }: Portal, request: IncomingMessage): HeaderIdentity {
  return settings.header === undefined ? { kind: 'untrusted' } : headerIdentity(request, settings.header, namesOf);
}

/** The default when nothing is asked. */
export function lifetimeOf({ issuer }: Portal, asked: unknown): Lifetime {
  const { lifetime } = issuer.settings;
  return asked === undefined || asked === null ? { ms: lifetime.defaultMs } : parseLifetime(asked, lifetime);
}

/** Counts and logs a request for a token that could not even be tried. */
export function tellInvalid({ observer, newId }: Portal, method: 'password' | 'header', reason: string): void {
  observer.asked({ id: newId(), method, result: 'invalid', reason });
}

/** RFC 3339 to the second, as an ExecCredential has it. */
export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
