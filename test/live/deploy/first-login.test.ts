// The way of deploy/README.md with a real kube-apiserver: certificates, bundle, manifests' configuration, flags, whoami.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { BROKER, bundle } from '../../../deploy/bundle.ts';
import { at, DEPLOY, document, list, text } from '../../deploy/files.ts';
import { usersFile } from '../../support/users-file.ts';
import { type ControlPlane, startControlPlane } from '../apiserver/control-plane.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { run, runOrThrow } from '../rig/command.ts';
import { type ServerProcess, startProcess } from '../rig/process.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freePort, waitFor } from '../rig/wait.ts';

const skip = requirePrograms('kube-apiserver', 'etcd', 'kubectl');
const SCRIPT = join(DEPLOY, 'apiserver/make-certificates.sh');
const FOLDER = '/etc/kubernetes/kube-auth-broker';

void describe('the first login', { skip }, () => {
  const folder = temporaryFolder('first-login');
  const pki = join(folder, 'pki');
  const kubeconfig = (name: string): string => join(pki, 'apiserver', `${name}.kubeconfig`);
  let port = 0;
  let program = '';
  let broker: ServerProcess;
  let plane: ControlPlane;

  /** The files of deploy/, with a free port in place of the one that the node would have. */
  const localized = (file: string): string =>
    text(file)
      .replaceAll(/(127\.0\.0\.1|10\.96\.0\.84):8443/g, `127.0.0.1:${port}`)
      .replace('127.0.0.1:9090', '127.0.0.1:0');
  const cli = (...args: readonly string[]) => run(process.execPath, [program, ...args]);
  const whoami = (token: string) => plane.kubectl(['auth', 'whoami', '-o', 'json'], { token });
  const served = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const identity = join(pki, 'apiserver/client');
      const socket = connect({
        host: '127.0.0.1',
        port,
        ca: readFileSync(join(pki, 'ca.crt')),
        cert: readFileSync(`${identity}.crt`),
        key: readFileSync(`${identity}.key`),
      });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.destroy();
      });
    });

  before(async () => {
    port = await freePort();
    ({ outfile: program } = await bundle(BROKER, { folder: join(folder, 'image'), commit: 'live' }));
    await runOrThrow(SCRIPT, ['--out', pki]);
    for (const name of ['node-local', 'service']) {
      writeFileSync(kubeconfig(name), localized(`apiserver/${name}.kubeconfig`));
    }
    for (const name of ['config', 'secrets', 'tls']) mkdirSync(join(folder, name));
    for (const name of ['tls.crt', 'tls.key', 'client-ca.crt']) {
      copyFileSync(join(pki, 'broker', name), join(folder, 'tls', name));
    }
    const alice = { username: 'alice', password: 'wonderland', groups: ['developers'] };
    const bob = { username: 'bob', password: 'builder' };
    writeFileSync(join(folder, 'secrets/users.yaml'), usersFile(alice, bob));
    writeFileSync(join(folder, 'config/broker.yaml'), localized('kubernetes/node-local/broker.yaml'));
    const args = ['--disable-sigusr1', program, 'serve', '--config', join(folder, 'config/broker.yaml')];
    broker = startProcess({ name: 'broker', command: process.execPath, args, directory: folder });
    await waitFor('the broker', () => (broker.output().includes('"msg":"listening"') ? true : undefined));
    // The flags are those of the file for k3s; the others are proven equal to it.
    const flags = list(document('apiserver/k3s.yaml'), 'kube-apiserver-arg').map((flag) => `--${String(flag)}`);
    const extraArgs = flags.map((flag) => flag.replace(`${FOLDER}/webhook.kubeconfig`, kubeconfig('node-local')));
    plane = await startControlPlane({ extraArgs });
  });
  after(async () => {
    await plane?.stop();
    await broker?.stop();
  });

  void it('needs a configuration that `check` finds nothing wrong with', async () => {
    const { exitCode, stdout, stderr } = await cli('check', '--config', join(folder, 'config/broker.yaml'));
    assert.equal(exitCode, 0, stdout + stderr);
  });

  for (const name of ['node-local', 'service'] as const) {
    void it(`is made with a ${name}.kubeconfig that \`verify\` finds nothing wrong with`, async () => {
      const { exitCode, stdout, stderr } = await cli('verify', '--kubeconfig', kubeconfig(name));
      assert.equal(exitCode, 0, stdout + stderr);
    });
  }

  const logins = [
    { name: 'username:password', token: 'alice:wonderland' },
    { name: 'username:password in base64', token: Buffer.from('alice:wonderland').toString('base64') },
  ];
  for (const { name, token } of logins) {
    void it(`tells kubectl who somebody is (${name})`, async () => {
      const { status, stdout, stderr } = await whoami(token);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
      const user = at(JSON.parse(stdout), 'status', 'userInfo');
      assert.equal(at(user, 'username'), 'local:alice');
      assert.deepEqual(at(user, 'groups'), ['local:developers', 'system:authenticated']);
    });
  }

  void it('is refused with a wrong password, as Unauthorized', async () => {
    const { status, stderr } = await whoami('alice:wrong');
    assert.notEqual(status, 0);
    assert.match(stderr, /You must be logged in to the server/);
  });

  void it('does not touch the way in that must always work', async () => {
    const { status, stdout } = await plane.kubectl(['auth', 'whoami', '-o', 'json']);
    assert.equal(status, 0);
    assert.equal(at(JSON.parse(stdout), 'status', 'userInfo', 'username'), 'admin');
  });

  void it('goes on working while the certificates are renewed', async () => {
    const old = await served();
    await runOrThrow(SCRIPT, ['--out', pki, '--renew']);
    for (const name of ['tls.crt', 'tls.key']) copyFileSync(join(pki, 'broker', name), join(folder, 'tls', name));
    await waitFor('the new certificate', async () => ((await served()) === old ? undefined : true));
    // Bob was not there before: kube-apiserver has to ask.
    assert.equal((await whoami('bob:builder')).status, 0);
  });
});
