// What a users file may not say: every fault at once, each once, at its line and column, in words of the file.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hash } from 'bcryptjs';
import { users } from '../../../providers/users.ts';
import { parseOptions } from '../../support/options.ts';

const BCRYPT = await hash('right', 4);
const good = `- username: alice\n  passwordHash: ${BCRYPT}\n`;
const form =
  'passwordHash must be bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14) or argon2id ($argon2id$v=19$); make one with kube-auth-broker hash-password';

const schema: readonly { name: string; given: string; want: readonly string[] }[] = [
  { name: 'an unknown key', given: `${good}  shell: x\n`, want: ['3:3: unknown key "shell"'] },
  { name: 'a misspelt key', given: `${good}  group: x\n`, want: ['3:3: unknown key "group" (did you mean "groups"?)'] },
  {
    name: 'several unknown keys',
    given: `${good}  Groups: x\n  a: 1\n`,
    want: ['3:3: unknown key "Groups" (did you mean "groups"?)', '4:3: unknown key "a"'],
  },
  {
    name: 'a hash that braces tear apart',
    given: `- {username: alice, passwordHash: $argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$dGFn}\n`,
    want: [
      `1:35: ${form}`,
      '1:54: unknown key; within { } a hash must be in quotes',
      '1:58: unknown key; within { } a hash must be in quotes',
    ],
  },
  {
    name: 'nothing that is required',
    given: '- groups: []\n',
    want: ['1:3: username is required', '1:3: passwordHash is required; make one with kube-auth-broker hash-password'],
  },
  {
    name: 'values of wrong kinds',
    given: `${good}  uid: 7\n  groups: devs\n  attributes: [a]\n- username: true\n  passwordHash: 7\n  uid:\n  groups: ["", 5, [a]]\n`,
    want: [
      '3:8: uid must be text; put a number in quotes',
      '4:11: groups must be a list, not text',
      '5:3: attributes must be a map, not a list',
      '6:13: username must be text; put true in quotes',
      `7:17: ${form}`,
      '8:7: uid must be text, not empty',
      '9:12: groups[0] must not be empty',
      '9:16: groups[1] must be text; put a number in quotes',
      '9:19: groups[2] must be text, not a list',
    ],
  },
  {
    name: 'an attribute that is no JSON',
    given: `${good}  attributes: {a: {b: .inf}}\n`,
    want: ['3:16: attributes.a must be text, a finite number, true, false, null, a list or a map'],
  },
  {
    name: 'names that nobody can type',
    given: `- username: "a:b"\n  passwordHash: ${BCRYPT}\n- username: ""\n  passwordHash: ${BCRYPT}\n`,
    want: [
      '1:13: username has a colon, so nobody can type it: a token ends the name at its first colon',
      '3:13: username is empty',
    ],
  },
  {
    name: 'a user twice',
    given: good + good + good,
    want: ['3:13: username appears twice, first in line 1', '5:13: username appears twice, first in line 1'],
  },
  {
    name: 'a user twice beside other faults',
    given: `${good}  uid: 7\n- username: alice\n- bob\n`,
    want: [
      '3:8: uid must be text; put a number in quotes',
      '4:3: passwordHash is required; make one with kube-auth-broker hash-password',
      '4:13: username appears twice, first in line 1',
      '5:3: an entry must be a map with username and passwordHash, not text',
    ],
  },
  { name: 'a map instead of a list', given: 'alice: x\n', want: ['1:1: must be a list of users'] },
  { name: 'an empty document', given: '', want: ['1:1: must be a list of users'] },
];

const syntax: typeof schema = [
  {
    name: 'a key twice, and all its other faults',
    given: `${good}  username: bob\n  uid: 7\n`,
    want: ['3:3: this key is here twice', '4:8: uid must be text; put a number in quotes'],
  },
  {
    name: 'a tab in the indentation, once',
    given: `- username: alice\n\tpasswordHash: x\n- username: bob\n\tuid: 7\n`,
    want: ['2:1: is indented with a tab: YAML takes spaces only'],
  },
  {
    name: 'a tab at its start',
    given: '\t- username: a\n',
    want: ['1:1: is indented with a tab: YAML takes spaces only'],
  },
  {
    name: 'a quote that is not closed',
    given: '- username: "a\n',
    want: ['2:1: a quote, bracket, comma or colon is missing'],
  },
  {
    name: 'a value with a colon',
    given: '- username: a: b\n',
    want: ['1:13: a value with a colon and a space must be in quotes'],
  },
  {
    name: 'two documents',
    given: `${good}---\n${good}`,
    want: ['3:1: one document only: remove the `---` at line 3'],
  },
  {
    name: 'an alias without an anchor',
    given: `${good}- *a\n`,
    want: ['3:3: there is no anchor for this alias'],
  },
];

void describe('a users file', () => {
  for (const { name, given, want } of [...schema, ...syntax]) {
    void test(`with ${name} is refused`, () =>
      assert.deepEqual(parseOptions(users, { file: 'users.yaml' }, { '/etc/broker/users.yaml': given }), {
        faults: want.map((fault) => `file: users.yaml:${fault}`),
      }));
  }
});
