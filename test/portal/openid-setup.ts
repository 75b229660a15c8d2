// A client of the broker as OpenID provider: what kubelogin and kubectl send, and what comes back.

import { createHash, randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type Browser, newBrowser, type Page } from '../support/browser.ts';
import { type SignInWorld, startSignInWorld } from './oidc-setup.ts';

export const CLIENT_ID = 'kubectl';
/** As kubelogin listens: another port each time. */
export const REDIRECT = 'http://127.0.0.1:49152/callback';

export interface OpenidWorld extends SignInWorld {
  /** A POST of a form to a path of the portal. */
  post(path: string, form: Readonly<Record<string, string>>): Promise<OpenidAnswer>;
}

export interface OpenidAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

export async function startOpenidWorld(t: TestContext, openid: object = {}): Promise<OpenidWorld> {
  const world = await startSignInWorld(t, {
    config: (config) => ({
      ...config,
      issuer: {
        ...Object(config['issuer']),
        openid: {
          clients: [{ id: CLIENT_ID, redirectURIs: ['http://127.0.0.1/callback', 'http://localhost'] }],
          ...openid,
        },
      },
    }),
  });
  const post: OpenidWorld['post'] = async (path, form) => {
    const response = await fetch(new URL(path, world.portal), { method: 'POST', body: new URLSearchParams(form) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
  return { ...world, post };
}

export interface Asked {
  readonly verifier: string;
  readonly url: URL;
}

/** An authorization request with PKCE; `change` adds to it. */
export function authorization({ portal }: OpenidWorld, change: Readonly<Record<string, string>> = {}): Asked {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL('auth', portal);
  url.search = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: 'openid offline_access',
    state: 'client-state',
    nonce: 'client-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  }).toString();
  return { verifier, url };
}

/** The page on which the person answers. */
export async function askedPage(asked: Asked, browser: Browser = newBrowser()): Promise<Page> {
  return browser.open(asked.url, REDIRECT);
}

const WALTER = { username: 'walter', password: 'wonderland' };

/** From the request to what comes back to the client, for a person with a password. */
export async function answered(asked: Asked, browser: Browser = newBrowser(), person = WALTER): Promise<URL> {
  const page = await browser.submit(
    await askedPage(asked, browser),
    person,
    asked.url.searchParams.get('redirect_uri') ?? '',
  );
  return page.url;
}

export async function redeemed(world: OpenidWorld, asked: Asked, code: string): Promise<OpenidAnswer> {
  return world.post('openid/token', {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    redirect_uri: asked.url.searchParams.get('redirect_uri') ?? '',
    code,
    code_verifier: asked.verifier,
  });
}

/** Signs in with a password, and redeems the code. */
export async function signedIn(world: OpenidWorld, change?: Readonly<Record<string, string>>): Promise<OpenidAnswer> {
  const asked = authorization(world, change);
  const { searchParams } = await answered(asked);
  return redeemed(world, asked, searchParams.get('code') ?? '');
}

export function refresh(world: OpenidWorld, token: string | undefined): Promise<OpenidAnswer> {
  return world.post('openid/token', { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: token ?? '' });
}

/** The same at an OpenID provider, as alice. */
export async function signedInByCorp(world: OpenidWorld): Promise<OpenidAnswer> {
  const [browser, asked] = [newBrowser(), authorization(world)];
  const page = await askedPage(asked, browser);
  const [, href = ''] = /<a class="button" href="([^"]+)">Sign in with Corp SSO/.exec(page.text) ?? [];
  const login = await browser.open(new URL(href, page.url));
  const back = await browser.submit(login, { prompt: 'login', login: 'alice', password: 'any' }, REDIRECT);
  return redeemed(world, asked, back.url.searchParams.get('code') ?? '');
}
