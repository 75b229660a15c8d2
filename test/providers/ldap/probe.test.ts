// `check --connect` says which step fails, and what to do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeStep } from '../../../src/core/provider.ts';
import { type FakeLdapOptions, startFakeLdap } from '../../support/fake-ldap.ts';
import { fakeGroup, fakePerson } from '../../support/fake-ldap-data.ts';
import { deadline } from '../../support/patience.ts';
import { BASES, BIND, GROUPS, openLdap, PEOPLE, SERVICE, TLS, tls } from './open-ldap.ts';

const GROUP = fakeGroup('devs', ['uid=alice']);

async function stepsOf(
  written: object,
  startTLS = false,
  change: Partial<FakeLdapOptions> = {},
): Promise<readonly string[]> {
  const users = [fakePerson('alice', 'pw')];
  const directory = await startFakeLdap({
    users,
    groups: [GROUP],
    others: [SERVICE, ...BASES],
    tls,
    startTLS,
    readers: [SERVICE.dn],
    ...change,
  });
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

const rows: readonly { name: string; given: object; change?: Partial<FakeLdapOptions>; want: readonly RegExp[] }[] = [
  {
    name: 'all is well',
    given: { groupSearch: { baseDN: GROUPS } },
    want: [...bound, ...users, /^ok: group base DN/, /^ok: groups below ou=groups,\S+ 1 of 1 seen have cn$/],
  },
  {
    name: 'groups that the filter cannot find',
    given: { groupSearch: { baseDN: GROUPS, filter: '(&(objectClass=posixGroup)(memberUid={uid}))' } },
    want: [
      ...bound,
      ...users,
      /^ok: group base DN/,
      /^warning: groups below .*sees none that groupSearch\.filter could/,
    ],
  },
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
    want: [
      ...bound,
      /^ok: user base/,
      /^warning: entries with mail below.*sees none/,
      /^warning: entries with memberOf/,
    ],
  },
  {
    name: 'memberOf that the bind may not read, without which nobody has groups',
    given: {},
    want: [...bound, ...users, /^warning: entries with memberOf below ou=people.*nobody has groups\. Grant it read/],
  },
  {
    name: 'memberOf that the bind reads',
    given: {},
    change: { users: [fakePerson('alice', 'pw', { memberOf: GROUP.dn })] },
    want: [...bound, ...users, /^ok: entries with memberOf below ou=people\S+$/],
  },
  {
    name: 'the in-chain rule at a server that is no Active Directory',
    given: {
      directory: 'activeDirectory',
      userSearch: { baseDN: PEOPLE, filter: '(uid={username})' },
      groupSearch: { baseDN: GROUPS },
    },
    want: [...bound, ...users, /^ok: group base DN/, /^ok: groups below/, /^warning: matching rule .*finds no group/],
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

for (const { name, given, change, want } of rows) {
  void test(`the probe: ${name}`, async () => {
    const steps = await stepsOf(given, false, change);
    assert.equal(steps.length, want.length, steps.join('\n'));
    for (const [index, pattern] of want.entries()) assert.match(steps[index] ?? '', pattern);
  });
}

const half = [GROUP, { dn: `ou=x,${GROUPS}`, attributes: { objectClass: 'groupOfNames', member: 'uid=alice' } }];
const samples: readonly { name: string; given: Partial<FakeLdapOptions>; want: RegExp }[] = [
  {
    name: 'groups without a name',
    given: { groups: half },
    want: /^warning: groups below \S+ 1 of 2 seen have cn; the others are left out/,
  },
  { name: 'a server that refuses pages', given: { limits: { page: 0 } }, want: /^ok: groups below \S+ 1 of 1 seen/ },
];
for (const { name, given, want } of samples) {
  void test(`the probe: ${name}`, async () => {
    const steps = await stepsOf({ groupSearch: { baseDN: GROUPS } }, false, given);
    assert.match(steps.at(-1) ?? '', want);
  });
}

void test('the probe: the words of the server are told, without what could steer a terminal', async () => {
  const diagnostic = `Insufficient search permissions\u0007\n${'x'.repeat(300)}`;
  const steps = await stepsOf({}, false, {
    script: (request) => (request.op === 'search' ? { code: 50, diagnostic } : undefined),
  });
  assert.match(
    steps.at(-1) ?? '',
    /^failed: user base DN .*\(insufficientAccessRights\), "Insufficient search permissions x{168}"\. Check/,
  );
});

void test('the probe: the service password is not told, even when the server repeats it', async () => {
  const steps = await stepsOf({}, false, {
    script: (request) => (request.op === 'bind' ? { code: 49, diagnostic: `${request.password} is wrong` } : undefined),
  });
  assert.match(steps.at(-1) ?? '', /result code 49 \(invalidCredentials\)\. Check/);
});

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
