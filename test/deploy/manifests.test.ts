// Holds ports, paths, names and times in the manifests against the program's own defaults.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { formatAddress, isLoopbackHost } from '../../src/core/listening.ts';
import { DRAIN } from '../../src/server/drain.ts';
import { ROOT } from '../docs/markdown.ts';
import {
  at,
  configurationInPod,
  defaults,
  document,
  documents,
  IN_POD,
  list,
  named,
  patched,
  podContainer,
  text,
} from './files.ts';

const program = defaults();
const { address: webhook, endpoints } = program.webhook;
const { address: operations } = program.operations;
const path = endpoints[0]?.path;
const staticPod = document('kubernetes/static-pod/kube-auth-broker.yaml');
const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const cluster = (file: string): unknown => at(document(file), 'clusters', 0, 'cluster');
const withoutAddresses = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner: unknown) => (key === 'address' ? undefined : inner));

void describe('node-local/broker.yaml', () => {
  const config = configurationInPod(text('kubernetes/node-local/broker.yaml'));

  void it('listens where the program listens by default, on loopback', () => {
    assert.deepEqual(config.webhook.address, webhook);
    assert.deepEqual(config.operations.address, operations);
    assert.ok(isLoopbackHost(webhook.host));
  });

  void it('starts without a warning, and demands the certificate of kube-apiserver', () => {
    assert.deepEqual(config.warnings, []);
    assert.deepEqual(config.webhook.tls?.clientNames, ['kube-apiserver']);
    assert.notEqual(config.webhook.tls?.clientCA, undefined);
  });
});

void describe('service/broker.yaml', () => {
  const config = configurationInPod(text('kubernetes/service/broker.yaml'));

  void it('differs from node-local/broker.yaml in the two addresses alone', () => {
    const [here, there] = [document('kubernetes/service/broker.yaml'), document('kubernetes/node-local/broker.yaml')];
    assert.equal(at(here, 'webhook', 'address'), `0.0.0.0:${webhook.port}`);
    assert.equal(at(here, 'operations', 'address'), `0.0.0.0:${operations.port}`);
    assert.deepEqual(withoutAddresses(here), withoutAddresses(there));
  });

  void it('starts without a warning', () => assert.deepEqual(config.warnings, []));
});

const pods = [
  { name: 'the pod of both overlays', container: podContainer(), host: undefined },
  { name: 'the static pod', container: at(staticPod, 'spec', 'containers', 0), host: '127.0.0.1' },
];

