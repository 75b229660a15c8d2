// Runs make-certificates.sh for real, and looks at what it made with openssl and Node.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DEPLOY } from '../../deploy/files.ts';
import { run } from '../rig/command.ts';
import { requireServer } from '../rig/installed.ts';
import { temporaryFolder } from '../rig/temp.ts';

const skip = requireServer('openssl', ['openssl']);
const SCRIPT = join(DEPLOY, 'apiserver/make-certificates.sh');
const make = (...args: readonly string[]) => run(SCRIPT, args);

void describe('make-certificates.sh', { skip }, () => {
  const folder = temporaryFolder('certificates');
  const out = join(folder, 'pki');
  const certificate = (name: string): X509Certificate => new X509Certificate(readFileSync(join(out, name)));

  void it('makes two authorities and two certificates', async () => {
    const { exitCode, stderr } = await make(
      '--out',
      out,
      '--san',
      'broker.corp.example',
      '--san',
      '192.0.2.7',
      '--days',
      '30',
    );
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr, '');
    for (const name of [
      'ca.key',
      'client-ca.key',
      'broker/tls.crt',
      'broker/tls.key',
      'broker/client-ca.crt',
      'apiserver/ca.crt',
      'apiserver/client.crt',
      'apiserver/client.key',
    ]) {
      assert.ok(existsSync(join(out, name)), name);
    }
  });

  void it('keeps keys readable for their owner alone, and leaves nothing else behind', () => {
    for (const name of ['ca.key', 'client-ca.key', 'broker/tls.key', 'apiserver/client.key']) {
      assert.equal(statSync(join(out, name)).mode & 0o777, 0o600, name);
    }
  });

  const verified = [
    { name: 'the server', authority: 'ca.crt', purpose: 'sslserver', leaf: 'broker/tls.crt', want: 0 },
    { name: 'the client', authority: 'client-ca.crt', purpose: 'sslclient', leaf: 'apiserver/client.crt', want: 0 },
    {
      name: 'the server as a client',
      authority: 'client-ca.crt',
      purpose: 'sslclient',
      leaf: 'broker/tls.crt',
      want: 2,
    },
    {
      name: 'the client as a server',
      authority: 'ca.crt',
      purpose: 'sslserver',
      leaf: 'apiserver/client.crt',
      want: 2,
    },
  ];
  for (const { name, authority, purpose, leaf, want } of verified) {
    void it(`${want === 0 ? 'lets openssl verify' : 'does not let openssl verify'} ${name}`, async () => {
      const files = ['-CAfile', join(out, authority), '-purpose', purpose, join(out, leaf)];
      assert.equal((await run('openssl', ['verify', ...files])).exitCode, want);
    });
  }

  void it('names every way to the broker in the server certificate', () => {
    const server = certificate('broker/tls.crt');
    for (const name of ['localhost', 'kube-auth-broker.kube-auth-broker.svc', 'broker.corp.example']) {
      assert.equal(server.checkHost(name), name);
    }
    for (const address of ['127.0.0.1', '::1', '10.96.0.84', '192.0.2.7']) assert.ok(server.checkIP(address), address);
    assert.equal(server.checkHost('elsewhere.example'), undefined);
  });

  void it('names kube-apiserver in the client certificate, for as long as was asked', () => {
    const client = certificate('apiserver/client.crt');
    assert.equal(client.subject, 'CN=kube-apiserver');
    const days = (Date.parse(client.validTo) - Date.parse(client.validFrom)) / 86_400_000;
    assert.equal(Math.round(days), 30);
  });

  void it('keeps what is there when it runs again', async () => {
    const before = [certificate('ca.crt'), certificate('broker/tls.crt'), certificate('apiserver/client.crt')];
    const { exitCode, stdout } = await make('--out', out);
    assert.equal(exitCode, 0);
    assert.doesNotMatch(stdout, /^made/m);
    const after = [certificate('ca.crt'), certificate('broker/tls.crt'), certificate('apiserver/client.crt')];
    assert.deepEqual(
      after.map(({ fingerprint256 }) => fingerprint256),
      before.map(({ fingerprint256 }) => fingerprint256),
    );
  });

  void it('renews the certificates under the authorities that everybody trusts already', async () => {
    const [authority, server] = [certificate('ca.crt'), certificate('broker/tls.crt')];
    assert.equal((await make('--out', out, '--renew')).exitCode, 0);
    assert.equal(certificate('ca.crt').fingerprint256, authority.fingerprint256);
    assert.notEqual(certificate('broker/tls.crt').fingerprint256, server.fingerprint256);
    assert.ok(certificate('broker/tls.crt').verify(authority.publicKey));
  });

  const refused = [
    { name: 'an unknown option', given: ['--sans', 'x'], want: /there is no option --sans/ },
    { name: 'an option without a value', given: ['--san'], want: /--san needs a value/ },
    { name: 'days that are none', given: ['--days', '0'], want: /--days must be/ },
    {
      name: 'a name that would change the configuration of openssl',
      given: ['--san', 'a,DNS:b c'],
      want: /neither a DNS name/,
    },
    {
      name: 'a client name with a slash',
      given: ['--client-name', 'a/O=system:masters'],
      want: /--client-name must be/,
    },
  ];
  for (const { name, given, want } of refused) {
    void it(`refuses ${name} before it writes anything`, async () => {
      const nowhere = join(folder, 'nowhere');
      const { exitCode, stderr } = await make('--out', nowhere, ...given);
      assert.equal(exitCode, 2);
      assert.match(stderr, want);
      assert.equal(existsSync(nowhere), false);
    });
  }

  void it('does not replace half of an authority', async () => {
    rmSync(join(out, 'ca.key'));
    const { exitCode, stderr } = await make('--out', out, '--renew');
    assert.equal(exitCode, 2);
    assert.match(stderr, /only one of ca\.key and ca\.crt/);
  });

  void it('explains itself', async () => {
    const { exitCode, stdout } = await make('--help');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^Usage: make-certificates\.sh/);
  });
});
