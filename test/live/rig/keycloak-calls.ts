// Calls of Keycloak over HTTPS: its token endpoint and its admin REST API.
import { Agent, request } from 'undici';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Throws unless the call succeeds. */
export type Admin = (method: Method, path: string, body?: object) => Promise<unknown>;

export interface TokenAnswer {
  readonly access_token: string;
  /** Where `openid` was asked for. */
  readonly id_token?: string;
}

interface Call {
  readonly token?: string;
  readonly json?: object;
  readonly form?: Readonly<Record<string, string>>;
}

/** What was answered, as JSON; throws unless the status is below 300. */
export type Caller = (method: Method, path: string, call?: Call) => Promise<unknown>;

export function callerOf(origin: string, ca: Buffer): Caller {
  return async (method, path, { token, json, form } = {}) => {
    const dispatcher = new Agent({ connect: { ca }, pipelining: 0 });
    const body = json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json);
    const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
    const headers = { ...(body && { 'content-type': type }), ...(token && { authorization: `Bearer ${token}` }) };
    try {
      const response = await request(origin + path, { method, headers, dispatcher, ...(body && { body }) });
      const text = await response.body.text();
      if (response.statusCode >= 300) throw new Error(`${method} ${path} answered ${response.statusCode} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    } finally {
      await dispatcher.close();
    }
  };
}

export async function grant(call: Caller, realm: string, form: Readonly<Record<string, string>>): Promise<TokenAnswer> {
  const answer = await call('POST', `/realms/${realm}/protocol/openid-connect/token`, { form });
  const { access_token: access, id_token: id } = objectOf(answer);
  return { access_token: String(access), ...(typeof id === 'string' && { id_token: id }) };
}

export function clientForm({ id, secret }: { readonly id: string; readonly secret?: string }): Record<string, string> {
  return { client_id: id, ...(secret !== undefined && { client_secret: secret }) };
}

export type Fields = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}
