// Who a token speaks for, row by row.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { claimsOf, subjectOf } from '../../../providers/oidc-introspection/subject.ts';
import type { JsonObject } from '../../../src/text/json.ts';

interface Row {
  readonly name: string;
  readonly given: JsonObject;
  readonly userinfo?: JsonObject;
  /** `subject username`, or the refusal. */
  readonly want: string;
}

const ROWS: readonly Row[] = [
  { name: 'sub is the subject, and the name when there is no other', given: { sub: 'a1' }, want: 'a1 a1' },
  { name: 'username names a person', given: { sub: 'a1', username: 'alice' }, want: 'a1 alice' },
  {
    name: 'preferred_username names a person without username',
    given: { sub: 'a1', preferred_username: 'al' },
    want: 'a1 al',
  },
  {
    name: 'username comes before preferred_username',
    given: { sub: 'a1', username: 'alice', preferred_username: 'al' },
    want: 'a1 alice',
  },
  { name: 'an empty username names nobody', given: { sub: 'a1', username: '' }, want: 'a1 a1' },
  { name: 'a username that is no text names nobody', given: { sub: 'a1', username: { a: 1 } }, want: 'a1 a1' },
  {
    name: 'userinfo names a person whom introspection does not',
    given: { sub: 'a1' },
    userinfo: { sub: 'a1', preferred_username: 'al' },
    want: 'a1 al',
  },
  {
    name: 'introspection wins over userinfo',
    given: { sub: 'a1', username: 'alice' },
    userinfo: { sub: 'a1', username: 'mallory' },
    want: 'a1 alice',
  },
  { name: 'an upstream’s own subject claim does not count', given: { sub: 'a1', subject: 'root' }, want: 'a1 a1' },
  {
    name: 'a client that speaks for itself cannot have the name of a user',
    given: { client_id: 'alice' },
    want: 'client:alice client:alice',
  },
  {
    name: 'the client of a person’s token is not its subject',
    given: { sub: 'a1', client_id: 'kubectl' },
    want: 'a1 a1',
  },
  {
    name: 'a person without sub is nobody: a username is not unique for ever',
    given: { username: 'alice', client_id: 'kubectl' },
    want: 'rejected mapping-failed',
  },
  { name: 'nothing to go by is nobody', given: { scope: 'read' }, want: 'rejected mapping-failed' },
  { name: 'an empty client_id is nobody', given: { client_id: '' }, want: 'rejected mapping-failed' },
  {
    name: 'an empty sub is no answer, whatever the client',
    given: { sub: '', client_id: 'kubectl' },
    want: 'unavailable malformed-answer',
  },
  { name: 'a sub that is a number is no answer', given: { sub: 7 }, want: 'unavailable malformed-answer' },
  { name: 'a sub that is null is no answer', given: { sub: null }, want: 'unavailable malformed-answer' },
];

void describe('the subject of an active token', () => {
  for (const { name, given, userinfo, want } of ROWS) {
    void test(name, () => {
      const subject = subjectOf(given);
      if (subject.kind !== 'subject') return assert.equal(`${subject.kind} ${subject.reason}`, want);
      const claims = claimsOf(subject, given, userinfo, undefined);
      assert.deepEqual([claims.attributes['subject'], claims.attributes['username']], want.split(' '));
      assert.equal(claims.subject, subject.id);
    });
  }

  void test('claims are data: every member as it was given, no prototype, the audiences beside them', () => {
    const given = { active: true, sub: 'a1', groups: ['a', 'b'], nested: { deep: [1, null] } };
    const claims = claimsOf({ kind: 'subject', of: 'sub', id: 'a1' }, given, { email: 'a@b.example' }, ['k8s']);
    assert.equal(Object.getPrototypeOf(claims.attributes), null);
    assert.equal(Object.getPrototypeOf(claims.attributes['nested']), null);
    const want = { email: 'a@b.example', ...given, username: 'a1', subject: 'a1' };
    assert.equal(JSON.stringify(claims.attributes), JSON.stringify(want));
    assert.deepEqual(claims.audiences, ['k8s']);
  });
});
