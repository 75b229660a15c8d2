// What a small request body says: a JSON object, or a form.

import type { IncomingMessage } from 'node:http';
import { dataObject, type JsonObject, parseJsonObject } from '../text/json.ts';
import { isFormType, isJsonType } from '../text/media-type.ts';
import { type Body, readBody } from './body.ts';

/** The members, or the status and sentence of the answer. */
export type Fields =
  | { readonly ok: true; readonly fields: JsonObject }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly error: string };

/** A username, a password and a lifetime fit in several times over. */
const MAX_BYTES = 16 * 1024;
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
  readBody(request, MAX_BYTES, resolve);
  const body = await promise;
  if (body.kind === 'oversize') return { ok: false, status: 413, error: 'the body is too large' };
  const fields = body.kind === 'complete' ? parse(body.text) : undefined;
  return fields === undefined ? { ok: false, status: 400, error: 'the body cannot be read' } : { ok: true, fields };
}
