// The kinds of values of the configuration file, reading files and secrets while it is loaded.

import { resolve } from 'node:path';
import { z } from 'zod';
import { compile, type Use } from '../cel/compile.ts';
import { isLoopbackHost } from '../core/listening.ts';
import { Secret } from '../core/secret.ts';
import type { StateFolder } from '../files/access.ts';
import { DURATION, formatDuration, parseDuration } from '../text/duration.ts';
import { errorCode, whyUnreadable } from '../text/error-code.ts';
import { didYouMean } from '../text/suggest.ts';
import { tlsFault, type UpstreamTls } from '../upstream/http/tls.ts';
import type { ConfigFile, Expression, Fields, Schema, StateFile } from './provider-module.ts';
import { ALWAYS } from './soundness.ts';

/** Where one load takes its values from, and whom it tells which files it read. */
export interface Sources {
  /** Folder against which relative names resolve. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws a node file-system error when it cannot. */
  readonly readFile: (path: string) => string;
  readonly seen: (path: string, holds: Holds) => void;
  /** Absent: nobody asks where the broker's own files would be. */
  readonly stateFolder?: ((path: string) => StateFolder) | undefined;
  /** A folder in which the broker could not write is an error here; else the broker finds out itself. */
  readonly demandsState?: boolean | undefined;
}

/** What a file holds: of a secret it matters who may read it. */
export type Holds = 'settings' | 'secret';

/** Field kinds bound to these sources; see {@link Fields} for what each accepts. */
export function createFields(sources: Sources): Fields {
  const file = (holds: Holds = 'settings'): Schema<ConfigFile> =>
    z.string().min(1).transform(fileReader(sources, holds));
  return {
    object: strictObject,
    duration: durationField,
    bytes: bytesField,
    secret: () => secretField(fileReader(sources, 'secret'), sources),
    file,
    stateFile: () => z.string().min(1).transform(stateReader(sources)),
    httpUrl: httpUrlField,
    expression: expressionField,
    upstreamTls: () => upstreamTlsField(file),
  };
}

function strictObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key${didYouMean(key, known)}`).join('\n')
        : undefined,
  });
}

type Reader = (path: string, context: z.core.$RefinementCtx) => ConfigFile;

function fileReader(sources: Sources, holds: Holds): Reader {
  return (name, context) => {
    const path = resolve(sources.dir, name);
    sources.seen(path, holds);
    try {
      return { path, text: sources.readFile(path) };
    } catch (error) {
      context.addIssue({ code: 'custom', message: `cannot read ${path}: ${whyUnreadable(error)}` });
      return z.NEVER;
    }
  };
}

function stateReader(sources: Sources): (name: string, context: z.core.$RefinementCtx) => StateFile {
  return (name, context) => {
    const path = resolve(sources.dir, name);
    const folder = sources.stateFolder?.(path) ?? 'ready';
    if (typeof folder === 'object' && sources.demandsState === true) {
      const message = `cannot write ${path}: ${whyUnreadable(folder.error)}; the broker keeps this file itself, so its folder must be writable`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    const isFolderMissing = folder === 'missing';
    try {
      return { path, text: sources.readFile(path), isFolderMissing };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return { path, isFolderMissing };
      context.addIssue({ code: 'custom', message: `cannot read ${path}: ${whyUnreadable(error)}` });
      return z.NEVER;
    }
  };
}

const DURATION_FORM = 'is not a duration; write for example 500ms, 30s, 2m or 1h30m';

function durationField(limits: { readonly minMs?: number; readonly maxMs?: number } = {}): Schema<number> {
  const { minMs = 0, maxMs = 365 * 24 * 3_600_000 } = limits;
  const written = z.union([z.string().meta({ pattern: DURATION.source }), z.literal(0)], { error: DURATION_FORM });
  const range = `between ${formatDuration(minMs)} and ${formatDuration(maxMs)}`;
  const checked = written.transform((value, context) => {
    const faults = { form: DURATION_FORM, range: `must be ${range}` };
    return inRange(parseDuration(String(value)), [minMs, maxMs], faults, context);
  });
  return checked.describe(`A duration ${range}.`);
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

const BYTES = /^\d+(?:B|KiB|MiB|GiB)?$/;

/** Bytes of `16KiB`, `1MiB` or a plain number; undefined when it is none. */
export function parseBytes(text: string): number | undefined {
  const parts = /^(\d+)(B|KiB|MiB|GiB)?$/.exec(text);
  return parts === null ? undefined : Number(parts[1]) * (UNIT_BYTES[parts[2] ?? ''] ?? 1);
}

const BYTES_FORM = 'is not a size; write for example 512, 16KiB or 1MiB';

function bytesField(limits: { readonly min?: number; readonly max?: number } = {}): Schema<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = limits;
  const written = z.union([z.string().meta({ pattern: BYTES.source }), z.int()], { error: BYTES_FORM });
  const range = `between ${min} and ${max} bytes`;
  const checked = written.transform((value, context) =>
    inRange(parseBytes(String(value)), [min, max], { form: BYTES_FORM, range: `must be ${range}` }, context),
  );
  return checked.describe(`A size ${range}.`);
}

interface Faults {
  readonly form: string;
  readonly range: string;
}

function inRange(
  value: number | undefined,
  [min, max]: readonly [number, number],
  faults: Faults,
  context: z.core.$RefinementCtx,
): number {
  if (value !== undefined && value >= min && value <= max) return value;
  context.addIssue({ code: 'custom', message: value === undefined ? faults.form : faults.range });
  return z.NEVER;
}

const SECRET_FORM = 'must be { file: path } or { env: NAME }, never the secret itself';

function secretField(read: Reader, sources: Sources): Schema<Secret> {
  const form = z.union([strictObject({ file: z.string().min(1) }), strictObject({ env: z.string().min(1) })], {
    error: SECRET_FORM,
  });
  return form.transform((reference, context) => {
    if ('file' in reference) {
      const file = read(reference.file, context);
      return file === z.NEVER ? z.NEVER : secretOf(file.text.replace(/\r?\n$/, ''), `the file ${file.path}`, context);
    }
    const value = Object.hasOwn(sources.env, reference.env) ? sources.env[reference.env] : undefined;
    if (value !== undefined) return secretOf(value, `the environment variable ${reference.env}`, context);
    context.addIssue({ code: 'custom', message: `the environment variable ${reference.env} is not set` });
    return z.NEVER;
  });
}

function secretOf(text: string, where: string, context: z.core.$RefinementCtx): Secret {
  if (text !== '') return new Secret(text);
  context.addIssue({ code: 'custom', message: `${where} is empty` });
  return z.NEVER;
}

function httpUrlField(): Schema<URL> {
  return z.string().transform((text, context) => {
    const fault = urlFault(text);
    if (fault === undefined) return new URL(text);
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });
}

function urlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or a password';
  if (url.hash !== '') return 'must not contain a fragment';
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return 'must use https: plain http sends credentials in clear, and is allowed to a loopback host only';
  }
  return undefined;
}

function expressionField<U extends Use>(
  use: U,
  written: z.ZodType<string | boolean> = z.string(),
): Schema<Expression<U>> {
  return written.transform((source, context): Expression<U> => {
    const compiled = compile(String(source), use);
    if (compiled.ok) return compiled.expression;
    const { message, offset } = compiled;
    context.addIssue({ code: 'custom', message, ...(offset !== undefined && { params: { offset } }) });
    return z.NEVER;
  });
}

function upstreamTlsField(file: (holds?: Holds) => Schema<ConfigFile>): Schema<UpstreamTls> {
  const block = strictObject({
    caFile: file().optional(),
    certFile: file().optional(),
    keyFile: file('secret').optional(),
    serverName: z.string().min(1).optional(),
  });
  const checked = block.superRefine(({ certFile, keyFile }, context) => {
    if ((certFile === undefined) === (keyFile === undefined)) return;
    context.addIssue({ code: 'custom', message: 'certFile and keyFile go together' });
  }, ALWAYS);
  const read = checked.transform(
    (tls): UpstreamTls => ({
      ...(tls.caFile && { ca: tls.caFile.text }),
      ...(tls.certFile && { cert: tls.certFile.text }),
      ...(tls.keyFile && { key: new Secret(tls.keyFile.text) }),
      ...(tls.serverName !== undefined && { serverName: tls.serverName }),
    }),
  );
  return read.superRefine((tls, context) => {
    const message = tls.ca === undefined && tls.cert === undefined ? undefined : tlsFault(tls);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}
