// Asks a person for the password until the broker takes it, three times at most.

import type { Clock } from '../core/seams.ts';
import { Secret } from '../core/secret.ts';
import type { PortalClient, Unknown } from './portal-client.ts';
import type { Session, SessionKey } from './session.ts';

/** Whoever sits at the terminal. Undefined: they gave up. */
export interface Person {
  username(): Promise<string | undefined>;
  password(login: string): Promise<Secret | undefined>;
  /** Shows one sentence. */
  say(sentence: string): void;
}

export type SignedIn =
  | { readonly kind: 'signed-in'; readonly session: Session }
  /** After the last attempt. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'gave-up' }
  | { readonly kind: 'invalid'; readonly why: string }
  | Unknown;

export interface SignInSeams {
  readonly person: Person;
  readonly portal: Pick<PortalClient, 'signIn'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Go duration; absent: the broker's default. */
  readonly lifetime?: string;
}

const ATTEMPTS = 3;
const WRONG = 'wrong username or password';

/** Sends no blank password. Stops at once when the broker could not tell: asking again would not help. */
export async function signIn(key: SessionKey, seams: SignInSeams): Promise<SignedIn> {
  const login = key.username ?? (await seams.person.username());
  if (login === undefined || login === '') return { kind: 'gave-up' };
  let outcome = await attempt(key, login, seams);
  for (let left = ATTEMPTS - 1; left > 0 && outcome.kind === 'refused'; left--) {
    seams.person.say(outcome.why);
    // oxlint-disable-next-line no-await-in-loop -- a person is asked again after the answer
    outcome = await attempt(key, login, seams);
  }
  return outcome;
}

async function attempt(key: SessionKey, login: string, seams: SignInSeams): Promise<SignedIn> {
  const { person, portal, clock, lifetime } = seams;
  const password = await person.password(login);
  if (password === undefined) return { kind: 'gave-up' };
  if (password.reveal().trim() === '') return { kind: 'refused', why: WRONG };
  const answer = await portal.signIn(login, password, lifetime);
  if (answer.kind === 'refused') return { kind: 'refused', why: answer.why ?? WRONG };
  if (answer.kind !== 'issued') return answer;
  const { token, identity, expiresAt } = answer;
  const session: Session = { ...key, login, identity, token: new Secret(token), issuedAt: clock.now(), expiresAt };
  return { kind: 'signed-in', session };
}
