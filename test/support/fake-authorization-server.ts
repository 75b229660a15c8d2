// An authorization server on loopback for what a real one never says: JWT introspection, odd claims, every wrong answer.

import type { TestCertificate } from './certificates.ts';
import { type FakeAnswer, type FakeHandler, type FakeHttp, type SeenRequest, startFakeHttp } from './fake-http.ts';

/** Anything JSON can say, however wrong. */
export type Introspection = Readonly<Record<string, unknown>>;

export interface AuthorizationServerOptions {
  readonly tls?: TestCertificate;
  readonly strangerTls?: TestCertificate;
  /** Default: every token is inactive. */
  readonly introspect?: (token: string) => Introspection | FakeAnswer;
  readonly userinfo?: (token: string) => Introspection | FakeAnswer;
  /** Edits the discovery document, or answers something else. */
  readonly discovery?: (document: Introspection) => Introspection | FakeAnswer;
  readonly clientID?: string;
  readonly clientSecret?: string;
}

export interface FakeAuthorizationServer extends FakeHttp {
  readonly issuer: string;
  readonly introspectionEndpoint: string;
  /** Requests so far whose path starts so. */
  asked(path: string): readonly SeenRequest[];
}

export const CLIENT_ID = 'kube-auth-broker';
export const CLIENT_SECRET = 'client-secret-Zq8';

/** An answer with this JSON, status 200 unless told. */
export function jsonAnswer(body: unknown, status = 200): FakeAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Paths: `/.well-known/openid-configuration`, `/introspect` (HTTP Basic of the client demanded), `/userinfo`. */
export async function startAuthorizationServer(
  options: AuthorizationServerOptions = {},
): Promise<FakeAuthorizationServer> {
  const found: { issuer: string } = { issuer: '' };
  const http = await startFakeHttp({
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.strangerTls === undefined ? {} : { strangerTls: options.strangerTls }),
    handler: (...asked) => handlerOf(options, found.issuer)(...asked),
  });
  found.issuer = http.origin;
  return {
    ...http,
    issuer: http.origin,
    introspectionEndpoint: `${http.origin}/introspect`,
    asked: (path) => http.seen.filter((request) => request.path.startsWith(path)),
  };
}

function handlerOf(options: AuthorizationServerOptions, issuer: string): FakeHandler {
  const { clientID = CLIENT_ID, clientSecret = CLIENT_SECRET } = options;
  const documentOf = options.discovery ?? ((document) => document);
  return (request) => {
    if (request.path === '/.well-known/openid-configuration') return answerOf(documentOf(discoveryDocument(issuer)));
    if (request.path === '/userinfo') return answerOf(options.userinfo?.(bearerOf(request)) ?? { status: 404 });
    if (request.path !== '/introspect' || request.method !== 'POST') return { status: 404 };
    if (!isClient(request, clientID, clientSecret)) return jsonAnswer({ error: 'invalid_client' }, 401);
    const token = new URLSearchParams(request.body).get('token') ?? '';
    return answerOf(options.introspect?.(token) ?? { active: false });
  };
}

function discoveryDocument(issuer: string): Introspection {
  return { issuer, introspection_endpoint: `${issuer}/introspect`, userinfo_endpoint: `${issuer}/userinfo` };
}

function answerOf(said: Introspection | FakeAnswer): FakeAnswer {
  return isAnswer(said) ? said : jsonAnswer(said);
}

function isAnswer(said: Introspection | FakeAnswer): said is FakeAnswer {
  return typeof said['status'] === 'number';
}

function bearerOf(request: SeenRequest): string {
  return (request.headers.authorization ?? '').replace(/^Bearer /, '');
}

/** RFC 6749 §2.3.1: both parts are form-encoded, then joined as HTTP Basic does. */
function isClient(request: SeenRequest, clientID: string, clientSecret: string): boolean {
  const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
  const [id, secret] = Buffer.from(encoded, 'base64').toString().split(':').map(formDecoded);
  return scheme === 'Basic' && id === clientID && secret === clientSecret;
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
