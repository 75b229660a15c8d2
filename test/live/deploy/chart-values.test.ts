// Every value of the chart changes what is rendered, as its description has it.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Document } from 'yaml';
import { chartValues } from '../../../deploy/chart-files.ts';
import { at, configurationInPod, list, named } from '../../deploy/files.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { kubeconform } from '../tools/kubeconform.ts';
import { CUSTOM_KINDS, helmTemplate, rendered } from './kustomize.ts';

const DIGEST = `sha256:${'5'.repeat(64)}`;

interface Row {
  /** What the value is set to. */
  readonly given: unknown;
  /** What is in the manifests then, and is not otherwise; of values that cannot be told apart, what shows that they were read. */
  readonly want: RegExp;
  /** Only with this mode: `service` unless told. */
  readonly mode?: 'node-local';
}

const ROWS: Readonly<Record<string, Row>> = {
  enabled: { given: false, want: /kind: Deployment/ },
  global: { given: { imagePullSecrets: [{ name: 'pull-global' }], other: 1 }, want: /name: pull-global/ },
  mode: { given: 'service', want: /kind: Deployment/ },
  'image.repository': { given: 'registry.corp.example/broker', want: /image: registry\.corp\.example\/broker@/ },
  'image.tag': { given: '9.9.9', want: /image: \S+:9\.9\.9/, mode: 'node-local' },
  'image.digest': { given: DIGEST, want: new RegExp(`image: \\S+@${DIGEST}`) },
  'image.pullPolicy': { given: 'Always', want: /imagePullPolicy: Always/ },
  imagePullSecrets: { given: [{ name: 'pull-chart' }], want: /name: pull-chart/ },
  nameOverride: { given: 'renamed', want: /app\.kubernetes\.io\/name: renamed/ },
  fullnameOverride: { given: 'everywhere', want: /kind: Deployment\nmetadata:\n {2}name: everywhere\n/ },
  commonLabels: { given: { 'example.org/team': 'platform' }, want: /example\.org\/team: platform/ },
  'ports.webhook': { given: 18_443, want: /name: webhook, containerPort: 18443/ },
  'ports.operations': { given: 19_090, want: /name: operations, containerPort: 19090/ },
  'ports.portal': { given: 18_081, want: /address: '?\[::\]:18081/ },
  operationsHost: { given: '::1', want: /address: '?\[::1\]:19090/, mode: 'node-local' },
  broker: { given: undefined, want: /name: valkey-user-of-the-test|username: valkey-user-of-the-test/ },
  'secrets.tls': { given: 'other-tls', want: /name: other-tls/ },
  'secrets.clientCA': { given: 'other-client-ca', want: /name: other-client-ca/ },
  'secrets.providers': { given: 'other-secrets', want: /secretName: other-secrets/ },
  'secrets.portal': { given: 'other-portal', want: /secretName: other-portal/ },
  'secrets.shared': { given: 'other-shared', want: /secretName: other-shared/ },
  clientNames: { given: ['other-apiserver'], want: /- other-apiserver/ },
  'certManager.enabled': { given: true, want: /kind: Certificate/ },
  'certManager.dnsNames': { given: ['api.corp.example'], want: /- "api\.corp\.example"/ },
  'certManager.ipAddresses': { given: ['192.0.2.7'], want: /- "192\.0\.2\.7"/ },
  'certManager.portalIssuer': { given: { name: 'letsencrypt', kind: 'ClusterIssuer' }, want: /name: letsencrypt/ },
  'service.clusterIP': { given: 'fd00:10:96::84', want: /clusterIP: "fd00:10:96::84"/ },
  'service.ipFamilies': { given: ['IPv6', 'IPv4'], want: /ipFamilies:\n {4}- IPv6\n {4}- IPv4/ },
  'service.ipFamilyPolicy': { given: 'RequireDualStack', want: /ipFamilyPolicy: RequireDualStack/ },
  replicas: { given: 3, want: /replicas: 3/ },
  revisionHistoryLimit: { given: 4, want: /revisionHistoryLimit: 4/ },
  'portal.enabled': { given: true, want: /name: kube-auth-broker-portal|name: everywhere-portal/ },
  'portal.service.type': { given: 'LoadBalancer', want: /type: LoadBalancer/ },
  'portal.service.port': { given: 8444, want: /port: 8444, targetPort: portal/ },
  'portal.service.annotations': { given: { 'example.org/lb': 'internal' }, want: /example\.org\/lb: internal/ },
  'portal.ingress.enabled': { given: true, want: /kind: Ingress/ },
  'portal.ingress.className': { given: 'edge', want: /ingressClassName: edge/ },
  'portal.ingress.annotations': { given: { 'example.org/ingress': 'here' }, want: /example\.org\/ingress: here/ },
  'portal.ingress.tlsSecret': { given: 'edge-tls', want: /secretName: edge-tls/ },
  'portal.httpRoute.enabled': { given: true, want: /kind: HTTPRoute/ },
  'portal.httpRoute.annotations': { given: { 'example.org/route': 'here' }, want: /example\.org\/route: here/ },
  'portal.httpRoute.parentRefs': { given: [{ name: 'edge', namespace: 'gateways' }], want: /namespace: gateways/ },
  'portal.httpRoute.backendCA': { given: 'portal-ca', want: /kind: ConfigMap, name: portal-ca/ },
  'state.volume': {
    given: { hostPath: { path: '/var/lib/kab', type: 'Directory' } },
    want: /path: \/var\/lib\/kab/,
    mode: 'node-local',
  },
  'state.claim.enabled': { given: true, want: /kind: PersistentVolumeClaim/ },
  'state.claim.size': { given: '1Gi', want: /storage: 1Gi/ },
  'state.claim.storageClassName': { given: 'fast', want: /storageClassName: fast/ },
  'state.claim.accessModes': { given: ['ReadWriteOncePod'], want: /- ReadWriteOncePod/ },
  'networkPolicy.enabled': { given: true, want: /kind: NetworkPolicy/ },
  'networkPolicy.apiServerCIDRs': { given: ['2001:db8::/32'], want: /cidr: "2001:db8::\/32"/ },
  'networkPolicy.monitoringNamespace': { given: 'watchers', want: /metadata\.name: watchers/ },
  'networkPolicy.portalFrom': {
    given: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } }],
    want: /metadata\.name: ingress/,
  },
  'networkPolicy.egressPorts': { given: [3269], want: /port: 3269/ },
  'networkPolicy.extraEgress': {
    given: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }],
    want: /cidr: 192\.0\.2\.0\/24/,
  },
  'serviceMonitor.enabled': { given: true, want: /kind: ServiceMonitor/ },
  'serviceMonitor.interval': { given: '23s', want: /interval: 23s/ },
  'serviceMonitor.labels': { given: { release: 'monitor-of-the-test' }, want: /release: monitor-of-the-test/ },
  'prometheusRule.enabled': { given: true, want: /kind: PrometheusRule/ },
  'prometheusRule.labels': { given: { release: 'rule-of-the-test' }, want: /release: rule-of-the-test/ },
  'dashboard.enabled': { given: true, want: /dashboard\.json: \|/ },
  'dashboard.labels': { given: { grafana: 'here' }, want: /grafana: here/ },
  resources: { given: { limits: { memory: '300Mi' } }, want: /memory: 300Mi/ },
  priorityClassName: { given: 'very-high', want: /priorityClassName: very-high/ },
  podAnnotations: { given: { 'example.org/pod': 'annotated' }, want: /example\.org\/pod: annotated/ },
  podLabels: { given: { 'example.org/label': 'pod' }, want: /example\.org\/label: pod/ },
  'serviceAccount.annotations': { given: { 'example.org/account': 'here' }, want: /example\.org\/account: here/ },
  nodeSelector: { given: { 'example.org/pool': 'brokers' }, want: /nodeSelector:\n +example\.org\/pool: brokers/ },
  tolerations: { given: [{ key: 'only-brokers', operator: 'Exists' }], want: /key: only-brokers/ },
  dnsConfig: { given: { nameservers: ['192.0.2.53'] }, want: /- 192\.0\.2\.53/ },
  hostAliases: { given: [{ ip: '192.0.2.9', hostnames: ['dc1.corp.example'] }], want: /- dc1\.corp\.example/ },
  extraEnv: {
    given: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/corp-ca/ca.crt' }],
    want: /name: NODE_EXTRA_CA_CERTS/,
  },
  extraVolumes: { given: [{ name: 'corp-ca', configMap: { name: 'corp-ca' } }], want: /- configMap:\n +name: corp-ca/ },
  extraVolumeMounts: {
    given: [{ name: 'corp-ca', mountPath: '/etc/corp-ca', readOnly: true }],
    want: /mountPath: \/etc\/corp-ca/,
  },
};

