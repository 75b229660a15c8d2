// An http-basic upstream that knows alice, and configurations that ask it.

import type { TestContext } from 'node:test';
import { basicAuth, type FakeHandler, type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { brokerYaml, folderWith } from '../setup.ts';

export const PASSWORD = 'Canary-pa55:wörd';
export const TOKEN = `alice:${PASSWORD}`;

export const MAPPED = {
  claimMappings: {
    username: { claim: 'username', prefix: 'web:' },
    groups: { claim: 'roles', prefix: '' },
    uid: { claim: 'id' },
  },
  claimValidationRules: [{ expression: 'claims.active == true', message: 'account is not active' }],
};

export const WELCOME = { username: 'alice', id: 'u-1', roles: ['dev', 'system:masters', 'dev'], active: true };

export async function upstream(t: TestContext, welcome: object, handler?: FakeHandler): Promise<FakeHttp> {
  const http = await startFakeHttp({
    handler:
      handler ??
      basicAuth(new Map([['alice', PASSWORD]]), () => ({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(welcome),
      })),
  });
  t.after(() => http.close());
  return http;
}

export function configFor(t: TestContext, providers: readonly object[], more: object = {}): string {
  return `${folderWith(t, { 'broker.yaml': brokerYaml({ ...more, providers }) })}/broker.yaml`;
}

export function web(http: Pick<FakeHttp, 'origin'>, more: object = {}): object {
  return { name: 'web', type: 'http-basic', options: { url: http.origin, canary: false }, ...more };
}
