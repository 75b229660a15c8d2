// Configuration file to immutable Config: every error at once, each with its place.

import { dirname, resolve } from 'node:path';
import type { FileMode } from '../files/access.ts';
import { errorWord, whyUnreadable } from '../text/error-code.ts';
import { isJsonObject } from '../text/json.ts';
import { parseYaml, type YamlText } from '../text/yaml.ts';
import type { Config } from './config.ts';
import { configDigest } from './digest.ts';
import { createFields, type Sources } from './fields.ts';
import { modeWarnings } from './file-modes.ts';
import { type Diagnostic, describeIssue, flattenIssues, formatPath, type Issue } from './issue.ts';
import type { AnyProviderModule } from './provider-module.ts';
import { configSchema } from './schema.ts';

/** The outside of one load. */
export interface LoadSeams {
  readonly env: Sources['env'];
  readonly readFile: Sources['readFile'];
  readonly modules: readonly AnyProviderModule[];
  readonly nowMs: () => number;
  /** Absent: no warning of files that others may read or change. */
  readonly modeOf?: (path: string) => FileMode | undefined;
  readonly stateFolder?: Sources['stateFolder'];
  readonly demandsState?: Sources['demandsState'];
}

export type Loaded = { readonly files: readonly string[] } & (
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly Diagnostic[] }
);

/**
 * Loads and checks a file; never throws: what no check expected is one error of the whole file. `files` are all that were read or should have been, the configuration itself first,
 * so that a watcher sees a fault being mended.
 */
export function loadConfig(name: string, seams: LoadSeams): Loaded {
  const files = new Set([resolve(name)]);
  try {
    return checked(name, files, seams);
  } catch (error) {
    const message = `cannot be checked: ${errorWord(error)}`;
    return { ok: false, files: [...files], errors: [{ file: name, line: 1, column: 1, path: '', message }] };
  }
}

function checked(name: string, files: Set<string>, seams: LoadSeams): Loaded {
  const path = resolve(name);
  const fail = (errors: readonly Diagnostic[]): Loaded => ({ ok: false, files: [...files], errors });
  const text = readText(path, seams);
  if (!text.ok) return fail([{ file: name, line: 1, column: 1, path: '', message: text.message }]);
  const document = parseYaml(text.value);
  const faults = document.faults.map((fault) => ({ file: name, path: '', ...fault }));
  if (!document.isReadable) return fail(faults);
  const { env, modules, stateFolder, demandsState, modeOf = () => undefined } = seams;
  const [dir, texts, secrets] = [dirname(path), new Map<string, string>(), new Set<string>()];
  const readFile = remembering(seams.readFile, texts);
  const seen: Sources['seen'] = (file, holds) => {
    files.add(file);
    if (holds === 'secret') secrets.add(file);
  };
  const fields = createFields({ dir, env, readFile, seen, stateFolder, demandsState });
  const schema = configSchema({ fields, modules, nowMs: seams.nowMs() });
  const parsed = schema.safeParse(document.data ?? {}, { error: describeIssue });
  const issues = parsed.success ? [] : flattenIssues(parsed.error.issues);
  const errors = [...faults, ...diagnostics(name, document, issues)];
  if (!parsed.success || errors.length > 0) return fail(inOrder(errors));
  const digest = isJsonObject(document.data) ? configDigest(document.data, { dir, texts, env }) : '';
  const warnings = [...parsed.data.warnings, ...modeWarnings(files, secrets, modeOf)];
  return { ok: true, files: [...files], config: { ...parsed.data, warnings, ...(parsed.data.shared && { digest }) } };
}

/** Reads as `readFile` does and keeps what was read. */
function remembering(readFile: LoadSeams['readFile'], texts: Map<string, string>): LoadSeams['readFile'] {
  return (path) => {
    const text = readFile(path);
    texts.set(path, text);
    return text;
  };
}

/** `broker.yaml:11:19: providers[0].options.url: message`. */
export function formatDiagnostic({ file, line, column, path, message }: Diagnostic): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

type Text = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly message: string };

function readText(path: string, { readFile }: LoadSeams): Text {
  try {
    return { ok: true, value: readFile(path) };
  } catch (error) {
    return { ok: false, message: `cannot read the configuration: ${whyUnreadable(error)}` };
  }
}

function diagnostics(file: string, document: YamlText, issues: readonly Issue[]): Diagnostic[] {
  return issues.map((issue) => {
    return { file, ...document.position(issue), path: formatPath(issue.path), message: issue.message };
  });
}

function inOrder(errors: readonly Diagnostic[]): Diagnostic[] {
  return errors.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
