// What claimValidationRules and userValidationRules refuse, in the cases of kube-apiserver's own tests and in those that only a broker has.

import { jane, maps, testTable } from './table.ts';

testTable([
  {
    name: 'a required value of nothing is null too',
    claims: { ...jane, hd: null },
    entry: { ...maps({}), claimValidationRules: [{ claim: 'hd', requiredValue: '' }] },
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'a required value that is there',
    claims: { ...jane, hd: 'x' },
    entry: { ...maps({}), claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] },
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'a required value that differs',
    claims: { ...jane, hd: 'y' },
    entry: { ...maps({}), claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] },
    want: 'claim-validation: claim hd: it does not hold',
  },
  {
    name: 'a required value that is missing',
    claims: jane,
    entry: { ...maps({}), claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] },
    want: 'claim-validation: claim hd: the claim is missing',
  },
  {
    name: 'a required value of another type',
    claims: { ...jane, hd: true },
    entry: { ...maps({}), claimValidationRules: [{ claim: 'hd', requiredValue: 'true' }] },
    want: 'claim-validation: claim hd: the claim is not a string',
  },
  {
    name: 'a claim rule with its message',
    claims: { ...jane, s: 'off' },
    entry: {
      ...maps({}),
      claimValidationRules: [{ expression: "claims.s == 'on'", message: 'account is not active' }],
    },
    want: "claim-validation: claims.s == 'on': account is not active",
  },
  {
    name: 'a claim rule that fails',
    claims: jane,
    entry: { ...maps({}), claimValidationRules: [{ expression: "claims.s == 'on'" }] },
    want: "claim-validation: claims.s == 'on': no such key: claims.s, at column 1",
  },
  {
    name: 'required values come before expressions',
    claims: jane,
    entry: { ...maps({}), claimValidationRules: [{ expression: 'claims.s == 1' }, { claim: 'hd' }] },
    want: 'claim-validation: claim hd: the claim is missing',
  },
  {
    name: 'a user rule sees the mapped user',
    claims: { ...jane, groups: ['a'] },
    entry: {
      ...maps({ groups: { claim: 'groups', prefix: 'g:' } }),
      userValidationRules: [{ expression: "user.username == 'p:jane' && user.groups == ['g:a'] && user.uid == ''" }],
    },
    want: { username: 'p:jane', groups: ['g:a'] },
  },
  {
    name: 'a user rule that does not hold',
    claims: jane,
    entry: {
      ...maps({}),
      userValidationRules: [{ expression: "user.groups.exists(g, g == 'k8s')", message: 'not a cluster user' }],
    },
    want: "user-validation: user.groups.exists(g, g == 'k8s'): not a cluster user",
  },
  {
    name: 'the mapping fails before the rules',
    claims: {},
    entry: { ...maps({}), claimValidationRules: [{ claim: 'hd' }] },
    want: 'mapping-failed: username: claim username is missing',
  },
  {
    name: 'claim rules come before user rules',
    claims: jane,
    entry: { ...maps({}), claimValidationRules: [{ claim: 'hd' }], userValidationRules: [{ expression: 'false' }] },
    want: 'claim-validation: claim hd: the claim is missing',
  },
  {
    name: 'the documented idiom refuses reserved groups',
    claims: { ...jane, groups: ['system:masters'] },
    entry: {
      ...maps({ groups: { claim: 'groups', prefix: '' } }),
      userValidationRules: [{ expression: "user.groups.all(g, !g.startsWith('system:'))" }],
    },
    want: "user-validation: user.groups.all(g, !g.startsWith('system:')): it does not hold",
  },
]);
