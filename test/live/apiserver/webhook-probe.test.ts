// Proves that webhook-probe sees what kube-apiserver would see: one call for a cached token, lenient decoding, audiences.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePki, type Pki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { requirePrograms } from './programs.ts';
import { type ScriptedAnswer, type ScriptedWebhook, startScriptedWebhook } from './scripted-webhook.ts';
import { type ProbeAnswer, type ProbeRequest, probe } from './webhook-probe.ts';

interface Row {
  readonly name: string;
  readonly given: { readonly answer: ScriptedAnswer } & Omit<ProbeRequest, 'webhookKubeconfig'>;
  readonly want: Partial<ProbeAnswer> & { readonly tokens?: readonly string[] };
}

const alice = { username: 'alice', uid: '7', groups: ['devs'], extra: { 'example.org/team': ['x'] } };
const accept: ScriptedAnswer = { status: { authenticated: true, user: alice } };

const rows: readonly Row[] = [
  {
    name: 'five reviews of an accepted token cost one call and all name the user',
    given: { answer: accept, token: 'a:b', reviews: 5 },
    want: { authenticated: true, user: alice, calls: 1, httpStatuses: [200], strictErrors: [], tokens: ['a:b'] },
  },
  {
    name: 'v1 is spoken when asked for, and a token is sent byte for byte',
    given: { answer: accept, token: 'jürgen:pä ß"\\\t', version: 'v1', reviews: 3, parallel: true },
    want: { authenticated: true, calls: 1, tokens: ['jürgen:pä ß"\\\t'] },
  },
  {
    name: 'an answer with an error is asked for again each time',
    given: { answer: { status: { authenticated: false, error: 'later' } }, token: 'a:b', reviews: 3 },
    want: { authenticated: false, error: 'later', calls: 3, httpStatuses: [200, 200, 200] },
  },
  {
    name: 'without audiences in the answer the API server takes its own and refuses every other',
    given: { answer: accept, token: 'a:b', audiences: ['vault'], apiAudiences: ['api'] },
    want: { authenticated: false, calls: 1 },
  },
  {
    name: 'an audience that the answer names is granted',
    given: {
      answer: { status: { authenticated: true, user: alice, audiences: ['vault'] } },
      token: 'a:b',
      audiences: ['vault', 'other'],
      apiAudiences: ['api'],
    },
    want: { authenticated: true, audiences: ['vault'], calls: 1 },
  },
  {
    name: 'a misspelt field is ignored by kube-apiserver and reported by the strict decoder',
    given: { answer: { status: { Authenticated: true, user: alice } }, token: 'a:b' },
    want: {
      authenticated: false,
      strictErrors: ['strict decoding error: unknown field "status.Authenticated"'],
    },
  },
  {
    name: 'an unavailable webhook is one call and an error',
    given: { answer: { httpStatus: 503, body: 'down' }, token: 'a:b' },
    want: { authenticated: false, calls: 1, httpStatuses: [503], strictErrors: [] },
  },
];

void describe('webhook-probe', { skip: requirePrograms('webhook-probe') }, () => {
  const directory = temporaryFolder('webhook-probe-test');
  let pki: Pki;
  let webhook: ScriptedWebhook | undefined;

  before(() => {
    pki = makePki(join(directory, 'pki'));
  });
  after(() => webhook?.close());

  for (const { name, given, want } of rows) {
    void it(name, async () => {
      const { answer, ...request } = given;
      await webhook?.close();
      webhook = await startScriptedWebhook(pki.server, () => answer);
      const webhookKubeconfig = writeKubeconfig(join(directory, 'kubeconfig'), {
        server: webhook.url,
        caFile: pki.caFile,
      });
      const answers = await probe({ ...request, webhookKubeconfig });
      assert.equal(answers.length, request.reviews ?? 1);
      const last = answers.at(-1);
      const tokens = webhook.received.map(({ body }) => body.spec.token);
      const got: Record<string, unknown> = { ...last, tokens };
      assert.deepEqual(Object.fromEntries(Object.keys(want).map((key) => [key, got[key]])), want);
      for (const { body } of webhook.received) {
        assert.equal(body.apiVersion, `authentication.k8s.io/${request.version ?? 'v1beta1'}`);
      }
    });
  }

  void it('fails in words when the webhook kubeconfig is not there', async () => {
    const webhookKubeconfig = join(directory, 'missing');
    await assert.rejects(probe({ webhookKubeconfig, token: 'a:b' }), /ended with 2: .*missing: no such file/);
  });
});
