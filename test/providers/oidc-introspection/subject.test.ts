// Who a token speaks for, row by row.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { claimsOf, subjectMissing, subjectOf } from '../../../providers/oidc-introspection/subject.ts';
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
    given: { sub: 'alice', client_id: 'alice' },
    want: 'client:alice client:alice',
  },
  {
    name: 'a client whose grant is known speaks for itself',
    given: { client_id: 'robot', gty: 'client-credentials' },
    want: 'client:robot client:robot',
  },
  {
    name: 'a client whose grant is known by its full name speaks for itself',
    given: { client_id: 'robot', grant_type: 'client_credentials' },
    want: 'client:robot client:robot',
  },
  {
    name: 'a service with a sub of its own is its subject',
    given: { sub: 'a1', client_id: 'robot', grant_type: 'client_credentials' },
    want: 'a1 a1',
  },
  {
    name: 'the client of a person’s token is not its subject',
    given: { sub: 'a1', client_id: 'kubectl' },
    want: 'a1 a1',
  },
  {
    name: 'GitLab says nothing of the person: the application is not the person',
    given: { active: true, scope: 'openid', client_id: 'kubectl', token_type: 'Bearer', exp: 9, iat: 1 },
    want: 'rejected subject-missing',
  },
  {
    name: 'a grant of a person is no client',
    given: { client_id: 'kubectl', gty: 'password' },
    want: 'rejected subject-missing',
  },
  {
    name: 'a person without sub has a name and no subject: the mapping decides',
    given: { username: 'alice', client_id: 'kubectl' },
    want: ' alice',
  },
  { name: 'a person without sub has an address and no name', given: { email: 'a@corp.example' }, want: ' ' },
  {
    name: 'an upstream’s own subject claim does not stand in',
    given: { username: 'alice', subject: 'root' },
    want: ' alice',
  },
  { name: 'nothing to go by is nobody', given: { scope: 'read' }, want: 'rejected subject-missing' },
  { name: 'an empty client_id is nobody', given: { client_id: '' }, want: 'rejected subject-missing' },
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
      const refused = subject.kind === 'unavailable' ? subject : subjectMissing(subject, given);
      if (refused !== undefined) return assert.equal(`${refused.kind} ${refused.reason}`, want);
      assert.ok(subject.kind !== 'unavailable');
      const claims = claimsOf(subject, given, userinfo);
      const { subject: stated, username } = claims.attributes;
      assert.equal([stated, username].map((value) => (typeof value === 'string' ? value : '')).join(' '), want);
      assert.equal(claims.subject, subject.id);
    });
  }

  void test('claims are data: every member as it was given, no prototype, the audiences beside them', () => {
    const given = { active: true, sub: 'a1', groups: ['a', 'b'], nested: { deep: [1, null] } };
    const claims = claimsOf({ id: 'a1' }, given, { email: 'a@b.example' }, ['k8s']);
    assert.equal(Object.getPrototypeOf(claims.attributes), null);
    assert.equal(Object.getPrototypeOf(claims.attributes['nested']), null);
    const want = { email: 'a@b.example', ...given, username: 'a1', subject: 'a1' };
    assert.equal(JSON.stringify(claims.attributes), JSON.stringify(want));
    assert.deepEqual(claims.audiences, ['k8s']);
  });
});
