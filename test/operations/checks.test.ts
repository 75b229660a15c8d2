// The health report, in the form that kube-apiserver prints its own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Check, healthReport, type Report } from '../../src/operations/checks.ts';

const OK: Check = { name: 'config', result: 'ok' };
const DEGRADED: Check = { name: 'provider/corp-ldap', result: 'degraded', detail: 'timeout: no answer' };
const FAILED: Check = { name: 'shutdown', result: 'failed', detail: 'draining' };

const rows: { name: string; given: [Check[], boolean]; want: Report }[] = [
  { name: 'all is well', given: [[OK], false], want: { healthy: true, text: 'ok' } },
  {
    name: 'all is well, verbose',
    given: [[OK], true],
    want: { healthy: true, text: '[+]config ok\nreadyz check passed\n' },
  },
  { name: 'an upstream is down', given: [[OK, DEGRADED], false], want: { healthy: true, text: 'ok' } },
  {
    name: 'an upstream is down, verbose',
    given: [[OK, DEGRADED], true],
    want: {
      healthy: true,
      text: '[+]config ok\n[-]provider/corp-ldap failed: timeout: no answer (degraded, still ready)\nreadyz check passed\n',
    },
  },
  {
    name: 'a check fails: all are shown unasked',
    given: [[OK, FAILED], false],
    want: { healthy: false, text: '[+]config ok\n[-]shutdown failed: draining\nreadyz check failed\n' },
  },
  {
    name: 'a failure without a detail',
    given: [[{ name: 'x', result: 'failed' }], true],
    want: { healthy: false, text: '[-]x failed: no detail\nreadyz check failed\n' },
  },
  { name: 'no checks', given: [[], false], want: { healthy: true, text: 'ok' } },
];

void describe('a report', () => {
  for (const { name, given, want } of rows)
    void test(name, () => assert.deepEqual(healthReport('readyz', ...given), want));
  void test('is of the endpoint that was asked', () => {
    assert.match(healthReport('livez', [OK], true).text, /^livez check passed$/m);
  });
});
