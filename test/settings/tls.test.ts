// The server certificate in the configuration: every fault of it, at the file that has it, before it is served.

import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { configOf, errorsOf, HEAD, type Outside, PROVIDER } from './setup.ts';

const authority = makeAuthority('settings');
const good = issueLoopback(authority);
const DAY_MS = 24 * 3_600_000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

interface Given {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly more?: string;
}

function textOf({ ca, more = '' }: Given): string {
  const clientCA = ca === undefined ? '' : '    clientCAFile: ca.crt\n';
  return `${HEAD}webhook:\n  address: 0.0.0.0:8443\n  tls:\n    certFile: tls.crt\n    keyFile: tls.key\n${clientCA}${more}${PROVIDER}`;
}

const outside = ({ cert = good.cert, key = good.key, ca = '' }: Given): Outside => ({
  files: { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca },
});

void describe('a pair that is served', () => {
  void test('with its defaults', () => {
    const { webhook, warnings } = configOf(textOf({}), outside({ cert: good.cert }));
    const { key, ...tls } = webhook.tls ?? assert.fail();
    assert.deepEqual(tls, { cert: good.cert, minVersion: 'TLSv1.2' });
    assert.equal(key.reveal(), good.key);
    assert.equal((webhook.certificateNotAfterMs ?? 0) > Date.now(), true);
    assert.deepEqual(warnings.length, 1, 'it ends within the hour');
  });
  void test('with mutual TLS', () => {
    const given = { ca: authority.cert, more: '    clientNames: [kas]\n    minVersion: TLSv1.3\n' };
    const { tls } = configOf(textOf(given), outside(given)).webhook;
    assert.deepEqual([tls?.clientCA, tls?.clientNames, tls?.minVersion], [authority.cert, ['kas'], 'TLSv1.3']);
  });
  void test('with a chain behind its certificate', () => {
    assert.doesNotThrow(() => configOf(textOf({}), outside({ cert: good.cert + authority.cert })));
  });
  void test('and no print of the configuration shows its key', () => {
    const middle = good.key.split('\n')[1] ?? assert.fail();
    assert.equal(inspect(configOf(textOf({}), outside({})), { depth: 9, showHidden: true }).includes(middle), false);
  });
});

void describe('warned of', () => {
  const rows: { name: string; given: Given; want: RegExp | undefined }[] = [
    {
      name: 'an end within two weeks',
      given: issueLoopback(authority, { notAfter: inDays(13) }),
      want: /^the server certificate expires on \d{4}-\d\d-\d\d$/,
    },
    {
      name: 'no subject alternative name',
      given: authority.issue({ commonName: 'a', notAfter: inDays(99) }),
      want: /no subject alternative name; kube-apiserver refuses it$/,
    },
    { name: 'nothing else', given: issueLoopback(authority, { notAfter: inDays(15) }), want: undefined },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const { warnings } = configOf(textOf(given), outside(given));
      assert.equal(warnings.length, want === undefined ? 0 : 1, warnings.join());
      if (want !== undefined) assert.match(warnings[0] ?? '', want);
    });
  }
});

void describe('refused', () => {
  const expired = issueLoopback(authority, { notAfter: new Date('2020-02-03') });
  const future = issueLoopback(authority, { notBefore: inDays(1), notAfter: inDays(2) });
  const encrypted = createPrivateKey(good.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  const rows: { name: string; given: Given; want: (string | RegExp)[] }[] = [
    {
      name: 'a key of another certificate',
      given: { key: issueLoopback(authority).key },
      want: ['7:14: webhook.tls.keyFile: /etc/broker/tls.key does not belong to the certificate in certFile'],
    },
    {
      name: 'an expired certificate',
      given: expired,
      want: ['6:15: webhook.tls.certFile: /etc/broker/tls.crt expired on 2020-02-03; renew it'],
    },
    {
      name: 'a certificate of the future',
      given: future,
      want: [/certFile: .* is not valid before .*; check the clock$/],
    },
    {
      name: 'files that are exchanged',
      given: { cert: good.key, key: good.cert },
      want: [
        '6:15: webhook.tls.certFile: /etc/broker/tls.crt holds no PEM certificate',
        '7:14: webhook.tls.keyFile: /etc/broker/tls.key holds no unencrypted PEM private key',
      ],
    },
    {
      name: 'an encrypted key',
      given: { key: encrypted },
      want: [/keyFile: .* holds no unencrypted PEM private key$/],
    },
    {
      name: 'empty files',
      given: { cert: '', key: '' },
      want: [/certFile: .* holds no PEM/, /keyFile: .* holds no unencrypted/],
    },
    {
      name: 'a client CA that is none',
      given: { ca: good.key },
      want: [/clientCAFile: \/etc\/broker\/ca\.crt holds no PEM certificate$/],
    },
    {
      name: 'client names without a client CA',
      given: { more: '    clientNames: [kas]\n' },
      want: [/clientNames: needs clientCAFile: without mutual TLS there is no client certificate to name$/],
    },
    {
      name: 'no client names at all',
      given: { ca: authority.cert, more: '    clientNames: []\n' },
      want: [/clientNames: must not be empty$/],
    },
    {
      name: 'an old protocol',
      given: { more: '    minVersion: TLSv1.1\n' },
      want: [/minVersion: must be TLSv1\.2 or TLSv1\.3/],
    },
    {
      name: 'an expired certificate with a key of another one: both',
      given: { cert: expired.cert, key: good.key },
      want: [/certFile: .* expired on/, /keyFile: .* does not belong/],
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const errors = errorsOf(textOf(given), outside(given));
      assert.equal(errors.length, want.length, errors.join('\n'));
      for (const [index, each] of want.entries()) {
        if (typeof each === 'string') assert.equal(errors[index], each);
        else assert.match(errors[index] ?? '', each);
      }
      assert.doesNotMatch(errors.join(), /BEGIN|MII|MIG/);
    });
  }
  void test('missing files are named, both at once', () => {
    assert.deepEqual(errorsOf(textOf({})), [
      '6:15: webhook.tls.certFile: cannot read /etc/broker/tls.crt: no such file',
      '7:14: webhook.tls.keyFile: cannot read /etc/broker/tls.key: no such file',
    ]);
  });
});

const upstreamErrors = (tls: string, files: Outside['files'] = {}) =>
  errorsOf(HEAD + PROVIDER.replace('{ url', `{ tls: ${tls}, url`), { files }).map((error) =>
    error.replace(/^\d+:\d+: /, ''),
  );

void describe('the tls block of an upstream', () => {
  void test('a certificate goes with its key', () => {
    const message = 'providers[0].options.tls: certFile and keyFile go together';
    assert.deepEqual(upstreamErrors('{ certFile: a }', { a: good.cert }), [message]);
    assert.deepEqual(upstreamErrors('{ keyFile: a }', { a: good.key }), [message]);
    assert.deepEqual(upstreamErrors('{ certFile: a, keyFile: b }', { a: good.cert, b: good.key }), []);
  });
  void test('an unknown key is suggested', () => {
    assert.deepEqual(upstreamErrors('{ cafile: a }'), [
      'providers[0].options.tls.cafile: unknown key (did you mean "caFile"?)',
    ]);
  });
});
