// The kubeconfig to download: read back it says what was meant, whatever the names are.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { loginKubeconfig, tokenKubeconfig } from '../../src/portal/kubeconfig.ts';
import { parseTemplate, templateWarnings } from '../../src/settings/kubeconfig-template.ts';
import { CLUSTERS, startPortal } from './setup.ts';

const PUBLIC_URL = new URL('https://broker.corp.example/');

void describe('GET /kubeconfig', () => {
  void test('names the clusters and how to sign in, and holds no secret', async (t) => {
    const answer = await (await startPortal(t)).ask('/kubeconfig');
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers['content-disposition']), /^attachment; filename="kubeconfig\.yaml"$/);
    const config = parse(answer.text);
    const [{ user, name }] = config.users;
    assert.deepEqual(config.clusters, CLUSTERS);
    assert.deepEqual(config.contexts, [{ name: 'prod', context: { cluster: 'prod', user: name } }]);
    assert.deepEqual([config.apiVersion, config.kind, config['current-context']], ['v1', 'Config', 'prod']);
    const { installHint, ...exec } = user.exec;
    assert.match(installHint, /^kube-auth-broker is not installed/);
    assert.deepEqual(
      [Object.keys(user), exec],
      [
        ['exec'],
        {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'kube-auth-broker',
          args: ['login', '--server', 'https://broker.corp.example'],
          interactiveMode: 'IfAvailable',
          provideClusterInfo: false,
        },
      ],
    );
  });

  void test('is 501 without a template', async (t) => {
    assert.equal((await (await startPortal(t, { without: 'clusters' })).ask('/kubeconfig')).status, 501);
  });
});

void describe('a kubeconfig', () => {
  const names = [
    'no',
    'null',
    '12:30',
    '0777',
    '1e3',
    '~',
    '- x',
    'a: b',
    '#',
    '"',
    "'",
    '\n',
    '{{x}}',
    '&a',
    '\u2028',
    '\u0000',
    '🔑',
    '<<',
  ];
  for (const version of ['1.1', '1.2'] as const) {
    void test(`keeps hostile names as text for readers of YAML ${version}`, () => {
      const clusters = names.map((name) => ({ name, cluster: { server: name, 'certificate-authority-data': name } }));
      const config = parse(tokenKubeconfig(clusters, 'a.b.c'), { version });
      assert.deepEqual(config.clusters, clusters);
      assert.equal(config['current-context'], undefined, 'nobody chose one of several');
    });
  }

  void test('keeps any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (name, server) => {
        const clusters = [{ name, cluster: { server } }];
        assert.deepEqual(parse(loginKubeconfig(clusters, PUBLIC_URL)).clusters, clusters);
      }),
    );
  });
});

void describe('a template', () => {
  const server = 'https://kube.corp.example';
  const rows = [
    { name: 'no YAML', given: '{', want: 'is not valid YAML' },
    { name: 'empty', given: '', want: 'names no clusters: it must be a kubeconfig with clusters[]' },
    { name: 'a list', given: '- a', want: 'names no clusters: it must be a kubeconfig with clusters[]' },
    {
      name: 'a cluster without a name',
      given: `clusters: [{ cluster: { server: "${server}" } }]`,
      want: 'has a cluster without name or without cluster.server',
    },
    {
      name: 'a cluster without a server',
      given: 'clusters: [{ name: a, cluster: {} }]',
      want: 'has a cluster without name or without cluster.server',
    },
    {
      name: 'a cluster twice',
      given: `clusters: [{ name: a, cluster: { server: "${server}" } }, { name: a, cluster: { server: "${server}" } }]`,
      want: 'names a cluster twice',
    },
  ];
  for (const { name, given, want } of rows) {
    void test(`is refused: ${name}`, () => assert.deepEqual(parseTemplate(given), { fault: want }));
  }

  void test('gives its clusters, and never its users', () => {
    const template = parseTemplate(`
apiVersion: v1
kind: Config
clusters: [{ name: a, cluster: { server: "${server}", certificate-authority: /etc/ca.crt } }]
users: [{ name: admin, user: { token: a-secret } }]
contexts: [{ name: a, context: { cluster: a, user: admin } }]
`);
    assert.ok('clusters' in template);
    assert.doesNotMatch(loginKubeconfig(template.clusters, PUBLIC_URL), /a-secret|admin/);
    assert.match(templateWarnings(template.clusters).join(), /certificate-authority file, which users do not have/);
  });
});