const BROKER = {
  shared: {
    redis: {
      urls: ['rediss://valkey-0.corp.example:6390', 'rediss://[2001:db8::7]:6391', 'rediss://valkey-1.corp.example'],
      username: 'valkey-user-of-the-test',
      password: { file: '../shared/password' },
      tls: { caFile: '../shared/ca.crt' },
      mode: 'sentinel',
      masterName: 'broker',
    },
    key: { file: '../shared/shared.key' },
  },
  issuer: {
    name: 'https://broker.corp.example',
    audience: 'kubernetes',
    keys: [{ id: 'one', algorithm: 'EdDSA', privateKey: { file: '../secrets/issuer-2026-11.pem' } }],
    revocations: 'shared',
    revocationsFile: '../state/revocations.yaml',
  },
  portal: { publicURL: 'https://broker.corp.example', signIn: { password: { endpoint: '/authenticate' } } },
  providers: [
    { name: 'tokens', type: 'issued' },
    { name: 'local', type: 'users', options: { file: '../secrets/users.yaml' } },
  ],
};

/** The rows of one mode as a file of values. */
function valuesOf(mode: Row['mode']): Readonly<Record<string, unknown>> {
  const values = new Document({ broker: BROKER });
  for (const [path, { given, mode: only }] of Object.entries(ROWS)) {
    if (given !== undefined && (only === undefined || only === mode)) values.setIn(path.split('.'), given);
  }
  const all: Readonly<Record<string, unknown>> = values.toJS();
  if (mode === undefined) return all;
  return { ...all, mode, state: { volume: ROWS['state.volume']?.given }, image: { repository: 'local', tag: '9.9.9' } };
}

