// Reads a request body up to a bound, without a parser framework in between: as text, as a JSON object, or as a form.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { dataObject, type JsonObject, parseJsonObject } from '../text/json.ts';
import { isFormType, isJsonType } from '../text/media-type.ts';
import { decodeUtf8 } from '../text/utf8.ts';

export type Body =
  | { readonly kind: 'complete'; readonly text: string }
  /** Its bytes are not UTF-8. */
  | { readonly kind: 'not-text' }
  | { readonly kind: 'oversize' }
  | { readonly kind: 'incomplete' };

/**
 * A body beyond the bound is read on and thrown away up to this size, since an answer in the middle of an upload reaches
 * few clients; whoever sends more is cut off. kube-apiserver passes on tokens of up to 3 MiB, each byte of which JSON may
 * escape to six (k8s.io/apiserver pkg/server/config.go, MaxRequestBodyBytes): 18 MiB and what is around them.
 */
const DISCARDED_BYTES = 20 * 1024 * 1024;

/**
 * Calls `done` once, in the event that ends the body: a promise would put the answer off to another turn of the queue.
 * Keeps at most `maxBytes`.
 */
export function readBody(
  request: Readable,
  headers: IncomingHttpHeaders,
  maxBytes: number,
  done: (body: Body) => void,
): void {
  if (Number(headers['content-length'] ?? 0) > DISCARDED_BYTES) return done({ kind: 'oversize' });
  let chunks: Buffer[] = [];
  let bytes = 0;
  let isDone = false;
  const settle = (body: Body): void => {
    if (isDone) return;
    isDone = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks = [];
    if (bytes <= DISCARDED_BYTES) return;
    request.pause();
    settle({ kind: 'oversize' });
  });
  request.on('end', () => settle(bytes > maxBytes ? { kind: 'oversize' } : decoded(chunks)));
  // Comes after every end, so after an error, too; and node emits an error only to those who listen.
  request.on('close', () => settle({ kind: 'incomplete' }));
}

/** Replacing what is not UTF-8 would turn several tokens into one. */
function decoded(chunks: readonly Buffer[]): Body {
  const [only] = chunks;
  const text = decodeUtf8(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  return text === undefined ? { kind: 'not-text' } : { kind: 'complete', text };
}

/** The members, or the status and sentence of the answer. */
export type Fields =
  | { readonly ok: true; readonly fields: JsonObject }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly error: string };

/** Of fields: a username, a password and a lifetime fit in several times over. */
const MAX_FIELD_BYTES = 16 * 1024;
const NONE = dataObject([]);

/** A JSON object; an empty body is an empty one. Without a content type it is taken for JSON. */
export function readJson(request: IncomingMessage): Promise<Fields> {
  return readFields(request, isJsonType, jsonFields);
}

/** As {@link readJson} whatever its content type says: `curl -d` calls everything a form, and kubehook never looked. */
export function readAnyJson(request: IncomingMessage): Promise<Fields> {
  return readFields(request, () => true, jsonFields);
}

/** `application/x-www-form-urlencoded`; a field that is there twice is refused. */
export function readForm(request: IncomingMessage): Promise<Fields> {
  return readFields(request, isFormType, formFields);
}

function jsonFields(text: string): JsonObject | undefined {
  return text.trim() === '' ? NONE : parseJsonObject(text);
}

function formFields(text: string): JsonObject | undefined {
  const entries = [...new URLSearchParams(text)];
  return new Set(entries.map(([name]) => name)).size === entries.length ? dataObject(entries) : undefined;
}

async function readFields(
  request: IncomingMessage,
  isAllowed: (contentType: string) => boolean,
  parse: (text: string) => JsonObject | undefined,
): Promise<Fields> {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  if (encoding !== undefined) return { ok: false, status: 415, error: 'the body must not be encoded' };
  if (type !== undefined && !isAllowed(type)) return { ok: false, status: 415, error: 'wrong content type' };
  const { promise, resolve } = Promise.withResolvers<Body>();
  readBody(request, request.headers, MAX_FIELD_BYTES, resolve);
  const body = await promise;
  if (body.kind === 'oversize') return { ok: false, status: 413, error: 'the body is too large' };
  const fields = body.kind === 'complete' ? parse(body.text) : undefined;
  return fields === undefined ? { ok: false, status: 400, error: 'the body cannot be read' } : { ok: true, fields };
}
