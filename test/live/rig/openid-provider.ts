// A real OpenID provider in a process of its own: opaque tokens with groups, introspection, revocation, userinfo.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { ACCOUNTS, CLIENTS, type OpenidProviderConfig, PASSWORD_GRANT, type Resource } from './openid-provider-data.ts';
import type { KeyPair, Pki } from './pki.ts';
import { startProcess } from './process.ts';
import { temporaryFolder } from './temp.ts';
import { freePort, waitForPort } from './wait.ts';

export interface TokenRequest {
  readonly username: string;
  /** Default: the right one of ACCOUNTS. */
  readonly password?: string;
  /** Default: none, so a token without audience that only the userinfo endpoint takes. */
  readonly resource?: Resource;
  /** A refresh token is active at introspection too, and has no token_type there. */
  readonly kind?: 'access' | 'refresh';
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface OpenidProvider {
  readonly issuer: string;
  readonly port: number;
  readonly introspectionEndpoint: string;
  readonly clients: typeof CLIENTS;
  /** PEM (PKCS #8, P-256) of `clients.key`. */
  readonly clientKeyPem: string;
  /** Throws when the provider refuses. */
  token(wanted: TokenRequest): Promise<string>;
  revoke(token: string): Promise<void>;
  /** POST of a form to a path of the issuer, authenticated as `clients.basic`. */
  post(path: string, form: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  log(): string;
  suspend(): void;
  resume(): void;
  stop(): Promise<void>;
  /** Again, on the same port; it has forgotten every token. */
  start(): Promise<void>;
}

export interface OpenidProviderOptions {
  readonly pki: Pki;
  /** Instead of `pki.server`: one that clients should refuse. */
  readonly certificate?: KeyPair;
}

/** Ready in about a second. */
export async function startOpenidProvider({ pki, certificate }: OpenidProviderOptions): Promise<OpenidProvider> {
  const folder = temporaryFolder('openid-provider');
  const port = await freePort();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const config: OpenidProviderConfig = {
    port,
    ...(certificate ?? pki.server),
    clientKey: { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' },
  };
  const launch = async () => {
    const server = startProcess({
      name: 'openid-provider',
      command: process.execPath,
      args: [fileURLToPath(new URL('openid-provider-main.ts', import.meta.url))],
      directory: folder,
      env: { OPENID_PROVIDER_CONFIG: JSON.stringify(config) },
    });
    await waitForPort(port, server);
    return server;
  };
  let server = await launch();
  const issuer = `https://127.0.0.1:${port}`;
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    postForm(new URL(path, issuer), readFileSync(pki.caFile), form);
  return {
    issuer,
    port,
    introspectionEndpoint: `${issuer}/token/introspection`,
    clients: CLIENTS,
    clientKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    token: (wanted) => fetchToken(post, wanted),
    revoke: async (token) => {
      const { status } = await post('/token/revocation', { token });
      if (status !== 200) throw new Error(`revocation answered ${status}`);
    },
    post,
    log: () => server.output(),
    suspend: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    stop: () => server.stop(),
    start: async () => {
      if (server.hasExited()) server = await launch();
    },
  };
}

async function fetchToken(post: OpenidProvider['post'], wanted: TokenRequest): Promise<string> {
  const { username, password = ACCOUNTS[username]?.password ?? '', resource, kind = 'access' } = wanted;
  const form = {
    grant_type: PASSWORD_GRANT,
    username,
    password,
    kind,
    ...(resource === undefined ? {} : { resource }),
  };
  const { status, body } = await post('/token', form);
  if (status === 200 && typeof body === 'object' && body !== null && 'access_token' in body) {
    return String(body.access_token);
  }
  throw new Error(`the token endpoint answered ${status} ${JSON.stringify(body)}`);
}

async function postForm(url: URL, ca: Buffer, form: Readonly<Record<string, string>>): Promise<HttpAnswer> {
  const dispatcher = new Agent({ connect: { ca }, pipelining: 0 });
  const { id, secret } = CLIENTS.basic;
  const userPass = [id, secret].map(formEncoded).join(':');
  try {
    const response = await request(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(userPass).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(form).toString(),
      dispatcher,
    });
    const text = await response.body.text();
    return { status: response.statusCode, body: text === '' ? undefined : JSON.parse(text) };
  } finally {
    await dispatcher.close();
  }
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they become a user name and a password. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
