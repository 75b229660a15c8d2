// One question to kube-apiserver and to the broker: an entry of AuthenticationConfiguration, what its issuer publishes, and tokens.

import type { JsonObject } from '../../../src/text/json.ts';
import type { Row } from '../../providers/oidc-jwt/differences.ts';

export interface Token {
  /** What is odd about it, in words. */
  readonly about: string;
  readonly text: string;
  /** The rows of the page for whose sake the two may decide differently. */
  readonly rows: readonly Row[];
}

export interface Case {
  readonly name: string;
  /** An entry of `jwt`, its issuer below the server of the run. */
  readonly authenticator: JsonObject;
  /** The path below the server where the issuer's documents are. */
  readonly path: string;
  /** The key set, as it is published. */
  readonly keys: object;
  /** What is answered at paths below `path`. */
  readonly answers: ReadonlyMap<string, string>;
  readonly tokens: readonly Token[];
  /** Rows that the configuration or the keys bring about, for every token. */
  readonly rows: readonly Row[];
  /** kube-apiserver has one word for a refusal and for what could not be had; the broker must say the latter. */
  readonly isOutage?: true;
}

/** Who somebody is; extra without what each side adds by itself. */
export interface Identity {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Yes with an identity, or no with a word about why that is never compared. */
export type Decision = { readonly user: Identity } | { readonly refused: string };

/** Of the whole configuration, or of each token. */
export type Outcome = { readonly notStarted: string } | { readonly decisions: readonly Decision[] };
