// Addresses to listen at, and what counts as loopback.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress, isLoopbackHost, parseAddress } from '../../src/core/listening.ts';

void describe('addresses', () => {
  const rows: { name: string; given: string; want: string | undefined }[] = [
    { name: 'IPv4', given: '127.0.0.1:8443', want: '127.0.0.1:8443' },
    { name: 'a name', given: 'localhost:0', want: 'localhost:0' },
    { name: 'IPv6', given: '[::1]:65535', want: '[::1]:65535' },
    { name: 'a port alone listens everywhere', given: ':8443', want: '0.0.0.0:8443' },
    { name: 'no port', given: '127.0.0.1', want: undefined },
    { name: 'an empty port', given: '127.0.0.1:', want: undefined },
    { name: 'a port over 65535', given: '127.0.0.1:65536', want: undefined },
    { name: 'a port that is no number', given: '127.0.0.1:http', want: undefined },
    { name: 'IPv6 without brackets', given: '::1:80', want: undefined },
    { name: 'a URL', given: 'http://127.0.0.1:80', want: undefined },
    { name: 'a line break behind it', given: '127.0.0.1:80\n', want: undefined },
    { name: 'nothing', given: '', want: undefined },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const address = parseAddress(given);
      assert.equal(address && formatAddress(address), want);
    });
  }
});

void describe('loopback', () => {
  for (const host of ['127.0.0.1', '127.255.0.9', '::1', '[::1]', 'localhost', 'LOCALHOST']) {
    void test(host, () => assert.equal(isLoopbackHost(host), true));
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.0.0.1.evil.example',
    '127.evil',
    'localhost.evil',
    '',
    '128.0.0.1',
  ]) {
    void test(`not ${JSON.stringify(host)}`, () => assert.equal(isLoopbackHost(host), false));
  }
});
