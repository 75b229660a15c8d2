// The options: what contradicts itself is named, and what is dangerous is warned of.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { httpBearer } from '../../../providers/http-bearer.ts';
import { optionsOf, parseOptions } from '../../support/options.ts';

const url = 'https://forge.corp.example/user';
const requests = [{ name: 'user', url }];
const FILES = { '/etc/broker/secret': 'client-secret' };
const good = { requests, anyAudience: true };
const proof = { request: { url }, expression: 'answer.body.ours == true' };
const client = { clientID: 'a', clientSecret: { file: 'secret' } };

const rows: readonly { name: string; given: object; want: RegExp }[] = [
  {
    name: 'no word on whose tokens are taken',
    given: { requests },
    want: /^: proof is needed: .*write anyAudience: true$/,
  },
  { name: 'anyAudience: false alone', given: { requests, anyAudience: false }, want: /^: proof is needed/ },
  { name: 'proof beside anyAudience', given: { ...good, proof }, want: /^anyAudience: .*exclude each other/ },
  { name: 'no request', given: { ...good, requests: [] }, want: /^requests: / },
  {
    name: 'a first request with pages',
    given: { ...good, requests: [{ name: 'user', url, pages: 'link' }] },
    want: /^requests\.0\.pages: the first request/,
  },
  {
    name: 'one name for two requests',
    given: { ...good, requests: [...requests, ...requests] },
    want: /^requests\.1\.name: user is there already/,
  },
  {
    name: "a name of the provider's own",
    given: { ...good, requests: [{ name: 'subject', url }] },
    want: /^requests\.0\.name: is a claim of its own/,
  },
  {
    name: 'a name that no expression can write',
    given: { ...good, requests: [{ name: 'a-b', url }] },
    want: /^requests\.0\.name: must be letters/,
  },
  {
    name: 'plain http to another host',
    given: { ...good, requests: [{ name: 'user', url: 'http://forge.corp.example/' }] },
    want: /^requests\.0\.url: must use https/,
  },
  {
    name: 'a secret in the address',
    given: { ...good, requests: [{ name: 'user', url: 'https://a:b@forge.corp.example/' }] },
    want: /must not contain a user/,
  },
  {
    name: 'a success that is a redirect',
    given: { ...good, acceptStatus: [302] },
    want: /^acceptStatus\.0: only a status from 200/,
  },
  { name: 'an outage as refusal', given: { ...good, rejectStatus: [503] }, want: /^rejectStatus\.0: / },
  { name: 'the Host header', given: { ...good, header: 'Host' }, want: /^header: cannot carry a token/ },
  { name: 'a header that is two words', given: { ...good, header: 'X Y' }, want: /^header: is not the name/ },
  { name: 'a scheme with a line break', given: { ...good, scheme: 'a\nb' }, want: /^scheme: must be one word/ },
  {
    name: 'a client without its secret',
    given: { requests, proof: { ...proof, request: { url, clientID: 'a' } } },
    want: /^proof\.request\.clientID: needs clientSecret/,
  },
  {
    name: 'a secret without its client',
    given: { requests, proof: { ...proof, request: { url, clientSecret: { file: 'secret' } } } },
    want: /^proof\.request\.clientSecret: needs clientID/,
  },
  {
    name: 'a field without a client',
    given: { requests, proof: { ...proof, request: { url, field: 'token' } } },
    want: /^proof\.request\.field: needs clientID/,
  },
  {
    name: 'a secret in clear',
    given: { requests, proof: { ...proof, request: { url, clientID: 'a', clientSecret: 'hunter2' } } },
    want: /never the secret itself/,
  },
  {
    name: 'an expression that is no condition',
    given: { requests, proof: { request: { url }, expression: 'answer.body' } },
    want: /^proof\.expression: .*bool/,
  },
  {
    name: 'tls without https',
    given: { requests: [{ name: 'user', url: 'http://localhost' }], anyAudience: true, tls: {} },
    want: /^tls: tls needs/,
  },
  { name: 'an unknown key', given: { ...good, request: [] }, want: /unknown key.*did you mean "requests"/ },
  {
    name: 'too many pages',
    given: { ...good, requests: [...requests, { name: 'a', url, pages: 'link', maxPages: 101 }] },
    want: /^requests\.1\.maxPages: /,
  },
];

void describe('options', () => {
  for (const { name, given, want } of rows) {
    void test(`refuse ${name}`, () => {
      const parsed = parseOptions(httpBearer, given, FILES);
      assert.match('faults' in parsed ? parsed.faults.join('\n') : 'accepted', want);
      assert.doesNotMatch('faults' in parsed ? parsed.faults.join('\n') : '', /hunter2/);
    });
  }

  void test('have the defaults of the page', () => {
    const { header, scheme, acceptStatus, rejectStatus, bodyBytes, canary } = optionsOf(httpBearer, good);
    assert.deepEqual(
      { header, scheme, acceptStatus, rejectStatus, bodyBytes, canary },
      {
        header: 'authorization',
        scheme: 'Bearer',
        acceptStatus: [200],
        rejectStatus: [401, 403],
        bodyBytes: 1024 ** 2,
        canary: true,
      },
    );
    assert.equal(optionsOf(httpBearer, { ...good, header: 'PRIVATE-TOKEN' }).scheme, '');
  });

  const warned: readonly { name: string; given: object; want: readonly RegExp[] }[] = [
    {
      name: 'of nothing with a proof',
      given: { requests, proof: { ...proof, request: { url, ...client } } },
      want: [],
    },
    {
      name: 'what anyAudience means',
      given: good,
      want: [
        /^anyAudience is true: a token of https:\/\/forge\.corp\.example that was made for any other application logs its owner in here/,
      ],
    },
    {
      name: 'of several hosts',
      given: { requests: [...requests, { name: 'b', url: 'https://b.example/' }], proof },
      want: [/^every token is sent to https:\/\/forge\.corp\.example and https:\/\/b\.example/],
    },
    { name: 'of a canary that is off', given: { requests, proof, canary: false }, want: [/canary is off/] },
  ];
  for (const { name, given, want } of warned) {
    void test(`warn ${name}`, () => {
      const warnings = httpBearer.warnings?.(optionsOf(httpBearer, given, FILES)) ?? [];
      assert.equal(warnings.length, want.length, warnings.join('\n'));
      for (const [index, pattern] of want.entries()) assert.match(warnings[index] ?? '', pattern);
    });
  }
});
