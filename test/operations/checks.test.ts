// The health report, in the form that kube-apiserver prints its own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Asked, type Check, healthReport, type Report } from '../../src/operations/checks.ts';

const OK: Check = { name: 'config', result: 'ok' };
const DEGRADED: Check = { name: 'provider/corp-ldap', result: 'degraded', detail: 'timeout: no answer' };
const FAILED: Check = { name: 'shutdown', result: 'failed', detail: 'draining' };

const rows: { name: string; given: [Check[], Asked]; want: Report }[] = [
  { name: 'all is well', given: [[OK], {}], want: { healthy: true, text: 'ok' } },
  {
    name: 'all is well, verbose',
    given: [[OK], { verbose: true }],
    want: { healthy: true, text: '[+]config ok\nreadyz check passed\n' },
  },
  { name: 'an upstream is down', given: [[OK, DEGRADED], {}], want: { healthy: true, text: 'ok' } },
  {
    name: 'an upstream is down, verbose',
    given: [[OK, DEGRADED], { verbose: true }],
    want: {
      healthy: true,
      text: '[+]config ok\n[-]provider/corp-ldap failed: timeout: no answer (degraded, still ready)\nreadyz check passed\n',
    },
  },
  {
    name: 'a check fails: all are shown unasked',
    given: [[OK, FAILED], {}],
    want: { healthy: false, text: '[+]config ok\n[-]shutdown failed: draining\nreadyz check failed\n' },
  },
  {
    name: 'a failure without a detail',
    given: [[{ name: 'x', result: 'failed' }], { verbose: true }],
    want: { healthy: false, text: '[-]x failed: no detail\nreadyz check failed\n' },
  },
  {
    name: 'what fails is excluded',
    given: [[OK, FAILED], { exclude: ['shutdown'] }],
    want: { healthy: true, text: 'ok' },
  },
  {
    name: 'what fails is excluded, verbose, beside a name that is none',
    given: [[OK, FAILED], { verbose: true, exclude: ['shutdown', 'x"\u001b[0m'] }],
    want: {
      healthy: true,
      text: '[+]config ok\n[+]shutdown excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x\\"\\u001b[0m"\nreadyz check passed\n',
    },
  },
  {
    name: 'another one is excluded',
    given: [[OK, FAILED], { exclude: ['config'] }],
    want: { healthy: false, text: '[+]config excluded: ok\n[-]shutdown failed: draining\nreadyz check failed\n' },
  },
  { name: 'no checks', given: [[], {}], want: { healthy: true, text: 'ok' } },
];

void describe('a report', () => {
  for (const { name, given, want } of rows)
    void test(name, () => assert.deepEqual(healthReport('readyz', ...given), want));
  void test('is of the endpoint that was asked', () => {
    assert.match(healthReport('livez', [OK], { verbose: true }).text, /^livez check passed$/m);
  });
});
