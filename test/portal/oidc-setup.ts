// The whole program with a portal at which people sign in at a real OpenID provider, and a browser's way through both.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { newKey } from '../../src/issuer/new-key.ts';
import type { Algorithm } from '../../src/issuer/settings.ts';
import { type Broker, type BrokerConfig, startBroker } from '../support/broker.ts';
import { type Browser, newBrowser, type Page } from '../support/browser.ts';
import { listenOn } from '../support/listening.ts';
import { CLIENT, type OpenidProvider, startOpenidProvider } from '../support/openid-provider.ts';
import { usersFile } from '../support/users-file.ts';

export interface SignInWorld {
  readonly broker: Broker;
  /** The portal's address, with a slash at its end. */
  readonly portal: string;
  readonly corp: OpenidProvider;
  readonly partner: OpenidProvider;
  /** What the broker was started with. */
  readonly config: BrokerConfig;
}

/** A port that was free a moment ago: redirect addresses are known before anything listens. */
export async function freePort(): Promise<number> {
  const listening = await listenOn(createServer());
  await listening.close();
  return listening.port;
}

const providerOf = (name: string, { issuer }: OpenidProvider): object => ({
  name,
  type: 'oidc-jwt',
  options: { issuer: { url: issuer, audiences: [CLIENT.id] } },
  claimMappings: { username: { claim: 'sub', prefix: `${name}:` }, groups: { claim: 'groups', prefix: `${name}:` } },
});

const buttonOf = (name: string, { issuer }: OpenidProvider): object => ({
  name,
  issuer,
  clientID: CLIENT.id,
  clientSecret: { file: 'sso.secret' },
  scopes: ['openid', 'groups'],
});

export interface WorldOptions {
  readonly config?: (config: BrokerConfig) => BrokerConfig;
  readonly algorithm?: Algorithm;
}

export async function startSignInWorld(t: TestContext, options: WorldOptions = {}): Promise<SignInWorld> {
  const { config: change = (config) => config, algorithm = 'ES256' } = options;
  const portal = `http://localhost:${await freePort()}/`;
  const corp = await startOpenidProvider(t, [`${portal}callback/corp-sso`]);
  const partner = await startOpenidProvider(t, [`${portal}callback/partner`]);
  const config = change({
    issuer: {
      name: portal.replace(/\/$/, ''),
      audience: 'kubernetes',
      keys: [{ id: 'k', algorithm, privateKey: { file: 'key.pem' } }],
      revocationsFile: 'state/revocations.yaml',
    },
    portal: {
      address: new URL(portal).host.replace('localhost', '127.0.0.1'),
      publicURL: portal,
      signIn: { oidc: [buttonOf('Corp SSO', corp), buttonOf('Partner', partner)], password: {} },
    },
    providers: [
      { name: 'issued', type: 'issued' },
      providerOf('corp', corp),
      providerOf('partner', partner),
      { name: 'staff', type: 'users', options: { file: 'users.yaml' } },
    ],
  });
  const files = {
    'key.pem': newKey(algorithm, randomBytes).secret,
    'sso.secret': `${CLIENT.secret}\n`,
    'users.yaml': usersFile({ username: 'walter', password: 'wonderland', uid: '1001', groups: ['devs'] }),
  };
  const broker = await startBroker(t, { files, config });
  return { broker, portal, corp, partner, config };
}

/** From the button to the address to which the provider sends the browser back, which is not asked for. */
export async function signedInAt(
  world: SignInWorld,
  browser: Browser = newBrowser(),
  { slug = 'corp-sso', name = 'alice' } = {},
): Promise<Page> {
  const login = await browser.open(`${world.portal}sign-in/${slug}`);
  return browser.submit(login, { prompt: 'login', login: name, password: 'any' }, world.portal);
}

/** What the page shows as the token; undefined when it shows none. */
export function tokenOn({ text }: Page): string | undefined {
  return /<code id="token">([^<]+)<\/code>/.exec(text)?.[1];
}

/** What is in a token, unverified. */
export function claimsOf(token: string | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
}

export const REVIEW = /name review <code>[\da-z]+-[\da-z]+<\/code>/;

/** A page that says why there is no token, and takes the cookie of the attempt away. */
export function assertTurnedAway(page: Page, status: 400 | 403 | 503, words: RegExp): void {
  assert.equal(page.status, status, page.text);
  assert.match(page.text, words);
  assert.match(page.text, REVIEW);
  assert.equal(tokenOn(page), undefined);
  assert.match(String(page.headers['set-cookie']), /^kube-auth-broker=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/);
}
