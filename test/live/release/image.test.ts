// deploy/Dockerfile is built twice, to the same bytes, and what it makes runs as in a pod: no root, nothing writable, no capability.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from 'undici';
import { VERSION } from '../../../deploy/release/product.ts';
import { IN_POD, text } from '../../deploy/files.ts';
import { ROOT } from '../../docs/markdown.ts';
import { usersFile } from '../../support/users-file.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { waitFor } from '../rig/wait.ts';
import { reviewOver } from '../support/review.ts';
import { type Container, runInImage, startContainer } from './container.ts';
import { containerToolsMissing, type Image, type ImageBuilder, startImageBuilder } from './image.ts';

const COMMIT = 'a'.repeat(40);

/** What the Dockerfile is sent, in a folder of another name with files of another time. */
function otherCheckout(): string {
  const folder = temporaryFolder('checkout');
  const sent = text('Dockerfile.dockerignore').match(/(?<=^!).+$/gm) ?? [];
  for (const path of [...sent, 'deploy/Dockerfile', 'deploy/Dockerfile.dockerignore']) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  return folder;
}

const programOf = ({ root }: Image): Readonly<Record<string, Buffer>> =>
  Object.fromEntries(readdirSync(join(root, 'app')).map((name) => [name, readFileSync(join(root, 'app', name))]));

void describe('the image', { skip: containerToolsMissing() }, () => {
  let builder: ImageBuilder;
  let image: Image;
  let elsewhere: string;

  before(async () => {
    elsewhere = otherCheckout();
    builder = await startImageBuilder();
    image = await builder.build(ROOT, COMMIT);
  });
  after(() => builder?.close());

  void it('is the same, bit for bit, when it is built again from another folder', async () => {
    const again = await builder.build(elsewhere, COMMIT);
    const [first, second] = [programOf(image), programOf(again)];
    assert.deepEqual(Object.keys(first), ['THIRD-PARTY-LICENSES.txt', 'kube-auth-broker.mjs']);
    for (const [name, bytes] of Object.entries(first)) assert.ok(second[name]?.equals(bytes), name);
    assert.equal(again.digest, image.digest);
  });

  void it('adds the program to the image below it, and nothing else', () => {
    const added = readdirSync(image.root).filter((name) => !readdirSync(builder.runtimeRoot).includes(name));
    // buildah makes the three places where a container's own file systems go.
    assert.deepEqual(
      added.filter((name) => !['dev', 'proc', 'sys'].includes(name)),
      ['app'],
    );
  });

  void it('belongs to root, so that the program cannot change itself', () => {
    for (const name of ['', ...Object.keys(programOf(image))]) {
      const { uid, mode } = statSync(join(image.root, 'app', name));
      assert.deepEqual([uid, mode & 0o022], [0, 0], name);
    }
  });

  void it('says which version and which commit it is', async () => {
    assert.equal(image.config.Labels['org.opencontainers.image.version'], VERSION);
    assert.equal(image.config.Labels['org.opencontainers.image.revision'], COMMIT);
    const { stdout, stderr } = await runInImage(image, ['version']);
    assert.equal(stdout, `kube-auth-broker ${VERSION}, commit ${COMMIT}, Node.js ${process.versions.node}\n`, stderr);
  });

  void it('hashes a password, as the page for kind has it', async () => {
    const { stdout, stderr } = await runInImage(image, ['hash-password'], 'wonderland');
    assert.match(stdout, /^\$argon2id\$v=19\$/, stderr);
  });

  void describe('runs', () => {
    let container: Container;
    let pki: Pki;
    let agent: Agent;
    const address = (listener: string): string | undefined =>
      new RegExp(`"${listener}":"([^"]+)"`).exec(container.output())?.[1];
    const review = (token: string, dispatcher: Agent) =>
      reviewOver(dispatcher, `https://${address('webhook')}/authenticate`, token, { version: 'v1' });
    const client = (certificate: object): Agent =>
      new Agent({ connect: { ca: readFileSync(pki.caFile), ...certificate } });

    before(async () => {
      const folder = temporaryFolder('pod');
      pki = makePki(join(folder, 'pki'));
      const { certFile, keyFile } = pki.client('kube-apiserver');
      container = startContainer(image, podVolumes(folder, pki));
      await waitFor('the broker in the container', () => {
        assert.equal(container.exitCode(), null, container.output());
        return address('operations');
      });
      agent = client({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
    });
    after(async () => {
      await container?.stop();
      await agent?.destroy();
    });

    void it('as the user 65532, without a capability and without a way to get one', async () => {
      const status = await container.proc('status');
      assert.match(status, /^Uid:\t65532\t65532\t65532\t65532$/m);
      assert.match(status, /^Gid:\t65532\t65532\t65532\t65532$/m);
      for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) assert.match(status, new RegExp(`^Cap${set}:\t0+$`, 'm'));
      assert.match(status, /^NoNewPrivs:\t1$/m);
    });

    void it('with no file system that it could write', async () => {
      const mounts = (await container.proc('mounts'))
        .trim()
        .split('\n')
        .map((line) => line.split(' '));
      const writable = mounts.filter(([, , , options = '']) => !options.split(',').includes('ro'));
      assert.ok(mounts.some(([, place]) => place === '/'));
      assert.deepEqual(
        writable.map(([, place]) => place),
        ['/proc'],
      );
    });

    void it('and answers a review over mutual TLS', async () => {
      const { status } = await review('alice:wonderland', agent);
      assert.equal(status.user?.username, 'local:alice');
      const refused = await review('alice:looking-glass', agent);
      assert.deepEqual(refused.status, { authenticated: false });
    });

    void it('but no client without a certificate', async () => {
      const stranger = client({});
      await assert.rejects(review('alice:wonderland', stranger));
      await stranger.destroy();
    });

    void it('is ready, and does not open the inspector on a signal', async () => {
      await container.signal('SIGUSR1');
      assert.equal((await fetch(`http://${address('operations')}/readyz`)).status, 200);
      assert.doesNotMatch(container.output(), /Debugger listening/);
    });

    void it('drains at its stop signal', async () => {
      await container.signal(image.config.StopSignal);
      await waitFor('its end', () => container.exitCode() ?? undefined, 25_000);
      assert.equal(container.exitCode(), 0, container.output());
    });
  });
});

/** The three volumes of the pod, for the configuration of the overlay on free ports. */
function podVolumes(folder: string, pki: Pki): readonly { readonly source: string; readonly destination: string }[] {
  const configuration = text('kubernetes/node-local/broker.yaml').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:0');
  const files: Readonly<Record<string, string>> = {
    'config/broker.yaml': configuration,
    'tls/tls.crt': readFileSync(pki.server.certFile, 'utf8'),
    'tls/tls.key': readFileSync(pki.server.keyFile, 'utf8'),
    'tls/client-ca.crt': readFileSync(pki.clientCA.certFile, 'utf8'),
    'secrets/users.yaml': usersFile({ username: 'alice', password: 'wonderland' }),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return ['config', 'tls', 'secrets'].map((name) => ({ source: join(folder, name), destination: `${IN_POD}/${name}` }));
}
