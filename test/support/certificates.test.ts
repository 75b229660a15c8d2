// The test authority makes what node:tls and X.509 parsers accept.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { issueLoopback, makeAuthority } from './certificates.ts';

void test('an issued certificate is signed by its authority and carries its names', () => {
  const authority = makeAuthority('test authority');
  const ca = new X509Certificate(authority.cert);
  const { cert } = authority.issue({
    commonName: 'kube-apiserver',
    organizations: ['system:masters'],
    names: ['localhost', '127.0.0.1', '::1', 'spiffe://cluster/apiserver'],
  });
  const issued = new X509Certificate(cert);
  assert.equal(ca.ca, true);
  assert.equal(issued.ca, false);
  assert.equal(issued.verify(ca.publicKey), true);
  assert.equal(issued.checkIssued(ca), true);
  assert.equal(issued.subject, 'O=system:masters\nCN=kube-apiserver');
  assert.equal(
    issued.subjectAltName,
    'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, URI:spiffe://cluster/apiserver',
  );
});

void test('a certificate may have ended already', () => {
  const { cert } = issueLoopback(makeAuthority('test authority'), { notAfter: new Date('2020-01-02T03:04:05Z') });
  assert.equal(new X509Certificate(cert).validToDate.toISOString(), '2020-01-02T03:04:05.000Z');
});
