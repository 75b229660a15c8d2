// The API server of another cluster as upstream: its ServiceAccounts are known here, its outages are no refusals.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { requirePrograms } from './programs.ts';
import { clusterKey, serviceAccountToken } from './token-review.ts';

const HERE = 'https://this-cluster.corp.example';

void describe('the API server of another cluster', {
  skip: requirePrograms('kube-apiserver', 'etcd', 'kubectl'),
}, () => {
  let other: ControlPlane;
  let broker: Broker;

  before(async () => {
    const directory = temporaryFolder('other-cluster');
    other = await startControlPlane();
    const robot = ['create', 'serviceaccount', 'robot', '--namespace', 'default'];
    assert.equal((await other.kubectl(robot)).stderr, '');
    const kubeconfig = writeKubeconfig(join(directory, 'other.kubeconfig'), {
      server: `${other.server}/apis/authentication.k8s.io/v1/tokenreviews`,
      caFile: other.caFile,
      client: other.pki.client('broker', ['system:masters']),
    });
    broker = await startBroker({
      pki: makePki(join(directory, 'pki')),
      providers: [{ name: 'other-cluster', type: 'token-review', options: { kubeconfig, audiences: [HERE] } }],
      // The rig's cluster has the default issuer.
      settings: { ignoreIssuers: ['kubernetes/serviceaccount'], cache: { authenticatedTTL: '0s', rejectedTTL: '0s' } },
    });
  });
  after(async () => {
    await broker?.stop();
    await other?.stop();
  });

  const tokenFor = async (audience: string): Promise<string> => {
    const made = await other.kubectl(['create', 'token', 'robot', '--namespace', 'default', '--audience', audience]);
    assert.equal(made.stderr, '');
    return made.stdout.trim();
  };
  const reasonOf = async (token: string): Promise<unknown> => {
    const [line] = await broker.reviewsDuring(() => broker.review(token));
    return line?.['reason'];
  };

  void it('knows its ServiceAccounts by a token that is made for this cluster', async () => {
    const { status } = await broker.review(await tokenFor(HERE));
    assert.equal(status?.user?.username, 'other-cluster:system:serviceaccount:default:robot');
    assert.deepEqual(status?.user?.groups?.toSorted(), [
      'other-cluster:system:authenticated',
      'other-cluster:system:serviceaccounts',
      'other-cluster:system:serviceaccounts:default',
    ]);
  });

  void it('does not let in what is made for itself, is over, was forged, or is unknown to it: no outage, whatever it says', async () => {
    const expired = await serviceAccountToken({ expiresInS: -60, key: clusterKey(other) });
    const forged = await serviceAccountToken({ expiresInS: 600 });
    assert.equal((await broker.review(await tokenFor('https://kubernetes.default.svc'))).status?.authenticated, false);
    assert.deepEqual(
      [await reasonOf(expired), await reasonOf(forged), await reasonOf('an-opaque-token')],
      ['unknown-token', 'unknown-token', 'unknown-token'],
    );
  });

  void it('is told apart when it refuses the broker, and when it is gone', async () => {
    const checked = await broker.cli('check', ['--connect']);
    assert.equal(checked.exitCode, 0, checked.stdout);
    assert.match(checked.stdout, /a random token is refused at https:.*tokenreviews/);
    await other.stop();
    assert.equal(await reasonOf('an-opaque-token'), 'connection-refused');
  });
});
