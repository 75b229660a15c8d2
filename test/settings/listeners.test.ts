// Two listeners on one address: told before the second of them could not start.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorsOf, HEAD, PROVIDER } from './setup.ts';

const clash = (address: string, other: string): string =>
  `${address} is ${other}.address, too; every listener needs a port of its own`;

void describe('an address that two listeners have', () => {
  const rows: { name: string; given: string; want: readonly string[] }[] = [
    {
      name: 'is told at the later section',
      given: 'webhook: { address: "127.0.0.1:8443" }\noperations: { address: "127.0.0.1:8443" }\n',
      want: [`4:24: operations.address: ${clash('127.0.0.1:8443', 'webhook')}`],
    },
    {
      name: 'is told where it is written, when the other is a default',
      given: 'webhook: { address: "127.0.0.1:9090" }\n',
      want: [`3:21: webhook.address: ${clash('127.0.0.1:9090', 'operations')}`],
    },
    {
      name: 'is told at the one that took the default of another',
      given: 'operations: { address: "127.0.0.1:8443" }\n',
      want: [`3:24: operations.address: ${clash('127.0.0.1:8443', 'webhook')}`],
    },
    {
      name: 'is told behind other errors, with the brackets of IPv6',
      given: 'webhook: { address: "[::1]:1", tls: 5 }\noperations: { address: "[::1]:1" }\n',
      want: [
        '3:37: webhook.tls: must be a map, not a number',
        `4:24: operations.address: ${clash('[::1]:1', 'webhook')}`,
      ],
    },
    {
      name: 'is no error for free ports',
      given: 'webhook: { address: "127.0.0.1:0" }\noperations: { address: "127.0.0.1:0" }\n',
      want: [],
    },
    { name: 'nor for another host', given: 'operations: { address: "127.0.0.2:8443" }\n', want: [] },
    { name: 'nor with a portal that is not there', given: 'operations: { address: "127.0.0.1:8081" }\n', want: [] },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual(errorsOf(HEAD + given + PROVIDER), want));
  }
  void test('counts the portal, its default too', () => {
    const errors = errorsOf(
      `${HEAD}operations: { address: "127.0.0.1:8081" }\nportal: { signIn: { password: {} } }\n${PROVIDER}`,
    );
    assert.deepEqual(errors, [
      `3:24: operations.address: ${clash('127.0.0.1:8081', 'portal')}`,
      '4:1: portal: needs the section issuer',
    ]);
  });
});
