// A directory, or somebody on the way to it, that means harm: nothing is sent in clear, believed or waited for without end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { type FakeLdap, type FakeLdapOptions, startFakeLdap } from '../../support/fake-ldap.ts';
import { encodeEntry, encodeResult } from '../../support/fake-ldap-codec.ts';
import { fakePerson } from '../../support/fake-ldap-data.ts';
import { answerToAnother, lyingEntry } from '../../support/fake-ldap-faults.ts';
import type { FakeScript } from '../../support/fake-ldap-session.ts';
import { authority, BASES, BIND, openLdap, outcome, PEOPLE, SERVICE, TLS, tls } from './open-ldap.ts';

async function loginAt(
  change: Partial<FakeLdapOptions>,
  written: object,
): Promise<{ readonly verdict: string; readonly directory: FakeLdap }> {
  const users = [fakePerson('alice', 'pw')];
  const directory = await startFakeLdap({ users, others: [SERVICE, ...BASES], tls, ...change });
  const ldap = openLdap({ urls: [directory.url], tls: TLS, bind: BIND, userSearch: { baseDN: PEOPLE }, ...written });
  try {
    return { verdict: outcome(await ldap.login('alice', 'pw')), directory };
  } finally {
    await ldap.provider.close();
    await directory.close();
  }
}

const elsewhere = authority.issue({ commonName: 'elsewhere', names: ['elsewhere.example'] });
const injected = encodeResult(1, 'bind', { code: 0 });

interface Transport {
  readonly name: string;
  readonly given: Partial<FakeLdapOptions>;
  readonly written: object;
  readonly want: string;
}

const mutual = { ...tls, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
const clientCertificate = { ...TLS, certFile: 'client.crt', keyFile: 'client.key' };

const transports: readonly Transport[] = [
  {
    name: 'a server that demands a client certificate',
    given: { tls: mutual },
    written: { tls: clientCertificate },
    want: 'authenticated',
  },
  {
    name: 'a certificate of an unknown authority',
    given: { tls: issueLoopback(makeAuthority('stranger')) },
    written: {},
    want: 'unavailable tls-failed',
  },
  { name: 'a certificate for another host', given: { tls: elsewhere }, written: {}, want: 'unavailable tls-failed' },
  {
    name: 'that certificate, when its name is the configured one',
    given: { tls: elsewhere },
    written: { tls: { ...TLS, serverName: 'elsewhere.example' } },
    want: 'authenticated',
  },
  {
    name: 'another name than the configured one',
    given: {},
    written: { tls: { ...TLS, serverName: 'elsewhere.example' } },
    want: 'unavailable tls-failed',
  },
  {
    name: 'an expired certificate',
    given: { tls: issueLoopback(authority, { notAfter: new Date(Date.now() - 1000) }) },
    written: {},
    want: 'unavailable tls-failed',
  },
  { name: 'StartTLS', given: { startTLS: true }, written: { startTLS: true }, want: 'authenticated' },
  {
    name: 'StartTLS with a certificate for another host',
    given: { startTLS: true, tls: elsewhere },
    written: { startTLS: true },
    want: 'unavailable tls-failed',
  },
  {
    name: 'StartTLS, and bytes in clear after the answer',
    given: { startTLS: true, injected },
    written: { startTLS: true },
    want: 'unavailable tls-failed',
  },
  {
    name: 'StartTLS that the server does not have',
    given: { startTLS: true, hasStartTLS: false },
    written: { startTLS: true },
    want: 'unavailable tls-failed',
  },
];

for (const { name, given, written, want } of transports) {
  void test(`${name}: ${want}, and no password in clear`, async () => {
    const { verdict, directory } = await loginAt(given, written);
    assert.equal(verdict, want);
    assert.ok(directory.binds.every(({ encrypted }) => encrypted));
    if (want !== 'authenticated') assert.deepEqual(directory.binds, []);
  });
}

void test('a certificate is verified whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    assert.equal((await loginAt({ tls: elsewhere }, {})).verdict, 'unavailable tls-failed');
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  }
});

const found = (id: number): Buffer => encodeEntry(id, 'uid=alice', [['uid', ['alice']]]);
const onSearch =
  (raw: (id: number) => Buffer): FakeScript =>
  (request) =>
    request.op === 'search' ? { raw: raw(request.id) } : undefined;

const answers: readonly { name: string; script: FakeScript; want: string }[] = [
  { name: 'an inner length that lies', script: onSearch(lyingEntry), want: 'unavailable malformed-answer' },
  {
    name: '50,000 entries',
    script: onSearch((id) => Buffer.alloc(50_000 * found(id).length, found(id))),
    want: 'unavailable oversize-answer',
  },
  {
    name: 'an entry of two megabytes',
    script: onSearch((id) => encodeEntry(id, 'uid=x', [['photo', ['x'.repeat(2 ** 21)]]])),
    want: 'unavailable oversize-answer',
  },
  {
    name: 'an answer to a search that nobody made',
    script: (request) => (request.op === 'search' ? { raw: answerToAnother(request) } : undefined),
    want: 'unavailable malformed-answer',
  },
  {
    name: 'a bind result in answer to a search',
    script: onSearch((id) => encodeResult(id, 'bind', { code: 0 })),
    want: 'unavailable malformed-answer',
  },
  {
    name: 'a search result in answer to a bind',
    script: (request) =>
      request.op === 'bind' && request.password === 'pw'
        ? { raw: encodeResult(request.id, 'search', { code: 0 }) }
        : undefined,
    want: 'unavailable malformed-answer',
  },
  {
    name: 'an answer to another bind',
    script: (request) =>
      request.op === 'bind' && request.password === 'pw' ? { raw: answerToAnother(request) } : undefined,
    want: 'unavailable malformed-answer',
  },
  {
    name: 'a notice of disconnection',
    script: onSearch(() => encodeResult(0, 'extended', { code: 52 })),
    want: 'unavailable connection-failed',
  },
  {
    name: 'an entry without a DN',
    script: onSearch((id) =>
      Buffer.concat([encodeEntry(id, '', [['uid', ['alice']]]), encodeResult(id, 'search', { code: 0 })]),
    ),
    want: 'unavailable malformed-answer',
  },
  {
    name: 'a referral',
    script: onSearch((id) => encodeResult(id, 'search', { code: 10, referral: 'ldap://127.0.0.1:1/' })),
    want: 'unavailable referral',
  },
];

for (const { name, script, want } of answers) {
  void test(`the directory answers with ${name}: ${want}`, async () =>
    assert.equal((await loginAt({ script }, {})).verdict, want));
}
