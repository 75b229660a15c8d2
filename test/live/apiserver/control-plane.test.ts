// Proves the rig of the live tests itself: a real kube-apiserver starts, and asks the webhook it was told to ask.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { API_AUDIENCE, type ControlPlane, startControlPlane } from './control-plane.ts';
import { type Etcd, startEtcd } from './etcd.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { requirePrograms } from './programs.ts';
import { type ScriptedWebhook, startScriptedWebhook } from './scripted-webhook.ts';

const skip = requirePrograms('kube-apiserver', 'etcd', 'kubectl');

void describe('the control plane of the live tests', { skip }, () => {
  const directory = temporaryFolder('control-plane-test');
  let etcd: Etcd;

  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd.stop());

  for (const version of ['v1', 'v1beta1'] as const) {
    void describe(`with webhook version ${version}`, () => {
      let webhook: ScriptedWebhook;
      let plane: ControlPlane;

      before(async () => {
        const pki = makePki(join(directory, version));
        webhook = await startScriptedWebhook(pki.server, ({ body }) =>
          body.spec.token === 'a:b'
            ? { status: { authenticated: true, user: { username: 'alice', groups: ['devs'] } } }
            : { status: { authenticated: false } },
        );
        const webhookKubeconfig = writeKubeconfig(join(directory, `${version}.kubeconfig`), {
          server: webhook.url,
          caFile: pki.caFile,
        });
        plane = await startControlPlane({ etcd, webhookKubeconfig, webhookVersion: version });
      });
      after(async () => {
        await plane?.stop();
        await webhook?.close();
      });

      void it('lets the administrator in without asking the webhook', async () => {
        const calls = webhook.received.length;
        assert.deepEqual(await plane.kubectl(['get', '--raw', '/readyz']), { status: 0, stdout: 'ok', stderr: '' });
        assert.equal(webhook.received.length, calls);
      });

      void it('asks the webhook for a token and takes the user it names', async () => {
        const calls = webhook.received.length;
        const { status, stdout, stderr } = await plane.kubectl(['auth', 'whoami', '-o', 'json'], { token: 'a:b' });
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
        assert.deepEqual(JSON.parse(stdout).status.userInfo, {
          username: 'alice',
          groups: ['devs', 'system:authenticated'],
        });
        const [review, ...others] = webhook.received.slice(calls);
        assert.deepEqual(others, []);
        assert.equal(review?.method, 'POST');
        assert.equal(review?.url, '/authenticate?timeout=30s');
        assert.equal(review?.body.apiVersion, `authentication.k8s.io/${version}`);
        assert.equal(review?.body.kind, 'TokenReview');
        assert.deepEqual(review?.body.spec, { token: 'a:b', audiences: [API_AUDIENCE] });
      });

      void it('turns a refusal of the webhook into Unauthorized', async () => {
        const { status, stdout, stderr } = await plane.kubectl(['get', 'namespaces'], { token: 'a:wrong' });
        assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
        assert.match(stderr, /You must be logged in to the server/);
      });

      void it('answers a forbidden verb of a known user by RBAC and not by authentication', async () => {
        const { status, stderr } = await plane.kubectl(['get', 'namespaces'], { token: 'a:b' });
        assert.equal(status, 1);
        assert.match(stderr, /Forbidden.*User "alice" cannot list resource "namespaces"/);
      });

      void it('validates manifests strictly without keeping them', async () => {
        const file = join(directory, `${version}.yaml`);
        writeFileSync(file, 'apiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { portz: [] }\n');
        const { status, stderr } = await plane.kubectl(['apply', '--dry-run=server', '-f', file]);
        assert.equal(status, 1);
        assert.match(stderr, /strict decoding error: unknown field "spec.portz"/);
      });

      void it('keeps a log in which every flag can be read', () => {
        const flag = `authentication-token-webhook-version="${version}"`;
        assert.ok(readFileSync(plane.logFile, 'utf8').includes(flag), `no ${flag} in ${plane.logFile}`);
      });
    });
  }

  void it('fails with the words of kube-apiserver when a flag is wrong', async () => {
    await assert.rejects(startControlPlane({ etcd, extraArgs: ['--no-such-flag'] }), /unknown flag: --no-such-flag/);
  });
});
