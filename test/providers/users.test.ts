// The users provider: the contract, its verdicts, and what its file may say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { hash } from 'bcryptjs';
import { stringify } from 'yaml';
import { hashPassword } from '../../providers/users/password-hash.ts';
import { users } from '../../providers/users.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { reviewOf } from '../contract/provider-run.ts';
import { passwordCredential } from '../contract/provider-world.ts';
import { optionsOf, parseOptions } from '../support/options.ts';
import { testSeams } from '../support/seams.ts';

const PATH = '/etc/broker/users.yaml';
const BCRYPT = await hash('right', 4);
const LONG = 'x'.repeat(72);
const BCRYPT_LONG = await hash(LONG, 4);
const ARGON2ID = await hashPassword('right');

providerContract({
  name: 'users',
  accepts: 'password',
  wrongSecret: { kind: 'rejected', reason: 'wrong-password' },
  faults: false,
  open: async (accounts, seams) => {
    const entries = accounts.map(async ({ name, secret }) => ({
      username: name,
      passwordHash: await hash(secret, 4),
      uid: `uid of ${name}`,
      groups: ['devs', 'ops'],
      attributes: { department: { number: 7 } },
    }));
    const options = optionsOf(users, { file: 'users.yaml' }, { [PATH]: stringify(await Promise.all(entries)) });
    return {
      provider: users.open(options, seams),
      credentialOf: passwordCredential,
      claimsOf: ({ name }) => ({
        subject: `uid of ${name}`,
        attributes: {
          username: name,
          uid: `uid of ${name}`,
          groups: ['devs', 'ops'],
          attributes: Object.assign(Object.create(null), {
            department: Object.assign(Object.create(null), { number: 7 }),
          }),
        },
      }),
      close: async () => undefined,
    };
  },
});

function fileOf(...entries: readonly object[]): Readonly<Record<string, string>> {
  return { [PATH]: stringify(entries) };
}

async function login(files: Readonly<Record<string, string>>, name: string, secret: string, signal?: AbortSignal) {
  const provider = users.open(optionsOf(users, { file: 'users.yaml' }, files), testSeams());
  const credential = passwordCredential({ name, secret });
  return provider.authenticate(reviewOf(credential), signal ?? new AbortController().signal);
}

void describe('a login', () => {
  const alice = { username: 'alice', passwordHash: BCRYPT };
  const rows = [
    { name: 'bcrypt $2b$', given: [alice], as: ['alice', 'right'], want: 'authenticated' },
    {
      name: 'bcrypt $2y$, as htpasswd writes it',
      given: [{ ...alice, passwordHash: BCRYPT.replace('$2b$', '$2y$') }],
      as: ['alice', 'right'],
      want: 'authenticated',
    },
    { name: 'argon2id', given: [{ ...alice, passwordHash: ARGON2ID }], as: ['alice', 'right'], want: 'authenticated' },
    {
      name: 'argon2id, wrong',
      given: [{ ...alice, passwordHash: ARGON2ID }],
      as: ['alice', 'wrong'],
      want: 'wrong-password',
    },
    { name: 'wrong password', given: [alice], as: ['alice', 'wrong'], want: 'wrong-password' },
    { name: 'unknown user', given: [alice], as: ['bob', 'right'], want: 'unknown-user' },
    { name: 'another spelling of the name', given: [alice], as: ['Alice', 'right'], want: 'unknown-user' },
    { name: 'empty file', given: [], as: ['alice', 'right'], want: 'unknown-user' },
    { name: '72 bytes', given: [{ ...alice, passwordHash: BCRYPT_LONG }], as: ['alice', LONG], want: 'authenticated' },
    {
      name: 'what bcrypt would cut off',
      given: [{ ...alice, passwordHash: BCRYPT_LONG }],
      as: ['alice', `${LONG}anything`],
      want: 'wrong-password',
    },
  ];
  for (const { name, given, as, want } of rows) {
    void test(`with ${name}: ${want}`, async () => {
      const verdict = await login(fileOf(...given), as[0] ?? '', as[1] ?? '');
      assert.equal(verdict.kind === 'authenticated' ? verdict.kind : verdict.reason, want);
    });
  }

  void test('without uid has the username as subject', async () => {
    const verdict = await login(fileOf(alice), 'alice', 'right');
    assert.equal(verdict.kind === 'authenticated' && verdict.value.subject, 'alice');
  });

  void test('of an unknown user needs a thread too, because the same hash work is done', async () => {
    const verdict = await login(fileOf(alice), 'bob', 'right', AbortSignal.abort());
    assert.equal(verdict.kind === 'unavailable' && verdict.reason, 'too-busy');
  });

  void test('that finds no thread before its deadline is unavailable', async () => {
    const abort = new AbortController();
    const verdicts = Promise.all(
      Array.from({ length: 12 }, () =>
        login(fileOf({ ...alice, passwordHash: ARGON2ID }), 'alice', 'right', abort.signal),
      ),
    );
    abort.abort();
    const reasons = new Set((await verdicts).map((verdict) => 'reason' in verdict && verdict.reason));
    assert.deepEqual(reasons, new Set(['too-busy']));
  });
});

void describe('a users file', () => {
  const form =
    'passwordHash must be bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14) or argon2id ($argon2id$v=19$); make one with kube-auth-broker hash-password';

  const hashes = [
    { name: 'an htpasswd MD5 hash', given: '$apr1$abcdefgh$0123456789abcdefghijkl' },
    { name: 'a SHA-1 hash', given: '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' },
    { name: 'a crypt hash', given: '$6$salt$hash' },
    { name: 'argon2i', given: ARGON2ID.replace('argon2id', 'argon2i') },
    { name: 'argon2id of another version', given: ARGON2ID.replace('v=19', 'v=16') },
    { name: 'argon2id that would take a gigabyte', given: ARGON2ID.replace('m=19456', 'm=999999') },
    { name: 'bcrypt that would take seconds', given: BCRYPT.replace('$04$', '$15$') },
    { name: 'bcrypt that was cut', given: BCRYPT.slice(0, -1) },
    { name: 'a password in clear', given: 'hunter2-in-clear' },
  ];
  for (const { name, given } of hashes) {
    void test(`with ${name} is refused, and the hash is not quoted`, () => {
      const parsed = parseOptions(users, { file: 'users.yaml' }, fileOf({ username: 'alice', passwordHash: given }));
      assert.deepEqual(parsed, { faults: [`file: users.yaml:2:17: ${form}`] });
    });
  }

  void test('as its page shows it lets alice in', async () => {
    const page = readFileSync(new URL('../../providers/users.md', import.meta.url), 'utf8');
    const example = /```yaml\n(- username[^`]*)```/.exec(page)?.[1] ?? '';
    const verdict = await login({ [PATH]: example }, 'alice', 'correct horse battery staple');
    assert.equal(verdict.kind === 'authenticated' && verdict.value.subject, '1001');
  });

  void test('warns about hashes that are quick to guess', () => {
    const options = optionsOf(users, { file: 'users.yaml' }, fileOf({ username: 'alice', passwordHash: BCRYPT }));
    assert.match(users.warnings?.(options).join() ?? '', /cost below 10.*alice/);
  });
});
