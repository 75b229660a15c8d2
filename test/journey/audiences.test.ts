// `status.audiences` is what was asked for and what the credential is good for, and nothing beyond it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startBroker } from '../support/broker.ts';
import { movesOf } from '../support/metric-series.ts';
import { type ProviderEntry, startUpstreams } from './upstreams.ts';

const CLUSTER = 'https://kubernetes.default.svc';
const ENDPOINTS = [{ path: '/authenticate', audiences: [CLUSTER, 'vault'] }, { path: '/unnamed' }];

interface Row {
  readonly name: string;
  readonly token?: string;
  readonly path?: string;
  readonly asked?: readonly string[];
  /** The provider's own option `audiences`. */
  readonly ours?: readonly string[];
  /** `undefined`: authenticated without audiences; `refused`: not authenticated. */
  readonly want: readonly string[] | undefined | 'refused';
}

const rows: readonly Row[] = [
  { name: "the endpoint's audiences that were asked for", asked: ['other', 'vault'], want: ['vault'] },
  { name: 'all of them, in the order asked', asked: ['vault', CLUSTER], want: ['vault', CLUSTER] },
  { name: 'none of them: refused', asked: ['other'], want: 'refused' },
  { name: 'no audience asked for: none answered', want: undefined },
  { name: 'an empty list counts as none', asked: [], want: undefined },
  {
    name: 'nobody names any: left out, so that kube-apiserver refuses all but its own',
    path: '/unnamed',
    asked: ['other'],
    want: undefined,
  },
  {
    name: "the credential's own audiences win over the endpoint's",
    token: 'for-vault-alone',
    asked: [CLUSTER, 'vault'],
    want: ['vault'],
  },
  {
    name: "a credential's own audiences that were not asked for: refused",
    token: 'for-vault-alone',
    asked: [CLUSTER],
    want: 'refused',
  },
  {
    name: "a credential that is for its provider's audiences is good for the endpoint's",
    token: 'for-vault-alone',
    ours: ['vault'],
    asked: [CLUSTER],
    want: [CLUSTER],
  },
  {
    name: 'a credential that is for its provider is good for kube-apiserver itself where no endpoint says more',
    token: 'for-vault-alone',
    ours: ['vault'],
    path: '/unnamed',
    asked: [CLUSTER],
    want: undefined,
  },
  {
    name: "a credential that is not for its provider's audiences is refused, whatever is asked",
    token: 'for-vault-alone',
    ours: ['kubernetes'],
    asked: ['vault'],
    want: 'refused',
  },
];

void describe('audiences', () => {
  for (const { name, token = 'wanda:web-pass', path = '/authenticate', asked, ours, want } of rows) {
    void test(name, async (t) => {
      const upstreams = await startUpstreams(t, {
        web: { wanda: 'web-pass' },
        idp: { 'for-vault-alone': { active: true, sub: 'robot', username: 'robot', aud: 'vault' } },
      });
      const { entries, given } = upstreams;
      const providers = token.includes(':') ? [entries.web] : [withAudiences(entries.idp, ours)];
      const broker = await startBroker(t, { ...given, config: { webhook: { endpoints: ENDPOINTS }, providers } });
      const status = await broker.review(token, { path, ...(asked && { audiences: asked }) });
      const provider = providers[0]?.name ?? '';
      const outcome = want === 'refused' ? 'rejected wrong-audience' : 'authenticated ok';

      if (want === 'refused') assert.deepEqual(status, { authenticated: false });
      else assert.deepEqual([status.authenticated, status.audiences], [true, want]);
      assert.deepEqual(
        await broker.moved(),
        movesOf({
          reviews: { [`${path} ${outcome}`]: 1 },
          providers: { [`${provider} ${outcome}`]: 1 },
          cache: { miss: 1 },
          up: { [provider]: 1 },
          entries: 1,
        }),
      );
    });
  }
});

function withAudiences(entry: ProviderEntry, audiences: readonly string[] | undefined): ProviderEntry {
  return audiences === undefined ? entry : { ...entry, options: { ...entry.options, audiences } };
}
