// One person under many names, at several providers of one directory: never locked, let in, and nothing tells who exists.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inOrder } from '../../support/settled.ts';
import { slapdMissing } from '../rig/slapd.ts';
import { PEOPLE, SUFFIX } from '../rig/slapd-data.ts';
import { inFlight } from '../support/in-flight.ts';
import { tally } from './support/load.ts';
import { startWorld, type World } from './support/world.ts';

/** The directory locks one above what one broker sends at most: max, and one password that was right and is changed. */
const DIRECTORY_LOCKS_AT = 6;
const FAILED_PASSWORDS = { max: 4, window: '5m' };
const PATHS = ['/corp-ldap', '/everybody', '/by-template', '/authenticate'];

const FORMS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
];

/** Every way to name `user<number>` at the directory. */
function namesOf(user: string): readonly string[] {
  const mail = `${user}@itest.test`;
  return [user, user.toUpperCase(), ` ${user}`, `${user} `, mail, mail.toUpperCase(), ` ${mail}`, `ｕ${user.slice(1)}`];
}

/** A wrong password of its own for each name, provider and form of the token. */
function guessesAt(user: string): readonly { readonly path: string; readonly token: string }[] {
  return namesOf(user).flatMap((name, at) =>
    PATHS.flatMap((path) => FORMS.map((form, index) => ({ path, token: form(`${name}:guess ${at}${index}${path}`) }))),
  );
}

void describe('one person under many names', { skip: slapdMissing() }, () => {
  let world: World;
  before(async () => {
    world = await startWorld({
      maxFailures: DIRECTORY_LOCKS_AT,
      settings: { cache: { authenticatedTTL: '0s', rejectedTTL: '0s' }, limits: { failedPasswords: FAILED_PASSWORDS } },
      directories: (entry) => [
        { ...entry, options: { ...entry.options, userSearch: byNameOrMail(PEOPLE) } },
        { ...entry, name: 'everybody', options: { ...entry.options, userSearch: byNameOrMail(SUFFIX) } },
        {
          ...entry,
          name: 'by-template',
          options: { ...entry.options, userSearch: undefined, userDN: `uid={username},${PEOPLE}` },
        },
      ],
    });
  });
  after(() => world?.stop());

  async function noted(user: string): Promise<{ readonly failures: number; readonly locked: number }> {
    const { pwdFailureTime = [], pwdAccountLockedTime = [] } = await world.slapd.operationalAttributes(
      `uid=${user},${PEOPLE}`,
    );
    return { failures: pwdFailureTime.length, locked: pwdAccountLockedTime.length };
  }
  const review = ({ path, token }: { readonly path: string; readonly token: string }) =>
    world.client.review(token, { path });

  for (const [user, atOnce] of [
    ['user1', 1],
    ['user2', 20],
  ] as const) {
    void it(`${guessesAt(user).length} guesses, ${atOnce} at a time, by every name, provider and form of the token: not locked`, async (t) => {
      const answers = await inFlight(guessesAt(user), atOnce, review);
      const { failures, locked } = await noted(user);
      t.diagnostic(`${JSON.stringify(tally(answers))}, ${failures} failures noted`);
      assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rejected', 'unavailable']);
      assert.deepEqual([failures <= FAILED_PASSWORDS.max, locked], [true, 0], `${failures} failures, locked ${locked}`);
    });
  }

  void it('the owner whose password was right within the hour is let in by name and by mail, at every provider', async () => {
    const owner = (name: string, path: string) => review({ path, token: `${name}:pw-user3` });
    assert.equal((await owner('user3', '/everybody')).outcome, 'authenticated');
    await inFlight(guessesAt('user3'), 10, review);
    const { failures, locked } = await noted('user3');
    assert.ok(failures <= FAILED_PASSWORDS.max && locked === 0, `${failures} failures, locked ${locked}`);
    assert.equal((await owner('user3', '/everybody')).outcome, 'authenticated');
  });

  void it('a password that was right by every name, and is changed, is one failure more', async () => {
    const names = ['user4', 'user4@itest.test', 'USER4'];
    const logins = names.flatMap((name) => PATHS.slice(0, 2).map((path) => ({ path, token: `${name}:pw-user4` })));
    assert.deepEqual(tally(await inFlight(logins, 1, review)), { authenticated: logins.length });
    await world.slapd.ldapmodify(
      `dn: uid=user4,${PEOPLE}\nchangetype: modify\nreplace: userPassword\nuserPassword: changed\n`,
    );
    await inFlight(guessesAt('user4'), 10, review);
    await inFlight(logins, 5, review);
    const { failures, locked } = await noted('user4');
    assert.ok(failures <= FAILED_PASSWORDS.max + 1 && locked === 0, `${failures} failures, locked ${locked}`);
  });

  void it('the answers to a name that nobody has are those to a name that somebody has', async () => {
    const outcomesOf = async (name: string, path: string) =>
      inOrder(spellings(name), async (typed, index) => {
        const { outcome, body, id = '' } = await review({ path, token: `${typed}:guess ${index}` });
        return `${outcome} ${body.replace(id, 'id')}`;
      });
    const missing = await outcomesOf('user9999', '/everybody');
    assert.deepEqual(await outcomesOf('user5', '/everybody'), missing);
    assert.deepEqual(
      missing.map((answer) => answer.split(' ')[0]),
      spellings('').map((_, index) => (index < FAILED_PASSWORDS.max ? 'rejected' : 'unavailable')),
    );
    assert.deepEqual(await outcomesOf('user6', '/by-template'), await outcomesOf('user9998', '/by-template'));
  });
});

function spellings(name: string): readonly string[] {
  return [name, name.toUpperCase(), ` ${name}`, name, `${name} `, name, name, name];
}

function byNameOrMail(baseDN: string): object {
  return { baseDN, filter: '(|(uid={username})(mail={username}))' };
}
