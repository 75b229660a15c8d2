// Names in a certificate as Go's crypto/x509 takes them.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { nameFault } from '../../../src/cli/verify/target.ts';
import { makeAuthority } from '../../support/certificates.ts';

const authority = makeAuthority('test authority');

const rows = [
  { name: 'the very name', names: ['broker.example'], given: 'broker.example', want: true },
  { name: 'the name in other case', names: ['Broker.Example'], given: 'broker.EXAMPLE', want: true },
  { name: 'another name', names: ['broker.example'], given: 'other.example', want: false },
  { name: 'a name below', names: ['example.org'], given: 'a.example.org', want: false },
  { name: 'a wildcard', names: ['*.example.org'], given: 'a.example.org', want: true },
  { name: 'a wildcard of one label', names: ['*.local'], given: 'broker.local', want: true },
  { name: 'a wildcard for two labels', names: ['*.example.org'], given: 'a.b.example.org', want: false },
  { name: 'a wildcard for none', names: ['*.example.org'], given: 'example.org', want: false },
  { name: 'a wildcard inside a label', names: ['b*.example.org'], given: 'broker.example.org', want: false },
  { name: 'a name that holds a comma', names: ['a, DNS:b.example'], given: 'b.example', want: false },
  { name: 'an address', names: ['10.0.0.1', '::1'], given: '::1', want: true },
  { name: 'another address', names: ['10.0.0.1'], given: '10.0.0.2', want: false },
  {
    name: 'an address that is there as a name only',
    names: ['x', 'spiffe://10.0.0.1'],
    given: '10.0.0.1',
    want: false,
  },
  { name: 'a common name alone', names: [], given: 'broker.example', want: false },
];

for (const { name, names, given, want } of rows) {
  void test(`${name} is ${want ? 'good' : 'refused'}`, () => {
    const { cert } = authority.issue({ commonName: 'broker.example', names });
    assert.equal(nameFault(new X509Certificate(cert), given) === undefined, want);
  });
}
