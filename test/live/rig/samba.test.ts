// Proves that the live Active Directory refuses each account for the reason that it was made for.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makePki } from './pki.ts';
import { type Samba, sambaMissing, startSamba } from './samba.ts';
import { AD_ODD_GROUP, AD_USERS } from './samba-config.ts';
import { temporaryFolder } from './temp.ts';
import { takeDown } from './undo.ts';

void describe('Samba', { skip: sambaMissing() }, () => {
  let samba: Samba;
  before(async () => {
    samba = await startSamba({ pki: makePki(temporaryFolder('pki')) });
  });
  after(() => samba.stop());

  for (const [name, user] of Object.entries(AD_USERS)) {
    const want = 'code' in user ? { code: 49, subCode: user.code } : { code: 0, subCode: undefined };
    void test(`${name} with the right password gets ${want.subCode ?? 'in'}`, async () => {
      assert.deepEqual(await samba.bind(user.upn, user.password), want);
    });
  }

  const refusals = [
    { name: 'a wrong password is 52e', upn: AD_USERS.bob.upn },
    { name: 'an unknown user is 52e', upn: 'nobody@ad.itest.test' },
    { name: 'a wrong password of a disabled account is 52e', upn: AD_USERS.disabled.upn },
  ];
  for (const { name, upn } of refusals) {
    void test(name, async () => assert.deepEqual(await samba.bind(upn, 'wrong'), { code: 49, subCode: '52e' }));
  }

  void test('DOMAIN\\name binds, with colons and umlauts in the password', async () => {
    assert.equal((await samba.bind('ADITEST\\bob', AD_USERS.bob.password)).code, 0);
  });

  void test('three wrong passwords lock an account until samba-tool unlocks it', async () => {
    const { upn, password } = AD_USERS.carol;
    await samba.lock(upn);
    assert.equal((await samba.bind(upn, password)).subCode, '775');
    await samba.unlock('carol');
    assert.equal((await samba.bind(upn, password)).code, 0);
  });

  void test('the chain rule finds nested groups, and an odd name is found as it is', async () => {
    const nested = '(memberOf:1.2.840.113556.1.4.1941:=CN=all,OU=Groups,DC=ad,DC=itest,DC=test)';
    assert.match(await samba.search(nested, ['sAMAccountName']), /^sAMAccountName: alice$/m);
    const odd = await samba.search(`(sAMAccountName=${AD_ODD_GROUP.sAMAccountName})`, ['cn']);
    assert.ok(odd.includes(`cn:: ${Buffer.from(AD_ODD_GROUP.cn).toString('base64')}`), odd);
  });

  void test('manygroups is in 2,000 groups', async () => {
    const ldif = await samba.search('(sAMAccountName=manygroups)', ['memberOf']);
    assert.equal(ldif.match(/^memberOf: /gm)?.length, 2000);
  });

  void test('a stopped server refuses connections, and a started one has the same port and data', async (t) => {
    await takeDown(t, samba);
    assert.equal((await samba.bind(AD_USERS.alice.upn, AD_USERS.alice.password)).code, 255);
    await samba.start();
    assert.equal((await samba.bind(AD_USERS.alice.upn, AD_USERS.alice.password)).code, 0);
  });
});
