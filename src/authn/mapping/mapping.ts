// A compiled mapping: the rules by which claims become an identity, in the form of kube-apiserver's claimMappings.

import type { Expression } from '../../cel/compile.ts';

/** A name taken from a claim, prefixed, or the result of an expression. */
export type NameSource = ClaimName | ExpressionSource;

export interface ClaimName {
  readonly kind: 'claim';
  readonly claim: string;
  readonly prefix: string;
}

export interface ExpressionSource {
  readonly kind: 'expression';
  readonly expression: Expression<'mapping'>;
}

export interface ExtraSource {
  readonly key: string;
  readonly expression: Expression<'mapping'>;
}

export type ClaimRule =
  | { readonly kind: 'required'; readonly claim: string; readonly value: string }
  | { readonly kind: 'expression'; readonly expression: Expression<'claimRule'>; readonly message?: string };

export interface UserRule {
  readonly expression: Expression<'userRule'>;
  readonly message?: string;
}

/** Compiled once with the configuration and never changed. */
export interface Mapping {
  readonly username: NameSource;
  readonly groups?: NameSource;
  /** The prefix of a uid is always empty. */
  readonly uid?: NameSource;
  readonly extra: readonly ExtraSource[];
  /** Required values first, then expressions, as kube-apiserver evaluates them. */
  readonly claimRules: readonly ClaimRule[];
  readonly userRules: readonly UserRule[];
}

/** Names of claims; no `uid` is none. */
export interface DefaultClaims {
  readonly username: string;
  readonly uid?: string;
  readonly groups: string;
}

const USUAL_CLAIMS: DefaultClaims = { username: 'username', uid: 'subject', groups: 'groups' };

/** The claimMappings of a provider that configures none. */
export function defaultMapping(
  provider: string,
  { username, uid, groups }: DefaultClaims = USUAL_CLAIMS,
): Pick<Mapping, 'username' | 'groups' | 'uid' | 'extra'> {
  const prefix = `${provider}:`;
  return {
    username: { kind: 'claim', claim: username, prefix },
    groups: { kind: 'claim', claim: groups, prefix },
    ...(uid === undefined ? {} : { uid: { kind: 'claim', claim: uid, prefix: '' } }),
    extra: [],
  };
}

/** The claimMappings of a provider whose claims are names of Kubernetes already; no uid is none. */
export const IDENTITY_MAPPING: Pick<Mapping, 'username' | 'groups' | 'uid' | 'extra'> = {
  username: { kind: 'claim', claim: 'username', prefix: '' },
  groups: { kind: 'claim', claim: 'groups', prefix: '' },
  uid: { kind: 'claim', claim: 'uid', prefix: '' },
  extra: [],
};

/** How a source is written in traces and details. */
export function sourceText(source: NameSource): string {
  if (source.kind === 'expression') return source.expression.source;
  return source.prefix === ''
    ? `claim ${source.claim}`
    : `claim ${source.claim}, prefix ${JSON.stringify(source.prefix)}`;
}

/** True when two providers of one endpoint could yield the same username: same literal prefix, or an expression. */
export function usernameOverlap(a: Mapping, b: Mapping): boolean {
  if (a.username.kind === 'expression' || b.username.kind === 'expression') return true;
  return a.username.prefix === b.username.prefix;
}
