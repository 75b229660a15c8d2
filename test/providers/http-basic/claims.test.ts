// What the claims of an answer are good for: both ways to name a header, in expressions and as `claim`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticatedBy } from '../../../providers/http-basic/claims.ts';
import { httpBasic } from '../../../providers/http-basic.ts';
import { compile } from '../../../src/cel/compile.ts';
import { type JsonObject, parseJsonObject } from '../../../src/text/json.ts';
import { optionsOf } from '../../support/options.ts';

const { headers } = optionsOf(httpBasic, { url: 'https://auth.corp.example', headers: ['X-Groups', 'X-Absent'] });

function claimsOf(body: object): JsonObject {
  const text = JSON.stringify(body);
  const verdict = authenticatedBy(
    {
      kind: 'answer',
      status: 200,
      headers: { 'content-type': 'application/json', 'x-groups': 'devs,ops' },
      body: text,
      fields: parseJsonObject(text),
    },
    'alice',
    headers,
  );
  assert.ok(verdict.kind === 'authenticated');
  return verdict.value.attributes;
}

const rows = [
  { name: 'a header in the map', given: "claims.headers['x-groups']", want: 'devs,ops' },
  { name: 'a header by its flat name', given: "claims['headers.x-groups']", want: 'devs,ops' },
  { name: 'a header that is absent', given: "claims.headers[?'x-absent'].orValue('none')", want: 'none' },
  {
    name: "a field of the body's own headers",
    body: { headers: { 'x-groups': 'mine' } },
    given: "claims.headers['x-groups']",
    want: 'mine',
  },
  {
    name: "a header beside the body's own headers",
    body: { headers: {} },
    given: "claims['headers.x-groups']",
    want: 'devs,ops',
  },
];

for (const { name, body = {}, given, want } of rows) {
  void test(`an expression reads ${name}`, () => {
    const compiled = compile(given, 'mapping');
    assert.ok(compiled.ok);
    assert.deepEqual(compiled.expression.evaluate(claimsOf(body)), { ok: true, value: want });
  });
}

void test('`claim: headers.x-groups` finds the header', () =>
  assert.equal(claimsOf({})['headers.x-groups'], 'devs,ops'));
