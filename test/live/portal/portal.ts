// The whole program with a portal, and a browser's way through it.

import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { newKey } from '../../../src/issuer/new-key.ts';
import { type Broker, startBroker } from '../../support/broker.ts';
import { type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { usersFile } from '../../support/users-file.ts';

export const ALICE = { username: 'alice', password: 'wonderland' };
/** Known to an upstream that can be broken. */
export const WANDA = { username: 'wanda', password: 'web-pass' };

const GROUPS = ['developers', 'on-call', 'a-group-with-a-name-that-is-longer-than-a-telephone-is-wide-0123456789'];
const TEMPLATE = 'clusters: [{ name: prod, cluster: { server: "https://kube.corp.example:6443" } }]\n';

export interface Portal {
  readonly broker: Broker;
  readonly url: string;
  readonly upstream: FakeHttp;
}

/** Without TLS on loopback, which browsers take for a secure context. */
export async function startPortal(t: Pick<TestContext, 'after'>, header?: object): Promise<Portal> {
  const upstream = await startFakeHttp({ handler: () => ({ status: 200 }) });
  t.after(() => upstream.close());
  const broker = await startBroker(t, {
    files: {
      'users.yaml': usersFile({ ...ALICE, uid: '1001', groups: GROUPS }),
      'key.pem': newKey('EdDSA', randomBytes).secret,
      'template.yaml': TEMPLATE,
    },
    config: {
      issuer: {
        name: 'https://broker.corp.example',
        audience: 'kubernetes',
        keys: [{ id: 'k', algorithm: 'EdDSA', privateKey: { file: 'key.pem' } }],
        revocationsFile: 'state/revocations.yaml',
      },
      portal: {
        address: '127.0.0.1:0',
        publicURL: 'https://broker.corp.example',
        signIn: header === undefined ? { password: {} } : { header },
        kubeconfig: { template: 'template.yaml' },
      },
      providers: [
        { name: 'staff', type: 'users', options: { file: 'users.yaml' } },
        { name: 'web', type: 'http-basic', options: { url: `${upstream.origin}/`, canary: false } },
        { name: 'issued', type: 'issued' },
      ],
    },
  });
  return { broker, upstream, url: `http://${broker.portal}/` };
}

/** Types into the form and sends it. */
export async function signIn(page: Page, { username, password }: typeof ALICE): Promise<void> {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** What the page shows as the token. */
export async function tokenOn(page: Page): Promise<string> {
  return (await page.locator('#token').textContent()) ?? '';
}
