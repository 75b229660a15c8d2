// How claims become a uid and extra, in the cases of kube-apiserver's own tests and in those that only a broker has.

import { jane, maps, testTable } from './table.ts';

testTable([
  {
    name: 'a claim',
    claims: { ...jane, id: '1234' },
    entry: maps({ uid: { claim: 'id' } }),
    want: { username: 'p:jane', uid: '1234', groups: [] },
  },
  {
    name: 'a missing claim',
    claims: jane,
    entry: maps({ uid: { claim: 'id' } }),
    want: 'mapping-failed: uid: claim id is missing',
  },
  {
    name: 'a number',
    claims: { ...jane, id: 1234 },
    entry: maps({ uid: { claim: 'id' } }),
    want: 'mapping-failed: uid: claim id is not a string',
  },
  {
    name: 'an expression',
    claims: { ...jane, id: 1234 },
    entry: maps({ uid: { expression: 'string(claims.id)' } }),
    want: { username: 'p:jane', uid: '1234', groups: [] },
  },
  {
    name: 'an expression of the empty string is no uid',
    claims: jane,
    entry: maps({ uid: { expression: "''" } }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'an expression of a number',
    claims: { ...jane, id: 1 },
    entry: maps({ uid: { expression: 'claims.id' } }),
    want: 'mapping-failed: uid: the expression gives no string',
  },
  {
    name: 'extra of a string and of a list',
    claims: { ...jane, a: 'x', b: ['y', '', 'z'] },
    entry: maps({
      extra: [
        { key: 'example.org/a', valueExpression: 'claims.a' },
        { key: 'example.org/b', valueExpression: 'claims.b' },
      ],
    }),
    want: { username: 'p:jane', groups: [], extra: { 'example.org/a': ['x'], 'example.org/b': ['y', 'z'] } },
  },
  {
    name: 'a uid that is null is none',
    claims: { ...jane, id: null },
    entry: maps({ uid: { claim: 'id' } }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'extra of nothing is left out',
    claims: { ...jane, a: null },
    entry: maps({
      extra: [
        { key: 'example.org/a', valueExpression: 'claims.a' },
        { key: 'example.org/b', valueExpression: "''" },
        { key: 'example.org/c', valueExpression: '[]' },
      ],
    }),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'extra of a bool',
    claims: { ...jane, a: true },
    entry: maps({ extra: [{ key: 'example.org/a', valueExpression: 'claims.a' }] }),
    want: 'mapping-failed: extra example.org/a: the expression is neither a string nor a list of strings',
  },
]);
