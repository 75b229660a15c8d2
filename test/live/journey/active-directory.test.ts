// Active Directory behind the broker: every way to write a name, every state of an account, every odd name.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sambaMissing } from '../rig/samba.ts';
import { AD_NESTED_GROUPS, AD_ODD_GROUP, AD_USERS } from '../rig/samba-config.ts';
import { takeDown } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import { outcomeOf, type ReviewAnswer } from '../support/review.ts';
import { type AdWorld, CHAIN_RULE, DIRECT, MEMBER_OF, startAdWorld } from './active-directory-world.ts';

const MAX_GROUPS = 1000;
const userOf = ({ status, text }: ReviewAnswer) => {
  assert.ok(status.user !== undefined, text);
  return status.user;
};
function listOf(value: unknown): readonly string[] {
  assert.ok(Array.isArray(value));
  return value.map(String);
}

const grouped = (names: readonly string[]) => names.map((name) => `ad:${name}`).toSorted();

void describe('Active Directory behind the broker', { skip: sambaMissing() }, () => {
  let world: AdWorld;
  before(async () => {
    world = await startAdWorld();
  });
  after(() => world?.stop());

  const ask = (name: string, password: string, path?: string) =>
    world.broker.review(`${name}:${password}`, path === undefined ? {} : { path });
  const aliceGroups = grouped([...AD_NESTED_GROUPS, AD_ODD_GROUP.cn, 'Domain Users']);

  const spellings = [
    { name: 'the userPrincipalName', given: AD_USERS.alice.upn },
    { name: 'the sAMAccountName', given: 'alice' },
    { name: 'another case', given: 'ALICE' },
    { name: 'DOMAIN\\name, cut by login', given: 'ADITEST\\alice' },
  ];
  for (const { name, given } of spellings) {
    void it(`${name} is one and the same user, with objectGUID as uid, nested groups and the primary group`, async () => {
      const { username, uid, groups } = userOf(await ask(given, AD_USERS.alice.password));
      assert.deepEqual([username, uid], ['ad:alice', await world.guidOf('alice')]);
      assert.deepEqual(groups.toSorted(), aliceGroups);
    });
  }

  void it('the domain controller finds the same groups of groups by its own rule', async () => {
    const { groups } = await waitFor('an answer in time, however slow the machine', async () => {
      const { status } = await ask('alice', AD_USERS.alice.password, CHAIN_RULE);
      return status.user;
    });
    assert.deepEqual(groups.toSorted(), aliceGroups);
  });

  void it('without a service account the user reads the own entry, and is the same user', async () => {
    const { username, uid, groups } = userOf(await ask('alice', AD_USERS.alice.password, DIRECT));
    assert.deepEqual([username, uid], ['ad:alice', await world.guidOf('alice')]);
    assert.deepEqual(groups.toSorted(), aliceGroups);
  });

  void it('a userPrincipalName of another domain and a password with colon and umlauts', async () => {
    assert.equal(userOf(await ask(AD_USERS.carol.upn, AD_USERS.carol.password)).username, 'ad:carol');
    const bob = userOf(await ask(AD_USERS.bob.upn, AD_USERS.bob.password));
    assert.deepEqual([bob.username, bob.groups.toSorted()], ['ad:bob', grouped([...AD_NESTED_GROUPS, 'Domain Users'])]);
  });

  void it('parentheses, comma, backslash, umlaut and CJK in the names of a user and of a group', async () => {
    const { password, upn } = AD_USERS.jmueller;
    for (const login of [upn, 'jmueller']) {
      // oxlint-disable-next-line no-await-in-loop -- one spelling after the other
      const { username, groups } = userOf(await ask(login, password));
      assert.equal(username, 'ad:jmueller');
      assert.deepEqual(groups.toSorted(), grouped([AD_ODD_GROUP.cn, 'Domain Users']));
    }
    assert.equal(outcomeOf(await ask('*', password)), 'rejected');
    assert.equal(outcomeOf(await ask('jm*', password)), 'rejected');
  });

  const refusals = [
    { name: 'disabled', want: 'account-disabled' },
    { name: 'expired', want: 'account-expired' },
    { name: 'mustchange', want: 'password-must-change' },
    { name: 'oldpassword', want: 'password-expired' },
    { name: 'nohours', want: 'logon-restricted' },
    { name: 'otherdesk', want: 'logon-restricted' },
    { name: 'locked', want: 'account-locked' },
  ] as const;
  for (const { name, want } of refusals) {
    const { upn, password } = AD_USERS[name];
    void it(`${name}: explain says ${want}, and the wire says what it says of a wrong password`, async () => {
      const unknown = await ask(`not-${name}`, 'wrong');
      const refusal = await ask(upn, password);
      assert.equal(outcomeOf(unknown), 'rejected');
      assert.equal(refusal.text, unknown.text);
      assert.equal((await world.broker.lineOf(refusal))['reason'], want);
      const { exitCode, explanation } = await world.explain(`${upn}:${password}`);
      assert.deepEqual([exitCode, explanation.verdict.kind, explanation.verdict.reason], [1, 'rejected', want]);
      assert.deepEqual(explanation.tokenReview, JSON.parse(refusal.text.replace('v1beta1', 'v1')));
    });
  }

  void it('a wrong password of a disabled account is a wrong password, for whoever does not know it', async () => {
    const { verdict } = (await world.explain(`${AD_USERS.disabled.upn}:wrong`)).explanation;
    assert.deepEqual([verdict.kind, verdict.reason], ['rejected', 'wrong-password']);
  });

  void it('an account that is locked and unlocked is let in as soon as the refusal has been forgotten', async () => {
    const { upn, password } = AD_USERS.carol;
    await world.samba.lock(upn);
    const refusal = await world.broker.review(`${upn}:${password}`, { audiences: ['asked for the first time'] });
    assert.equal((await world.broker.lineOf(refusal))['reason'], 'account-locked');
    await world.samba.unlock('carol');
    const letIn = await waitFor('carol to be let in', async () => {
      const answer = await ask('carol', password);
      return answer.status.authenticated ? answer : undefined;
    });
    assert.equal(userOf(letIn).username, 'ad:carol');
  });

  void it('of 2,000 groups and the primary one the first 1,000 are kept, and explain names every one that is dropped', async () => {
    const { upn, password } = AD_USERS.manygroups;
    const { groups } = userOf(await ask(upn, password, MEMBER_OF));
    assert.equal(groups.length, MAX_GROUPS);
    const { exitCode, explanation } = await world.explain(`${upn}:${password}`, MEMBER_OF);
    assert.equal(exitCode, 0);
    const provider = explanation.providers.find(({ verdict }) => verdict?.kind === 'authenticated');
    const mapped = listOf(provider?.mappings.find(({ field }) => field === 'groups')?.value);
    assert.deepEqual(explanation.tokenReview.status.user?.groups, mapped.slice(0, MAX_GROUPS));
    assert.deepEqual(
      provider?.dropped,
      mapped.slice(MAX_GROUPS).map((group) => ({ group, why: 'over maxGroups' })),
    );
    const all = ['Domain Users', ...Array.from({ length: 2000 }, (_, n) => `many-${String(n).padStart(4, '0')}`)];
    assert.deepEqual(mapped.toSorted(), grouped(all));
  });

  void it('a stopped domain controller is unavailable and no refusal, and is over when it is back', async (t) => {
    await takeDown(t, world.samba);
    assert.equal(outcomeOf(await ask(AD_USERS.carol.upn, 'not asked before')), 'unavailable');
    const { exitCode, explanation } = await world.explain(`${AD_USERS.carol.upn}:${AD_USERS.carol.password}`);
    assert.deepEqual([exitCode, explanation.verdict.kind], [3, 'unavailable']);
    await world.samba.start();
    await waitFor('carol to be let in', async () =>
      (await ask('carol', AD_USERS.carol.password)).status.authenticated ? true : undefined,
    );
  });
});
