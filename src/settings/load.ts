// Configuration file to immutable Config: every error at once, each with its place.

import { dirname, resolve } from 'node:path';
import { whyUnreadable } from '../text/error-code.ts';
import { isJsonObject } from '../text/json.ts';
import { parseYaml, type YamlText } from '../text/yaml.ts';
import type { Config } from './config.ts';
import { configDigest } from './digest.ts';
import { createFields, type Sources } from './fields.ts';
import { type Diagnostic, describeIssue, flattenIssues, formatPath, type Issue } from './issue.ts';
import type { AnyProviderModule } from './provider-module.ts';
import { configSchema } from './schema.ts';

/** The outside of one load. */
export interface LoadSeams {
  readonly env: Sources['env'];
  readonly readFile: Sources['readFile'];
  readonly modules: readonly AnyProviderModule[];
  readonly nowMs: () => number;
}

export type Loaded = { readonly files: readonly string[] } & (
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly Diagnostic[] }
);

/**
 * Loads and checks a file; never throws. `files` are all that were read or should have been, the configuration itself first,
 * so that a watcher sees a fault being mended.
 */
export function loadConfig(name: string, seams: LoadSeams): Loaded {
  const path = resolve(name);
  const files = new Set([path]);
  const fail = (errors: readonly Diagnostic[]): Loaded => ({ ok: false, files: [...files], errors });
  const text = readText(path, seams);
  if (!text.ok) return fail([{ file: name, line: 1, column: 1, path: '', message: text.message }]);
  const document = parseYaml(text.value);
  const faults = document.faults.map((fault) => ({ file: name, path: '', ...fault }));
  if (!document.isReadable) return fail(faults);
  const { env, modules } = seams;
  const [dir, texts] = [dirname(path), new Map<string, string>()];
  const readFile = remembering(seams.readFile, texts);
  const fields = createFields({ dir, env, readFile, seen: (file) => void files.add(file) });
  const schema = configSchema({ fields, modules, nowMs: seams.nowMs() });
  const parsed = schema.safeParse(document.data ?? {}, { error: describeIssue });
  const issues = parsed.success ? [] : flattenIssues(parsed.error.issues);
  const errors = [...faults, ...diagnostics(name, document, issues)];
  if (!parsed.success || errors.length > 0) return fail(inOrder(errors));
  const digest = isJsonObject(document.data) ? configDigest(document.data, { dir, texts, env }) : '';
  return { ok: true, files: [...files], config: { ...parsed.data, ...(parsed.data.shared && { digest }) } };
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
