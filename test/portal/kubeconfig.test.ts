// The kubeconfig to download: read back it says what was meant, whatever the names are.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { loginKubeconfig, tokenKubeconfig } from '../../src/portal/kubeconfig.ts';
import { parseTemplate } from '../../src/settings/kubeconfig-template.ts';
import { CLUSTERS, HEADER, startPortal } from './setup.ts';

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

  void test('names its user after the portal, so that two of them can be merged', async (t) => {
    const names = await Promise.all(
      ['https://broker.a.example/', 'https://broker.b.example/', 'https://broker.b.example/auth/'].map(async (url) => {
        const portal = await startPortal(t, { settings: { publicURL: new URL(url) } });
        return parse((await portal.ask('/kubeconfig')).text).users[0].name;
      }),
    );
    assert.deepEqual(names, [
      'kube-auth-broker@broker.a.example',
      'kube-auth-broker@broker.b.example',
      'kube-auth-broker@broker.b.example/auth',
    ]);
  });

  void test('has a place for the token, and no plugin, where only a proxy signs people in', async (t) => {
    const portal = await startPortal(t, { settings: { header: HEADER }, without: 'passwordEndpoint' });
    const { text } = await portal.ask('/kubeconfig');
    const { users, contexts } = parse(text);
    const name = 'kube-auth-broker-token@broker.corp.example';
    assert.deepEqual(users, [{ name, user: {} }]);
    assert.equal(contexts[0].context.user, name);
    const { text: page } = await portal.submit({ lifetime: '1h' }, { 'X-Forwarded-User': 'alice' });
    assert.ok(page.includes(`set-credentials ${name} `), 'the command on the page fills that user');
    assert.match(text, /^# https:\/\/broker\.corp\.example\/ shows the command/);
  });

  void test('is 501 without a template', async (t) => {
    assert.equal((await (await startPortal(t, { without: 'kubeconfig' })).ask('/kubeconfig')).status, 501);
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
      const config = parse(tokenKubeconfig({ clusters, contexts: [] }, PUBLIC_URL, 'a.b.c'), { version });
      assert.deepEqual(config.clusters, clusters);
      assert.equal(config['current-context'], undefined, 'nobody chose one of several');
    });
  }

  void test('keeps any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (name, server) => {
        const clusters = [{ name, cluster: { server } }];
        assert.deepEqual(parse(loginKubeconfig({ clusters, contexts: [] }, PUBLIC_URL)).clusters, clusters);
      }),
    );
  });
});

void describe('a template', () => {
  const server = 'https://kube.corp.example';
  const rows = [
    { name: 'no YAML', given: '{', want: 'has a fault at 1:2: a quote, bracket, comma or colon is missing' },
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
    assert.ok('template' in template);
    assert.doesNotMatch(loginKubeconfig(template.template, PUBLIC_URL), /a-secret|admin/);
    assert.match(template.warnings.join(), /certificate-authority file, which users do not have/);
  });

  const cluster = (name: string): string => `{ name: ${name}, cluster: { server: "${server}" } }`;
  const written = [
    {
      name: 'contexts, their namespaces and the current one',
      given: `clusters: [${cluster('a')}, ${cluster('b')}]
contexts: [{ name: dev, context: { cluster: a, namespace: dev, user: x } }, { name: ops, context: { cluster: b, user: x } }]
current-context: ops
`,
      contexts: { dev: { cluster: 'a', namespace: 'dev' }, ops: { cluster: 'b' } },
      current: 'ops',
      warnings: [],
    },
    {
      name: 'a context for each cluster, where it has none',
      given: `clusters: [${cluster('a')}, ${cluster('b')}]`,
      contexts: { a: { cluster: 'a' }, b: { cluster: 'b' } },
      warnings: [],
    },
    {
      name: 'no context that leads nowhere',
      given: `clusters: [${cluster('a')}]
contexts: [{ name: gone, context: { cluster: gone } }, { name: a, context: { cluster: a } }]
current-context: gone
`,
      contexts: { a: { cluster: 'a' } },
      current: 'a',
      warnings: [/a context leads to no cluster/, /current-context leads to no cluster/],
    },
  ];
  for (const { name, given, contexts, current, warnings } of written) {
    void test(`hands out ${name}`, () => {
      const read = parseTemplate(given);
      assert.ok('template' in read);
      const config = parse(loginKubeconfig(read.template, PUBLIC_URL));
      const [{ name: user }] = config.users;
      assert.deepEqual(
        config.contexts,
        Object.entries(contexts).map(([context, value]) => ({ name: context, context: { ...value, user } })),
      );
      assert.equal(config['current-context'], current);
      assert.equal(read.warnings.length, warnings.length);
      for (const [index, want] of warnings.entries()) assert.match(read.warnings[index] ?? '', want);
    });
  }

  const people = [
    {
      name: 'with Windows line ends and a byte-order mark',
      given: `\ufeffclusters:\r\n- name: a\r\n  cluster:\r\n    server: ${server}\r\n`,
    },
    { name: 'as JSON', given: JSON.stringify({ clusters: [{ name: 'a', cluster: { server } }] }) },
    { name: 'with anchors', given: `x: &server ${server}\nclusters: [{ name: a, cluster: { server: *server } }]\n` },
    { name: 'with merge keys', given: `x: &x { server: ${server} }\nclusters: [{ name: a, cluster: { <<: *x } }]\n` },
    { name: 'with a key that is there twice', given: `clusters: []\nclusters: [${cluster('a')}]\n` },
  ];
  for (const { name, given } of people) {
    void test(`is taken ${name}`, () => {
      const read = parseTemplate(given);
      assert.ok('template' in read, JSON.stringify(read));
      assert.deepEqual(JSON.parse(JSON.stringify(read.template.clusters)), [{ name: 'a', cluster: { server } }]);
    });
  }

  void test('keeps what a cluster says besides, a time as it is written', () => {
    const read = parseTemplate(
      `clusters: [{ name: a, cluster: { server: "${server}", extensions: [{ name: x, extension: { at: 2026-04-01 } }] } }]`,
    );
    assert.ok('template' in read);
    assert.match(loginKubeconfig(read.template, PUBLIC_URL), /at: "2026-04-01"/);
  });
});
