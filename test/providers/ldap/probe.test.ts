// `check --connect` says which step fails, and what to do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeStep } from '../../../src/core/provider.ts';
import { startFakeLdap } from '../../support/fake-ldap.ts';
import { fakePerson } from '../../support/fake-ldap-data.ts';
import { deadline } from '../../support/patience.ts';
import { BASES, BIND, GROUPS, openLdap, PEOPLE, SERVICE, TLS, tls } from './open-ldap.ts';

async function stepsOf(written: object, startTLS = false): Promise<readonly string[]> {
  const users = [fakePerson('alice', 'pw')];
  const directory = await startFakeLdap({ users, others: [SERVICE, ...BASES], tls, startTLS, readers: [SERVICE.dn] });
  const url = directory.url;
  const { provider } = openLdap({
    urls: [url],
    tls: TLS,
    bind: BIND,
    userSearch: { baseDN: PEOPLE },
    startTLS,
    ...written,
  });
  const steps: ProbeStep[] = [];
  try {
    await provider.probe((step) => void steps.push(step), deadline(2000));
  } finally {
    await provider.close();
    await directory.close();
  }
  return steps.map(({ step, result, detail = '' }) => `${result}: ${step} ${detail}`.replaceAll(url, 'URL').trim());
}

const opened = [/^ok: resolve localhost .*127\.0\.0\.1|::1/, /^ok: connect to URL$/, /^ok: TLS with URL$/];
const bound = [...opened, /^ok: bind as cn=broker,.* at URL$/];
const users = [/^ok: user base DN/, /^ok: entries with uid below/];

const rows = [
  { name: 'all is well', given: { groupSearch: { baseDN: GROUPS } }, want: [...bound, ...users, /^ok: group base DN/] },
  {
    name: 'a wrong service password',
    given: { bind: { ...BIND, password: { env: 'WRONG' } } },
    want: [
      ...opened,
      /^failed: bind as \S+ at URL result code 49 \(invalidCredentials\)\. Check bind\.dn and its password\.$/,
    ],
  },
  {
    name: 'a user base that is not there',
    given: { userSearch: { baseDN: 'ou=nowhere,dc=x' } },
    want: [...bound, /^failed: user base DN ou=nowhere,dc=x the server shows no such entry\. Check the spelling/],
  },
  {
    name: 'nobody with the attribute',
    given: { userSearch: { baseDN: PEOPLE, filter: '(mail={username})' } },
    want: [...bound, /^ok: user base/, /^warning: entries with mail below.*sees none/],
  },
  {
    name: 'the in-chain rule at a server that is no Active Directory',
    given: {
      directory: 'activeDirectory',
      userSearch: { baseDN: PEOPLE, filter: '(uid={username})' },
      groupSearch: { baseDN: GROUPS },
    },
    want: [...bound, ...users, /^ok: group base DN/, /^warning: matching rule .*finds no group/],
  },
  {
    name: 'no service account',
    given: { bind: undefined, userDN: `uid={username},${PEOPLE}` },
    want: [...opened, /^ok: LDAP answer$/, /^warning: base DNs not looked at/],
  },
  {
    name: 'a name that is not on the certificate',
    given: { tls: { ...TLS, serverName: 'elsewhere.example' } },
    want: [
      ...opened.slice(0, 2),
      /^failed: TLS with URL ERR_TLS_CERT_ALTNAME_INVALID: Host: .* cert's altnames: [^.]*DNS:localhost[^;]*\. Use one of these names as host, or set tls\.serverName to one\.$/,
    ],
  },
  {
    name: 'an authority that is not known',
    given: { tls: undefined },
    want: [
      ...opened.slice(0, 2),
      /^failed: TLS with URL [A-Z_]+: [a-z ]+\. Set tls\.caFile to the authority that signed the certificate\.$/,
    ],
  },
];

for (const { name, given, want } of rows) {
  void test(`the probe: ${name}`, async () => {
    const steps = await stepsOf(given);
    assert.equal(steps.length, want.length, steps.join('\n'));
    for (const [index, pattern] of want.entries()) assert.match(steps[index] ?? '', pattern);
  });
}

void test('the probe: StartTLS is a step of its own', async () => {
  const steps = await stepsOf({}, true);
  assert.deepEqual(steps.slice(1, 4), ['ok: connect to URL', 'ok: StartTLS with URL', 'ok: TLS with URL']);
});

void test('the probe: a name that does not resolve, and the next server is probed all the same', async () => {
  const { provider } = openLdap({
    urls: ['ldaps://no-such-host.invalid', 'ldaps://localhost:1'],
    bind: BIND,
    userSearch: { baseDN: PEOPLE },
  });
  const steps: ProbeStep[] = [];
  await provider.probe((step) => void steps.push(step), deadline(2000));
  await provider.close();
  const [unresolved, ...others] = steps.map(({ step, result, detail = '' }) => `${result}: ${step}: ${detail}`);
  assert.match(
    unresolved ?? '',
    /^failed: resolve no-such-host\.invalid: (ENOTFOUND|EAI_AGAIN): The upstream's name does not resolve\. Check/,
  );
  assert.match(others[0] ?? '', /^ok: resolve localhost: /);
  assert.deepEqual(others.slice(1), [
    'failed: connect to ldaps://localhost:1: ECONNREFUSED: Nothing listens at the upstream address. Start the upstream; check host and port.',
  ]);
});

void test('the probe: a port that does not speak TLS', async () => {
  const directory = await startFakeLdap({ users: [], tls, startTLS: true });
  const url = directory.url.replace('ldap:', 'ldaps:');
  const { provider } = openLdap({ urls: [url], tls: TLS, bind: BIND, userSearch: { baseDN: PEOPLE } });
  const steps: ProbeStep[] = [];
  await provider.probe((step) => void steps.push(step), deadline(3000));
  await provider.close();
  await directory.close();
  const last = steps.at(-1);
  assert.deepEqual([last?.step, last?.result], [`TLS with ${url}`, 'failed']);
  assert.doesNotMatch(last?.detail ?? '', /check --connect|ldaps?:/);
});
