// What a provider type tells the configuration: its options, made of the kinds of values below, and how one is opened.

import type { z } from 'zod';
import type { DefaultClaims } from '../authn/mapping/mapping.ts';
import type { Expression, Use } from '../cel/compile.ts';
import type { Credential } from '../core/credential.ts';
import type { Provider, ProviderSeams } from '../core/provider.ts';
import type { NextSteps } from '../core/reasons.ts';
import type { Secret } from '../core/secret.ts';
import type { UpstreamTls } from '../upstream/http/tls.ts';

export type { Expression } from '../cel/compile.ts';

/** What the file may say of a type of provider. */
export interface ProviderType<Options> {
  readonly type: string;
  readonly accepts: readonly Credential['kind'][];
  /** Those of them that these options take; default all. */
  acceptsWith?(options: Options): readonly Credential['kind'][];
  /** The schema of `options`; `fields` reads files and secrets and reports what is wrong with them. */
  options(fields: Fields): Schema<Options>;
  /** The claims that are mapped where no `claimMappings` are written; default `username`, `subject` as the uid, `groups`. */
  readonly defaultClaims?: DefaultClaims;
  /** Where the options name an issuer or its document: its tokens must arrive. */
  issuers?(options: Options): readonly NamedIssuer[];
  /** Next steps in the words of this type's own options. */
  readonly nextSteps?: NextSteps;
}

export interface NamedIssuer {
  /** Below `options`. */
  readonly path: readonly string[];
  readonly name: string;
  /** All its tokens go to the first provider of this type that names it: a second one would never be asked. */
  readonly isExclusive: boolean;
}

export interface ProviderModule<Options> extends ProviderType<Options> {
  /** It has no upstream: everything it knows was in the configuration. */
  readonly local?: true;
  /** Sentences for `check` and the start-up log about options that are legal and dangerous. */
  warnings?(options: Options): readonly string[];
  /** Opens no socket by itself: start-up never waits for an upstream. */
  open(options: Options, seams: ProviderSeams): Provider;
}

/** Any provider type, its options already checked by its own schema. */
export type AnyProviderModule = ProviderModule<unknown>;

/** Lets the compiler infer `Options` where a module is written. */
export function defineProvider<Options>(module: ProviderModule<Options>): ProviderModule<Options> {
  return module;
}

/** A zod schema whose input is YAML and whose output is `T`. */
export type Schema<T> = z.ZodType<T>;

/** A file that was read while the configuration was loaded; a change of it reloads the configuration. */
export interface ConfigFile {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
}

/** A file that may not be there yet. */
export interface StateFile {
  /** Absolute path. */
  readonly path: string;
  readonly text?: string;
  /** The broker has to make its folder first. */
  readonly isFolderMissing: boolean;
}

/**
 * Builds schemas for one load of one file. What it reads is read at load time, relative to the configuration's folder, and
 * every fault becomes an issue at the position of the value.
 */
export interface Fields {
  /** A strict object: an unknown key is an error with a did-you-mean. */
  object<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict>;
  /** Go-style duration (`500ms`, `30s`, `1h30m`, `0s`) as milliseconds. */
  duration(limits?: { readonly minMs?: number; readonly maxMs?: number }): Schema<number>;
  /** `64KiB`, `1MiB`, `512` as bytes. */
  bytes(limits?: { readonly min?: number; readonly max?: number }): Schema<number>;
  /** `{ file: path }` (one trailing newline trimmed) or `{ env: NAME }`. */
  secret(): Schema<Secret>;
  /** A path whose file is read now; a warning is due when everybody may read a secret. */
  file(holds?: 'settings' | 'secret'): Schema<ConfigFile>;
  /** A path whose file the broker itself writes: read when it is there, and no change of it reloads the configuration. */
  stateFile(): Schema<StateFile>;
  /** An http(s) URL without user, password or fragment; https unless the host is loopback. */
  httpUrl(): Schema<URL>;
  /** A CEL expression for this place, compiled now; `written` is the form in YAML, text by default. */
  expression<U extends Use>(use: U, written?: z.ZodType<string | boolean>): Schema<Expression<U>>;
  /** The `tls` block of an upstream. */
  upstreamTls(): Schema<UpstreamTls>;
}
