// Runs `verify` against the real broker, and against servers that are wrong in one way.

import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { authority, type BrokerOptions, startBroker } from '../../support/broker.ts';
import { issueLoopback, type TestCertificate } from '../../support/certificates.ts';
import { type FakeAnswer, type FakeHttpOptions, startFakeHttp } from '../../support/fake-http.ts';
import { folderWith, type Given, type Ran, run } from '../setup.ts';

const USERS = readFileSync(new URL('../../../config/quickstart.users.yaml', import.meta.url), 'utf8');

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

export interface Edit {
  readonly cluster?: object;
  readonly client?: TestCertificate | undefined;
}

/** A kubeconfig for this server that trusts {@link authority}. */
function kubeconfig(t: TestContext, server: string, { cluster = {}, client }: Edit = {}): string {
  const trusted = { server, 'certificate-authority-data': base64(authority.cert), ...cluster };
  const user = client && { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) };
  const folder = folderWith(t, {
    'webhook.kubeconfig': {
      clusters: [{ name: 'b', cluster: trusted }],
      users: [{ name: 'kas', user: user ?? {} }],
      contexts: [{ name: 'w', context: { cluster: 'b', user: 'kas' } }],
      'current-context': 'w',
    },
  });
  return `${folder}/webhook.kubeconfig`;
}

export async function broker(t: TestContext, tls: BrokerOptions['tls'], more: object = {}): Promise<string> {
  const demo = { name: 'demo', type: 'users', options: { file: 'users.yaml' } };
  const running = await startBroker(t, {
    config: { providers: [demo], ...more },
    files: { 'users.yaml': USERS },
    ...(tls && { tls }),
  });
  return `${running.origin}/authenticate`;
}

export async function fake(t: TestContext, answer: FakeAnswer, tls?: FakeHttpOptions['tls']): Promise<string> {
  const http = await startFakeHttp({ handler: () => answer, tls: tls ?? issueLoopback(authority) });
  t.after(() => http.close());
  return `${http.origin}/authenticate`;
}

export async function verified(
  t: TestContext,
  server: string,
  edit: Edit = {},
  given: Given = {},
  argv: readonly string[] = [],
): Promise<Ran> {
  return run(['verify', '--kubeconfig', kubeconfig(t, server, edit), ...argv], given);
}
