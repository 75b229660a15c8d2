// How claims become groups, in the cases of kube-apiserver's own tests and in those that only a broker has.

import { jane, maps, testTable } from './table.ts';

testTable([
  {
    name: 'a string is one group',
    claims: { ...jane, groups: 'a' },
    entry: maps({ groups: { claim: 'groups', prefix: 'g:' } }),
    want: { username: 'p:jane', groups: ['g:a'] },
  },
  {
    name: 'a missing claim is no groups',
    claims: jane,
    entry: maps({ groups: { claim: 'groups', prefix: 'g:' } }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'null is no groups',
    claims: { ...jane, groups: null },
    entry: maps({ groups: { claim: 'groups', prefix: 'g:' } }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'empty names do not become the prefix',
    claims: { ...jane, groups: ['', 'a'] },
    entry: maps({ groups: { claim: 'groups', prefix: 'g:' } }),
    want: { username: 'p:jane', groups: ['g:a'] },
  },
  {
    name: 'null among groups is an empty name',
    claims: { ...jane, groups: [null, 'a'] },
    entry: maps({ groups: { claim: 'groups', prefix: 'g:' } }),
    want: { username: 'p:jane', groups: ['g:a'] },
  },
  {
    name: 'duplicates are dropped',
    claims: { ...jane, groups: ['a', 'a'] },
    entry: maps({ groups: { claim: 'groups', prefix: '' } }),
    want: { username: 'p:jane', groups: ['a'] },
  },
  {
    name: 'a number is no group',
    claims: { ...jane, groups: ['a', 1] },
    entry: maps({ groups: { claim: 'groups', prefix: '' } }),
    want: 'mapping-failed: groups: claim groups is neither a string nor a list of strings',
  },
  {
    name: 'an object is no group',
    claims: { ...jane, groups: { a: 'b' } },
    entry: maps({ groups: { claim: 'groups', prefix: '' } }),
    want: 'mapping-failed: groups: claim groups is neither a string nor a list of strings',
  },
  {
    name: 'an expression of a list',
    claims: { ...jane, roles: 'foo,bar' },
    entry: maps({ groups: { expression: "claims.roles.split(',')" } }),
    want: { username: 'p:jane', groups: ['foo', 'bar'] },
  },
  {
    name: 'an expression of a string',
    claims: { ...jane, role: 'foo' },
    entry: maps({ groups: { expression: 'claims.role' } }),
    want: { username: 'p:jane', groups: ['foo'] },
  },
  {
    name: 'an expression of the empty string',
    claims: { ...jane, role: '' },
    entry: maps({ groups: { expression: 'claims.role' } }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'an expression of null',
    claims: { ...jane, role: null },
    entry: maps({ groups: { expression: 'claims.role' } }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'an expression of an empty list',
    claims: jane,
    entry: maps({ groups: { expression: '[]' } }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'an expression of a number',
    claims: jane,
    entry: maps({ groups: { expression: '1' } }),
    want: 'mapping-failed: groups: the expression is neither a string nor a list of strings',
  },
  {
    name: 'reserved groups are dropped',
    claims: { ...jane, groups: ['system:masters', 'System:Masters', 'a'] },
    entry: maps({ groups: { claim: 'groups', prefix: '' } }),
    want: { username: 'p:jane', groups: ['a'] },
  },
  {
    name: 'a reserved group that is listed',
    claims: { ...jane, groups: ['system:masters'] },
    entry: { ...maps({ groups: { claim: 'groups', prefix: '' } }), reserved: { groups: ['system:masters'] } },
    want: { username: 'p:jane', groups: ['system:masters'] },
  },
]);
