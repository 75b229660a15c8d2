// The portal on a free loopback port with a chain that a test scripts, and requests that no browser would send.

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { BlockList } from 'node:net';
import type { TestContext } from 'node:test';
import type { Decision } from '../../src/core/identity.ts';
import { Secret } from '../../src/core/secret.ts';
import { unavailable, type Verdict } from '../../src/core/verdict.ts';
import type { Client } from '../../src/http/client.ts';
import type { IssuerSettings } from '../../src/issuer/settings.ts';
import { addressShares } from '../../src/portal/address-share.ts';
import type { IssueEvent, RevokeEvent } from '../../src/portal/events.ts';
import { openidState } from '../../src/portal/openid/state.ts';
import type { Portal } from '../../src/portal/portal.ts';
import { portalApp } from '../../src/portal/router.ts';
import type { HeaderSignIn, PortalSettings } from '../../src/portal/settings.ts';
import { sealer } from '../../src/stores/sealed.ts';
import { issuerOf, type World } from '../issuer/setup.ts';
import { type Answer, apiServer } from '../support/apiserver-client.ts';

export const LOOPBACK = new BlockList();
LOOPBACK.addAddress('127.0.0.1');

export const HEADER: HeaderSignIn = {
  user: 'x-forwarded-user',
  groups: 'x-forwarded-groups',
  groupsDelimiter: ';',
  endpoint: '/authenticate',
  trusted: { addresses: LOOPBACK },
};

export const CLUSTERS = [{ name: 'prod', cluster: { server: 'https://kube.corp.example:6443' } }];

export interface Given {
  readonly settings?: Partial<PortalSettings>;
  readonly without?: 'passwordEndpoint' | 'kubeconfig';
  readonly issuer?: Partial<IssuerSettings>;
  /** What the chain says; default: nobody can be asked. */
  readonly check?: (username: string, password: string) => Verdict<Decision>;
  readonly portal?: Partial<Portal>;
  readonly client?: Client;
}

export interface Request {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface TestPortal extends World {
  readonly origin: string;
  /** Without headers of its own but Host and Content-Length. */
  ask(path: string, request?: Request): Promise<Answer>;
  /** A POST of JSON. */
  post(path: string, body: unknown, headers?: OutgoingHttpHeaders): Promise<Answer>;
  /** A POST of a form, as the page's own. */
  submit(fields: Readonly<Record<string, string>>, headers?: OutgoingHttpHeaders): Promise<Answer>;
  /** Usernames and passwords that the chain was asked about. */
  readonly checked: readonly (readonly [string, string])[];
  readonly asked: readonly IssueEvent[];
  readonly revoked: readonly RevokeEvent[];
  readonly bugs: readonly unknown[];
}

export async function startPortal(t: Pick<TestContext, 'after'>, given: Given = {}): Promise<TestPortal> {
  const { check = () => unavailable('timeout'), client = { kind: 'anyone' } } = given;
  const world = issuerOf(given.issuer);
  const checked: (readonly [string, string])[] = [];
  const [asked, revoked, bugs]: [IssueEvent[], RevokeEvent[], unknown[]] = [[], [], []];
  let ids = 0;
  const newId = (): string => `review-${(ids += 1)}`;
  const all: PortalSettings = {
    address: { host: '127.0.0.1', port: 0 },
    publicURL: new URL('https://broker.corp.example/'),
    passwordEndpoint: '/authenticate',
    kubeconfig: { clusters: CLUSTERS, contexts: [] },
    ...given.settings,
  };
  const { [given.without ?? 'tls']: _without, ...settings } = all;
  const portal: Portal = {
    settings,
    issuer: world.issuer,
    tokenBytes: 16 * 1024,
    newId,
    observer: { asked: (event) => void asked.push(event), revoked: (event) => void revoked.push(event) },
    budget: { max: 5, windowMs: 300_000 },
    shares: addressShares(world.clock),
    now: () => world.clock.now(),
    namesOf: () => [],
    check: async ({ username, password, mayGuess }) => {
      if (!mayGuess) return { id: newId(), verdict: unavailable('failed-password-budget') };
      checked.push([username, password]);
      return { id: newId(), verdict: check(username, password) };
    },
    checkToken: async () => ({ id: newId(), verdict: unavailable('timeout') }),
    openidState: openidState(),
    canFind: () => false,
    find: async () => ({ id: newId(), verdict: unavailable('timeout') }),
    buttons: [],
    sealers: [sealer(new Secret('k'.repeat(32)), randomBytes)],
    randomBytes,
    failed: (error) => void bugs.push(error),
    ...given.portal,
  };
  const server = createServer(portalApp(portal, (_request: IncomingMessage) => client));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const caller = apiServer(origin);
  t.after(() => {
    caller.close();
    server.closeAllConnections();
    server.close();
  });
  // Node sends headers as Latin-1 only where the body is no text.
  const ask: TestPortal['ask'] = (path, { method = 'GET', headers = {}, body } = {}) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    return caller.send(path, {
      method,
      headers: { ...length, ...headers },
      ...(body !== undefined && { body: Buffer.from(body) }),
    });
  };
  const post: TestPortal['post'] = (path, body, headers = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const submit: TestPortal['submit'] = (fields, headers = {}) => {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return ask('/', { method: 'POST', headers: { ...type, ...headers }, body: new URLSearchParams(fields).toString() });
  };
  return { ...world, origin, ask, post, submit, checked, asked, revoked, bugs };
}

export function basic(username: string, password: string): { readonly Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

export const bearerHeader = (token: string): { readonly Authorization: string } => ({
  Authorization: `Bearer ${token}`,
});

/** The members of a JSON answer. */
export function json({ text }: Answer): Readonly<Record<string, unknown>> {
  return JSON.parse(text);
}