for (const { name, container, host } of pods) {
  void describe(name, () => {
    void it('has the ports of the program', () => {
      assert.equal(at(named('webhook', container, 'ports'), 'containerPort'), webhook.port);
      assert.equal(at(named('operations', container, 'ports'), 'containerPort'), operations.port);
    });

    for (const [probe, want] of [
      ['startupProbe', '/livez'],
      ['livenessProbe', '/livez'],
      ['readinessProbe', '/readyz'],
    ] as const) {
      void it(`has a ${probe} at ${want} of the operations listener`, () => {
        assert.equal(at(container, probe, 'httpGet', 'path'), want);
        assert.equal(at(container, probe, 'httpGet', 'port'), 'operations');
        assert.equal(at(container, probe, 'httpGet', 'host'), host);
      });
    }

    void it('stays ready after one missed probe, and is out before a stopping broker ceases to accept', () => {
      const [period, timeout, failures] = ['periodSeconds', 'timeoutSeconds', 'failureThreshold'].map((field) =>
        Number(at(container, 'readinessProbe', field)),
      );
      assert.ok(Number(failures) >= 2);
      assert.ok(Number(timeout) <= Number(period));
      assert.ok(Number(period) * Number(failures) * 1000 < DRAIN.acceptMs);
    });

    void it('may do nothing that it does not need', () => {
      assert.deepEqual(at(container, 'securityContext'), {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    });

    void it('has memory bounded and the processor not', () => {
      assert.deepEqual(at(container, 'resources', 'limits'), { memory: '512Mi' });
    });

    void it('mounts what broker.yaml names, read-only and as whole folders, so that a swap is seen', () => {
      const mounts = list(container, 'volumeMounts');
      assert.deepEqual(
        mounts.map((mount) => at(mount, 'mountPath')),
        ['config', 'tls', 'secrets'].map((folder) => `${IN_POD}/${folder}`),
      );
      for (const mount of mounts) {
        assert.equal(at(mount, 'readOnly'), true);
        assert.equal(at(mount, 'subPath'), undefined);
      }
    });

    void it('reads the configuration that is mounted', () => {
      assert.deepEqual(at(container, 'args'), ['serve', '--config', `${IN_POD}/config/broker.yaml`]);
    });
  });
}

void describe('the static pod and the pod of the overlays', () => {
  const whole = [
    'automountServiceAccountToken',
    'enableServiceLinks',
    'terminationGracePeriodSeconds',
    'securityContext',
  ];
  for (const field of whole) {
    void it(`have the same ${field}`, () => {
      assert.deepEqual(at(staticPod, 'spec', field), patched(`/spec/template/spec/${field}`));
    });
  }

  void it('leave time for the longest drain', () => {
    const drainMs = DRAIN.acceptMs + DRAIN.lingerMs + DRAIN.finishMs;
    const graceMs = Number(patched('/spec/template/spec/terminationGracePeriodSeconds')) * 1000;
    assert.ok(graceMs >= drainMs + 10_000, `${graceMs} ms for ${drainMs} ms`);
  });

  void it('belong to nobody', () => {
    const context = patched('/spec/template/spec/securityContext');
    assert.equal(at(context, 'runAsNonRoot'), true);
    assert.equal(at(context, 'runAsUser'), 65_532);
    assert.deepEqual(at(context, 'seccompProfile'), { type: 'RuntimeDefault' });
    assert.equal(patched('/spec/template/spec/automountServiceAccountToken'), false);
  });

  void it('run the version of package.json', () => {
    const [image] = list(document('kubernetes/pod/kustomization.yaml'), 'images');
    assert.equal(at(image, 'newTag'), version);
    assert.equal(at(staticPod, 'spec', 'containers', 0, 'image'), `kube-auth-broker:${version}`);
    assert.match(text('Dockerfile'), new RegExp(`^ARG VERSION=${version}$`, 'm'));
  });
});

void describe('what kube-apiserver is told', () => {
  const service = document('kubernetes/service/service.yaml');
  const clusterIP = String(at(service, 'spec', 'clusterIP'));
  const certificate = documents('kubernetes/cert-manager/certificates.yaml').find(
    (entry) => at(entry, 'metadata', 'name') === 'kube-auth-broker-tls',
  );

  void it('is the address and the path of the program, beside it on the node', () => {
    assert.equal(at(cluster('apiserver/node-local.kubeconfig'), 'server'), `https://${formatAddress(webhook)}${path}`);
  });

  void it('is the fixed address of the Service, whose name is what the certificate is good for', () => {
    const told = cluster('apiserver/service.kubeconfig');
    assert.equal(at(told, 'server'), `https://${clusterIP}:${webhook.port}${path}`);
    assert.equal(at(service, 'spec', 'ports', 0, 'port'), webhook.port);
    const [name, namespace] = ['name', 'namespace'].map((field) => String(at(service, 'metadata', field)));
    assert.equal(at(told, 'tls-server-name'), `${name}.${namespace}.svc`);
    assert.ok(list(certificate, 'spec', 'dnsNames').includes(`${name}.${namespace}.svc`));
    assert.ok(list(certificate, 'spec', 'ipAddresses').includes(clusterIP));
  });

  void it('is covered by the certificates of make-certificates.sh as by those of cert-manager', () => {
    const made = /^sans=\((.*)\)$/m.exec(text('apiserver/make-certificates.sh'))?.[1]?.split(' ') ?? [];
    const names = [...list(certificate, 'spec', 'dnsNames'), ...list(certificate, 'spec', 'ipAddresses')];
    assert.deepEqual(made.toSorted(), names.map(String).toSorted());
  });

  void it('shows a certificate whose name the broker expects', () => {
    const expected = at(document('kubernetes/node-local/broker.yaml'), 'webhook', 'tls', 'clientNames', 0);
    const client = documents('kubernetes/cert-manager/certificates.yaml').find(
      (entry) => at(entry, 'metadata', 'name') === 'kube-auth-broker-client',
    );
    assert.equal(at(client, 'spec', 'commonName'), expected);
    assert.match(text('apiserver/make-certificates.sh'), new RegExp(`client_name=${String(expected)}$`, 'm'));
  });
});