void describe('every value of the chart', { skip: requirePrograms('helm', 'kubeconform', 'openapi') }, () => {
  const manifests: Record<string, string> = {};

  before(async () => {
    manifests['service'] = await helmTemplate(valuesOf(undefined));
    manifests['node-local'] = await helmTemplate(valuesOf('node-local'));
    manifests['default'] = await helmTemplate([]);
  });

  void it('has a row here', () => {
    assert.deepEqual(
      Object.keys(ROWS),
      chartValues().map(({ path }) => path),
    );
  });

  for (const [path, { want, mode = 'service' }] of Object.entries(ROWS)) {
    void it(path, () => {
      assert.match(manifests[mode] ?? '', want);
      assert.doesNotMatch(manifests['default'] ?? '', want);
    });
  }

  for (const mode of ['service', 'node-local']) {
    void it(`makes valid manifests together (${mode})`, async () => {
      const { exitCode, stdout, stderr } = await kubeconform(manifests[mode] ?? '', CUSTOM_KINDS);
      assert.equal(exitCode, 0, stdout + stderr);
    });
  }

  void it('makes a configuration that the broker takes, on both families', () => {
    const all = rendered(manifests['service'] ?? '', 'service');
    const map = all.find((value) => at(value, 'data', 'broker.yaml') !== undefined);
    const config = configurationInPod(String(at(map, 'data', 'broker.yaml')));
    assert.deepEqual(config.warnings, []);
    assert.deepEqual(config.webhook.address, { host: '::', port: 18_443 });
    assert.equal(config.portal?.address.host, '::');
  });

  void it('lets the broker reach every port of the shared store, and nobody but the portal be asked by everybody', () => {
    const policy = rendered(manifests['service'] ?? '', 'service').find(
      (value) => at(value, 'kind') === 'NetworkPolicy',
    );
    const ports = list(policy, 'spec', 'egress').flatMap((rule) => list(rule, 'ports').map((port) => at(port, 'port')));
    assert.deepEqual(ports, [53, 53, 3269, 6390, 6391, 6379]);
    const asked = list(policy, 'spec', 'ingress').map((rule) => [
      at(rule, 'ports', 0, 'port'),
      list(rule, 'from').length,
    ]);
    assert.deepEqual(asked, [
      ['webhook', 1],
      ['operations', 1],
      ['portal', 1],
    ]);
  });

  void it('admits API servers of both families by default', async () => {
    const all = rendered(await helmTemplate(['mode=service', 'service.clusterIP=fd00::84']), 'service');
    const policy = all.find((value) => at(value, 'kind') === 'NetworkPolicy');
    const blocks = list(policy, 'spec', 'ingress', 0, 'from').map((peer) => String(at(peer, 'ipBlock', 'cidr')));
    assert.ok(blocks.some((block) => block.includes(':')) && blocks.some((block) => block.includes('.')));
  });

  void it('mounts one writable volume, and only for the state', () => {
    for (const mode of ['service', 'node-local']) {
      const workload = rendered(manifests[mode] ?? '', mode).find(
        (value) => at(value, 'spec', 'template') !== undefined,
      );
      const mounts = list(workload, 'spec', 'template', 'spec', 'containers', 0, 'volumeMounts');
      const writable = mounts.filter((mount) => at(mount, 'readOnly') !== true);
      assert.deepEqual(writable, [{ name: 'state', mountPath: '/etc/kube-auth-broker/state' }]);
      const volume = named('state', workload, 'spec', 'template', 'spec', 'volumes');
      assert.notEqual(volume, undefined);
    }
  });
});
