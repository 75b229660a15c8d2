// What `explain -o json` prints: the story of one review. Names are stable, members may be added.

import type { TraceStep } from '../../core/authenticator.ts';
import type { Claims } from '../../core/claims.ts';
import type { VerdictKind } from '../../core/verdict.ts';
import type { JsonObject, JsonValue } from '../../text/json.ts';
import type { Remembered } from '../remembered.ts';

export interface Explanation {
  /** Path. */
  readonly endpoint: string;
  /** Asked for with `--audience`. */
  readonly audiences: readonly string[];
  readonly credential: ExplainedCredential;
  /** Those of the endpoint, in the order in which they are asked. */
  readonly providers: readonly ExplainedProvider[];
  readonly verdict: ExplainedVerdict & {
    /** Name of the provider that decided. */
    readonly by?: string;
    /** Those that could not tell. */
    readonly providers?: readonly string[];
  };
  /** The answer that kube-apiserver would get. */
  readonly tokenReview: JsonObject;
  /** Milliseconds, at most. */
  readonly remembered: Remembered;
}

export type ExplainedCredential =
  | { readonly kind: 'password'; readonly username: string }
  | { readonly kind: 'bearer'; readonly form: 'opaque' }
  /** Nothing of it is verified. */
  | {
      readonly kind: 'bearer';
      readonly form: 'jwt';
      readonly alg: JsonValue;
      readonly kid?: JsonValue;
      readonly iss?: JsonValue;
      readonly aud?: JsonValue;
      /** As in the token: seconds since 1970. */
      readonly exp?: JsonValue;
    }
  /** Refused by its form: no provider was asked. */
  | { readonly kind: 'refused' };

export interface ExplainedVerdict {
  readonly kind: VerdictKind;
  /** Absent when authenticated; the words of the table of reasons. */
  readonly reason?: string;
  readonly meaning?: string;
  readonly next?: string;
  readonly detail?: string;
  /** When the credential itself ends, ISO 8601. */
  readonly expiresAt?: string;
}

type Told<K extends TraceStep['step']> = Omit<Extract<TraceStep, { readonly step: K }>, 'step' | 'provider'>;

export interface ExplainedProvider {
  readonly name: string;
  readonly type: string;
  readonly match?: Told<'match'> & { readonly expression: string };
  readonly login?: Told<'login'> & { readonly expression: string };
  /** As the upstream stated them. */
  readonly claims?: Claims;
  readonly mappings: readonly Told<'mapping'>[];
  readonly rules: readonly Told<'rule'>[];
  readonly dropped: readonly Told<'dropped'>[];
  /** Absent when an earlier provider had decided, so that this one was not asked. */
  readonly verdict?: ExplainedVerdict & { readonly durationMs: number };
}
