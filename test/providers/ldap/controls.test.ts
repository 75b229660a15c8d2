// Controls: sent only where the server says that it knows them, and never with a default written out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeLdap, type FakeLdapOptions, isRootDse, startFakeLdap } from '../../support/fake-ldap.ts';
import { decodeRequest, integer, tlv } from '../../support/fake-ldap-codec.ts';
import { fakePerson } from '../../support/fake-ldap-data.ts';
import type { FakeScript } from '../../support/fake-ldap-session.ts';
import { steppingClock } from '../../support/seams.ts';
import { BASES, inDirectory, openLdap, outcome, PEOPLE, SERVICE, TLS, tls } from './open-ldap.ts';

const POLICY = '1.3.6.1.4.1.42.2.27.8.5.1';

const users = [fakePerson('alice', 'pw')];
const control = (...more: readonly Buffer[]) => tlv(0xa0, tlv(0x30, tlv(0x04, POLICY), ...more));
const userBinds = (directory: FakeLdap) =>
  directory.binds.filter(({ dn }) => dn !== SERVICE.dn).map(({ controls }) => controls);
const onRootDse =
  (reply: ReturnType<FakeScript>): FakeScript =>
  (request) =>
    isRootDse(request) ? reply : undefined;

const rows: readonly {
  name: string;
  given: Partial<FakeLdapOptions>;
  written?: object;
  asked: number;
  want: object;
}[] = [
  { name: 'asked for where the server knows it', given: {}, asked: 1, want: [[POLICY], [POLICY]] },
  { name: 'not sent where it does not', given: { supportedControl: [] }, asked: 1, want: [[], []] },
  {
    name: 'neither sent nor looked for when it is off',
    given: {},
    written: { passwordPolicy: false },
    asked: 0,
    want: [[], []],
  },
  {
    name: 'not sent where strangers may not ask',
    given: { script: onRootDse({ code: 48 }) },
    asked: 1,
    want: [[], []],
  },
  {
    name: 'not sent where strangers get a refusal and a goodbye',
    given: { script: onRootDse({ code: 50, hangsUp: true }) },
    asked: 1,
    want: [[], []],
  },
  {
    name: 'not sent where strangers who ask are hung up on',
    given: { script: onRootDse('drop') },
    asked: 1,
    want: [[], []],
  },
];

for (const { name, given, written = {}, asked, want } of rows) {
  void test(`the password policy control is ${name}, once per connection`, () =>
    inDirectory({ users, ...given }, written, async ({ login }, directory) => {
      assert.deepEqual(
        [outcome(await login('alice', 'pw')), outcome(await login('alice', 'pw'))],
        ['authenticated', 'authenticated'],
      );
      assert.deepEqual([directory.rootDseReads(), userBinds(directory)], [asked, want]);
    }));
}

void test('without kept connections the server is asked once a minute, and anew when a bind had no answer', async () => {
  const clock = steppingClock();
  let isSilent = false;
  const script: FakeScript = (request) => (isSilent && request.op === 'bind' ? 'drop' : undefined);
  const directory = await startFakeLdap({ users, others: BASES, tls, script });
  const userDN = `uid={username},${PEOPLE}`;
  const { login, provider } = openLdap({ urls: [directory.url], tls: TLS, userDN }, { clock });
  const reads: (readonly [string, number])[] = [];
  const once = async (): Promise<void> =>
    void reads.push([outcome(await login('alice', 'pw')), directory.rootDseReads()]);
  await once();
  await once();
  clock.step(59_999);
  await once();
  clock.step(1);
  await once();
  isSilent = true;
  await once();
  isSilent = false;
  await once();
  await provider.close();
  await directory.close();
  assert.deepEqual(reads, [
    ['authenticated', 1],
    ['authenticated', 1],
    ['authenticated', 1],
    ['authenticated', 2],
    ['unavailable connection-failed', 2],
    ['authenticated', 3],
  ]);
  assert.deepEqual(
    userBinds(directory),
    Array.from({ length: 6 }, () => [POLICY]),
  );
});

void test('the service account binds, and searches, without any control', () =>
  inDirectory({ users }, {}, async ({ login }, directory) => {
    await login('alice', 'pw');
    assert.deepEqual(directory.binds[0]?.controls, []);
    assert.deepEqual(
      directory.searches.flatMap(({ controls }) => controls),
      [],
    );
  }));

void test('the strict server that these tests run against refuses a default that is written out', () => {
  const bind = tlv(0x60, integer(3), tlv(0x04, 'cn=x'), tlv(0x80, 'pw'));
  const message = (controls: Buffer) => tlv(0x30, integer(1), bind, controls);
  assert.equal(decodeRequest(message(control())).op, 'bind');
  assert.throws(() => decodeRequest(message(control(tlv(0x01, Buffer.from([0]))))), /criticality FALSE/);
});
