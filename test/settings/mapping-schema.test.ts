// The mapping part of a provider entry: what is accepted, and what it compiles to.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { defaultMapping, sourceText } from '../../src/authn/mapping/mapping.ts';
import { mappingOf, mappingShape } from '../../src/settings/mapping-schema.ts';
import { entry, fields, issuesOf, mapping } from './mapping-entry.ts';

const username = { claim: 'uid', prefix: 'ldap:' };

void describe('accepted', () => {
  const rows: { name: string; given: unknown }[] = [
    { name: 'nothing', given: {} },
    { name: 'a username alone', given: { claimMappings: { username } } },
    { name: 'an empty prefix', given: { claimMappings: { username: { claim: 'uid', prefix: '' } } } },
    {
      name: 'expressions',
      given: {
        claimMappings: {
          username: { expression: 'claims.uid' },
          uid: { expression: 'claims.id' },
          groups: { expression: 'claims.groups' },
        },
      },
    },
    {
      name: 'extra',
      given: { claimMappings: { username, extra: [{ key: 'example.org/a', valueExpression: 'claims.a' }] } },
    },
    { name: 'a required value', given: { claimValidationRules: [{ claim: 'hd', requiredValue: 'example.org' }] } },
    { name: 'a rule', given: { claimValidationRules: [{ expression: "claims.hd == 'x'", message: 'wrong domain' }] } },
    {
      name: 'a user rule without a message',
      given: { userValidationRules: [{ expression: "!user.username.startsWith('system:')" }] },
    },
    {
      name: 'match and login',
      given: { match: "credential.username != ''", login: 'credential.username.lowerAscii()' },
    },
    { name: 'reserved names', given: { reserved: { groups: ['system:masters'] } } },
    {
      name: 'email with email_verified in the expression',
      given: {
        claimMappings: { username: { expression: 'claims.?email_verified.orValue(true) == true ? claims.email : ""' } },
      },
    },
    {
      name: 'email with email_verified in extra',
      given: {
        claimMappings: {
          username: { expression: 'claims.email' },
          extra: [{ key: 'example.org/v', valueExpression: 'string(claims.email_verified)' }],
        },
      },
    },
    {
      name: 'email with email_verified in a rule',
      given: {
        claimMappings: { username: { expression: 'claims.email' } },
        claimValidationRules: [{ expression: 'claims.?email_verified.orValue(true) == true' }],
      },
    },
    { name: 'the claim email', given: { claimMappings: { username: { claim: 'email', prefix: '' } } } },
  ];
  for (const { name, given } of rows) void test(name, () => assert.deepEqual(issuesOf(given), []));
});

void test('the place in the expression travels with the issue', () => {
  const [issue] = entry.safeParse(mapping({ groups: { expression: 'claims.a + b' } })).error?.issues ?? [];
  assert.deepEqual(issue?.code === 'custom' ? issue.params : undefined, { offset: 11 });
});

void test('the keys have a JSON Schema', () => {
  const schema = z.toJSONSchema(z.strictObject(mappingShape(fields)), { io: 'input' });
  assert.deepEqual(Object.keys(schema.properties ?? {}), [
    'match',
    'login',
    'claimMappings',
    'claimValidationRules',
    'userValidationRules',
    'reserved',
  ]);
});

void describe('the compiled mapping', () => {
  void test('without claimMappings has the documented defaults', () => {
    const compiled = mappingOf(entry.parse({}), defaultMapping('corp'));
    assert.equal(sourceText(compiled.username), 'claim username, prefix "corp:"');
    assert.equal(compiled.uid && sourceText(compiled.uid), 'claim subject');
    assert.equal(compiled.groups && sourceText(compiled.groups), 'claim groups, prefix "corp:"');
    assert.ok(Object.isFrozen(compiled));
  });
  void test('with claimMappings has no uid and no groups unless they are given', () => {
    const compiled = mappingOf(entry.parse(mapping({})), defaultMapping('corp'));
    assert.deepEqual([compiled.uid, compiled.groups], [undefined, undefined]);
  });
  void test('has required values before expressions', () => {
    const given = { claimValidationRules: [{ expression: 'true' }, { claim: 'a', requiredValue: 'b' }] };
    assert.deepEqual(
      mappingOf(entry.parse(given), defaultMapping('corp')).claimRules.map(({ kind }) => kind),
      ['required', 'expression'],
    );
  });
});
