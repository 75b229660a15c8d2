// What the mapping part of a provider entry refuses, and where the error points.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { issuesOf, mapping } from './mapping-entry.ts';

const extra = (...keys: string[]): unknown =>
  mapping({ extra: keys.map((key) => ({ key, valueExpression: 'claims.a' })) });

void describe('refused', () => {
  const rows: { name: string; given: unknown; want: (string | RegExp)[] }[] = [
    { name: 'claimMappings without a username', given: { claimMappings: {} }, want: [/^claimMappings\.username: /] },
    {
      name: 'a claim without a prefix',
      given: mapping({ username: { claim: 'uid' } }),
      want: ['claimMappings.username.prefix: is required with claim; it may be "" for no prefix'],
    },
    {
      name: 'a group claim without a prefix',
      given: mapping({ groups: { claim: 'groups' } }),
      want: [/^claimMappings\.groups\.prefix: is required/],
    },
    {
      name: 'claim and expression',
      given: mapping({ username: { claim: 'uid', expression: 'claims.uid' } }),
      want: ['claimMappings.username: claim and expression cannot both be set'],
    },
    {
      name: 'neither claim nor expression',
      given: mapping({ uid: {} }),
      want: ['claimMappings.uid: claim or expression is required'],
    },
    {
      name: 'an empty claim',
      given: mapping({ username: { claim: '', prefix: '' } }),
      want: ['claimMappings.username: claim or expression is required'],
    },
    {
      name: 'a prefix with an expression',
      given: mapping({ groups: { expression: 'claims.g', prefix: '' } }),
      want: ['claimMappings.groups.prefix: cannot be set with expression'],
    },
    {
      name: 'a prefix for uid',
      given: mapping({ uid: { claim: 'id', prefix: '' } }),
      want: [/^claimMappings\.uid: unknown key/],
    },
    { name: 'an unknown key', given: mapping({ group: {} }), want: [/^claimMappings: unknown key/] },
    {
      name: 'an expression that does not compile',
      given: mapping({ groups: { expression: 'claim.groups' } }),
      want: ['claimMappings.groups.expression: unknown variable: claim, at column 1 of the expression'],
    },
    {
      name: 'an extra key without a domain',
      given: extra('department'),
      want: ['claimMappings.extra.0.key: must be a domain-prefixed path such as example.org/department'],
    },
    {
      name: 'an extra key without a path',
      given: extra('example.org/'),
      want: [/extra\.0\.key: must be a domain-prefixed path/],
    },
    {
      name: 'an extra key in upper case',
      given: extra('example.org/Dept'),
      want: ['claimMappings.extra.0.key: must be lower case'],
    },
    {
      name: 'an extra key of no DNS name',
      given: extra('ex_ample/a'),
      want: [/extra\.0\.key: must start with a DNS name/],
    },
    { name: 'an extra key with a space', given: extra('example.org/a b'), want: [/extra\.0\.key: has a character/] },
    {
      name: 'an extra key of Kubernetes',
      given: extra('k8s.io/a', 'x.kubernetes.io/a'),
      want: [/extra\.0\.key: cannot be under/, /extra\.1\.key: cannot be under/],
    },
    {
      name: 'an extra key of the broker',
      given: extra('kube-auth-broker/provider'),
      want: [/extra\.0\.key: cannot be under kube-auth-broker/],
    },
    {
      name: 'an extra key twice',
      given: extra('example.org/a', 'example.org/a'),
      want: ['claimMappings.extra.1.key: is there already'],
    },
    {
      name: 'an extra without an expression',
      given: mapping({ extra: [{ key: 'example.org/a' }] }),
      want: [/^claimMappings\.extra\.0\.valueExpression: /],
    },
    {
      name: 'a claim rule of both kinds',
      given: { claimValidationRules: [{ claim: 'a', expression: 'true' }] },
      want: ['claimValidationRules.0: claim and expression cannot both be set'],
    },
    {
      name: 'an empty claim rule',
      given: { claimValidationRules: [{}] },
      want: ['claimValidationRules.0: claim or expression is required'],
    },
    {
      name: 'a message with a claim',
      given: { claimValidationRules: [{ claim: 'a', requiredValue: 'b', message: 'c' }] },
      want: ['claimValidationRules.0.message: cannot be set with claim'],
    },
    {
      name: 'a required value with an expression',
      given: { claimValidationRules: [{ expression: 'true', requiredValue: 'b' }] },
      want: ['claimValidationRules.0.requiredValue: cannot be set with expression'],
    },
    {
      name: 'a claim twice',
      given: { claimValidationRules: [{ claim: 'a' }, { claim: 'a', requiredValue: 'b' }] },
      want: ['claimValidationRules.1.claim: is there already'],
    },
    {
      name: 'a rule twice',
      given: { claimValidationRules: [{ expression: 'true' }, { expression: 'true' }] },
      want: ['claimValidationRules.1.expression: is there already'],
    },
    {
      name: 'a rule that is no bool',
      given: { claimValidationRules: [{ expression: 'claims.admin' }] },
      want: [/^claimValidationRules\.0\.expression: the expression must be of type bool/],
    },
    {
      name: 'a user rule without an expression',
      given: { userValidationRules: [{ message: 'x' }] },
      want: [/^userValidationRules\.0\.expression: /],
    },
    {
      name: 'a user rule over claims',
      given: { userValidationRules: [{ expression: 'claims.a == 1' }] },
      want: [/unknown variable: claims/],
    },
    {
      name: 'a user rule twice',
      given: { userValidationRules: [{ expression: 'true' }, { expression: 'true' }] },
      want: ['userValidationRules.1.expression: is there already'],
    },
    {
      name: 'a match that is no bool',
      given: { match: 'credential.username' },
      want: [/^match: the expression must be of type bool/],
    },
    {
      name: 'a reserved name that is not reserved',
      given: { reserved: { groups: ['admins'] } },
      want: [/^reserved\.groups\.0: is not reserved/],
    },
    {
      name: 'email without email_verified',
      given: mapping({ username: { expression: 'claims.email' } }),
      want: [/^claimMappings\.username\.expression: uses claims\.email, so claims\.email_verified/],
    },
    {
      name: 'email by index without email_verified',
      given: mapping({ username: { expression: 'claims["email"]' } }),
      want: [/uses claims\.email/],
    },
    {
      name: 'several faults, all at once',
      given: {
        match: 'x',
        claimMappings: { username: { claim: 'a' }, groups: { expression: '1 +' } },
        claimValidationRules: [{}, { claim: 'a' }, { claim: 'a' }],
        reserved: { users: [] },
      },
      want: [
        /^match: /,
        /^claimMappings\.username\.prefix/,
        /^claimMappings\.groups\.expression/,
        /^claimValidationRules\.0/,
        /^claimValidationRules\.2\.claim: is there already/,
        /^reserved: /,
      ],
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const issues = issuesOf(given);
      assert.equal(issues.length, want.length, issues.join('\n'));
      for (const [at, wanted] of want.entries()) {
        const issue = issues[at] ?? '';
        if (typeof wanted === 'string') assert.equal(issue, wanted);
        else assert.match(issue, wanted);
      }
    });
  }
});
