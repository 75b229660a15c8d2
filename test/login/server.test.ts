// Which addresses a password may be sent to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServer, shownServer } from '../../src/login/server.ts';

const good = [
  { name: 'a host', given: 'https://broker.corp.example', want: 'https://broker.corp.example' },
  { name: 'one spelling for many', given: 'HTTPS://Broker.corp.example:443/', want: 'https://broker.corp.example' },
  { name: 'a path is a prefix', given: 'https://corp.example/auth//', want: 'https://corp.example/auth' },
  { name: 'plain http on 127.0.0.1', given: 'http://127.0.0.1:8081', want: 'http://127.0.0.1:8081' },
  { name: 'plain http on ::1', given: 'http://[::1]:8081', want: 'http://[::1]:8081' },
  { name: 'plain http on localhost', given: 'http://localhost', want: 'http://localhost' },
];
for (const { name, given, want } of good) {
  void test(name, () => {
    const server = parseServer(given);
    assert.equal(server.ok && shownServer(server.url), want);
    assert.ok(server.ok && server.url.href.endsWith('/'), 'what is relative to it stays below it');
  });
}

const bad = [
  { name: 'no scheme', given: 'broker.corp.example', want: /must be a URL/ },
  { name: 'another scheme', given: 'ldap://broker', want: /must be a URL/ },
  { name: 'plain http', given: 'http://broker.corp.example', want: /must be https/ },
  { name: 'a name that looks like loopback', given: 'http://localhost.example', want: /must be https/ },
  { name: 'a private address', given: 'http://10.0.0.1', want: /must be https/ },
  { name: 'a user', given: 'https://alice@broker', want: /must not have a user/ },
  { name: 'a query', given: 'https://broker/?a', want: /must not have a query/ },
  { name: 'a fragment', given: 'https://broker/#a', want: /must not have a query or a fragment/ },
];
for (const { name, given, want } of bad) {
  void test(`refused: ${name}`, () => {
    const server = parseServer(given);
    assert.match(server.ok ? '' : server.why, want);
  });
}
