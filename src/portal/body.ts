// What a small request body says: JSON, or the page's own form.

import type { IncomingMessage } from 'node:http';
import type { Body } from '../http/body.ts';
import { dataObject, type JsonObject, parseJsonObject } from '../text/json.ts';
import { isJsonType } from '../text/media-type.ts';

export type ReadBody = (request: IncomingMessage, maxBytes: number) => Promise<Body>;

/** The members, or the status and sentence of the answer. */
export type Fields =
  | { readonly ok: true; readonly fields: JsonObject }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly error: string };

/** A username, a password and a lifetime fit in several times over. */
const MAX_BYTES = 16 * 1024;

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** A JSON object; an empty body is an empty one. Without a content type it is taken for JSON. */
export async function readJson(request: IncomingMessage, read: ReadBody): Promise<Fields> {
  return readFields(request, read, isJsonType, (text) => (text.trim() === '' ? NONE : parseJsonObject(text)));
}

/** As {@link readJson} whatever its content type says: `curl -d` calls everything a form, and kubehook never looked. */
export async function readAnyJson(request: IncomingMessage, read: ReadBody): Promise<Fields> {
  return readFields(
    request,
    read,
    () => true,
    (text) => (text.trim() === '' ? NONE : parseJsonObject(text)),
  );
}

/** `application/x-www-form-urlencoded`; a field that is there twice is refused. */
export async function readForm(request: IncomingMessage, read: ReadBody): Promise<Fields> {
  return readFields(
    request,
    read,
    (type) => FORM_TYPE.test(type),
    (text) => {
      const entries = [...new URLSearchParams(text)];
      return new Set(entries.map(([name]) => name)).size === entries.length ? dataObject(entries) : undefined;
    },
  );
}

const NONE = dataObject([]);

async function readFields(
  request: IncomingMessage,
  read: ReadBody,
  isAllowed: (contentType: string) => boolean,
  parse: (text: string) => JsonObject | undefined,
): Promise<Fields> {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  if (encoding !== undefined) return { ok: false, status: 415, error: 'the body must not be encoded' };
  if (type !== undefined && !isAllowed(type)) return { ok: false, status: 415, error: 'wrong content type' };
  const body = await read(request, MAX_BYTES);
  if (body.kind === 'oversize') return { ok: false, status: 413, error: 'the body is too large' };
  const fields = body.kind === 'complete' ? parse(body.text) : undefined;
  return fields === undefined ? { ok: false, status: 400, error: 'the body cannot be read' } : { ok: true, fields };
}
