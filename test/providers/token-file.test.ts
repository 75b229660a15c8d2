// The token-file provider: the contract with both kinds of file, its verdicts, and what it warns of.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { stringify } from 'yaml';
import { tokenFile } from '../../providers/token-file.ts';
import { parseCredential } from '../../src/core/credential.ts';
import { tokenDigest } from '../../src/core/token-digest.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { reviewOf } from '../contract/provider-run.ts';
import { opaqueCredential } from '../contract/provider-world.ts';
import { optionsOf } from '../support/options.ts';
import { testSeams } from '../support/seams.ts';

const CSV = '/etc/broker/tokens.csv';
const YAML = '/etc/broker/tokens.yaml';

/** As Go's encoding/csv writes a field. */
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

for (const form of ['CSV', 'YAML'] as const) {
  providerContract({
    name: `token-file of ${form}`,
    accepts: 'bearer',
    wrongSecret: { kind: 'abstained', reason: 'unknown-token' },
    faults: false,
    open: async (accounts, seams) => {
      const lines = accounts.map(
        ({ name, secret }) => `${quoted(secret)},${quoted(name)},${quoted(`uid of ${name}`)},"devs,ops"\n`,
      );
      const entries = accounts.map(({ name, secret }) => ({
        sha256: tokenDigest(secret),
        username: name,
        uid: `uid of ${name}`,
        groups: ['devs', 'ops'],
      }));
      const [file, text] = form === 'CSV' ? [CSV, lines.join('')] : [YAML, stringify(entries)];
      return {
        provider: tokenFile.open(optionsOf(tokenFile, { file }, { [file]: text }), seams),
        credentialOf: opaqueCredential,
        claimsOf: ({ name }) => ({
          subject: `uid of ${name}`,
          attributes: { username: name, uid: `uid of ${name}`, groups: ['devs', 'ops'] },
        }),
        close: async () => undefined,
      };
    },
  });
}

/** A review of the very text, as it comes from kube-apiserver. */
async function loginWith(text: string, token: string, file = CSV) {
  const provider = tokenFile.open(optionsOf(tokenFile, { file }, { [file]: text }), testSeams());
  const credential = parseCredential(token, { tokenBytes: 16_384, ignoreIssuers: new Set() });
  assert.ok(credential.kind !== 'refused', credential.kind === 'refused' ? credential.reason : '');
  return provider.authenticate(reviewOf(credential), new AbortController().signal);
}

void describe('a line of the CSV', () => {
  const rows: readonly { name: string; given: string; want: object }[] = [
    {
      name: 'with groups',
      given: 't,alice,7,"devs,ops"',
      want: { username: 'alice', uid: '7', groups: ['devs', 'ops'], subject: '7' },
    },
    {
      name: 'with one group',
      given: 't,alice,7,devs',
      want: { username: 'alice', uid: '7', groups: ['devs'], subject: '7' },
    },
    { name: 'without groups', given: 't,alice,7', want: { username: 'alice', uid: '7', groups: [], subject: '7' } },
    {
      name: 'with an empty column of groups',
      given: 't,alice,7,',
      want: { username: 'alice', uid: '7', groups: [], subject: '7' },
    },
    { name: 'with an empty uid', given: 't,alice,', want: { username: 'alice', groups: [], subject: 'alice' } },
    {
      name: 'in quotes',
      given: '"t","al""ice","7","a b, c"',
      want: { username: 'al"ice', uid: '7', groups: ['a b', ' c'], subject: '7' },
    },
    {
      name: 'with a number sign, which begins no comment',
      given: 't,#alice,7',
      want: { username: '#alice', uid: '7', groups: [], subject: '7' },
    },
    {
      name: 'that Windows wrote',
      given: 't,alice,7,devs\r',
      want: { username: 'alice', uid: '7', groups: ['devs'], subject: '7' },
    },
  ];
  for (const { name, given, want } of rows) {
    void test(`${name} is read as kube-apiserver reads it`, async () => {
      const verdict = await loginWith(`other,bob,8\n\n${given}\n`, 't');
      assert.ok(verdict.kind === 'authenticated');
      assert.deepEqual({ ...verdict.value.attributes }, want);
    });
  }

  for (const token of ['T', 't ', 'tt', 'alice', 'bob', tokenDigest('t')]) {
    void test(`lets nobody in with ${JSON.stringify(token)}`, async () => {
      const provider = tokenFile.open(optionsOf(tokenFile, { file: CSV }, { [CSV]: 't,alice,7\n' }), testSeams());
      const verdict = await provider.authenticate(
        reviewOf(opaqueCredential({ name: '', secret: token })),
        AbortSignal.any([]),
      );
      assert.deepEqual(verdict, { kind: 'abstained', reason: 'unknown-token' });
    });
  }

  void test('that holds a JWT lets nobody in, because JWTs are verified', async () => {
    const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.x';
    assert.deepEqual(await loginWith(`${jwt},alice,7\n`, jwt), { kind: 'abstained', reason: 'wrong-kind' });
  });
});

void describe('a digest in YAML', () => {
  void test('as its page shows it lets the robot in', async () => {
    const page = readFileSync(new URL('../../providers/token-file.md', import.meta.url), 'utf8');
    const example = /```yaml\n(- username[^`]*)```/.exec(page)?.[1] ?? '';
    const verdict = await loginWith(example, 'a5Zm2Vq9xUe8Rk1tLw7pYc4s', YAML);
    assert.equal(verdict.kind === 'authenticated' && verdict.value.subject, 'ci-1');
  });

  void test('brings the attributes of its entry along', async () => {
    const text = stringify([{ username: 'ci', sha256: tokenDigest('t'), attributes: { team: 'blue' } }]);
    const verdict = await loginWith(text, 't', YAML);
    assert.equal(
      JSON.stringify(verdict.kind === 'authenticated' && verdict.value.attributes['attributes']),
      '{"team":"blue"}',
    );
  });
});

void describe('token-file warns', () => {
  const rows: readonly { name: string; file: string; given: string; want: readonly RegExp[] }[] = [
    {
      name: 'of nothing where the tokens are digests',
      file: YAML,
      given: stringify([{ username: 'ci', sha256: tokenDigest('t') }]),
      want: [],
    },
    { name: 'of nothing in an empty file', file: CSV, given: '', want: [] },
    {
      name: 'of tokens in clear',
      file: CSV,
      given: 't,alice,7\n',
      want: [/^\/etc\/broker\/tokens\.csv has tokens in clear.*hash-token/],
    },
    {
      name: 'of groups that are not in quotes',
      file: CSV,
      given: 't,alice,7,devs,ops\n',
      want: [
        /in clear/,
        /^tokens\.csv:1:16: a fifth column is ignored; several groups stand in one column, in quotes$/,
      ],
    },
    {
      name: 'of tokens that are taken for something else',
      file: CSV,
      given: 'a:b,alice,7\nabcdef.0123456789abcdef,bob,8\neyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.x,eve,9\n',
      want: [
        /in clear/,
        /^tokens\.csv:1:1: nobody can log in with this token: it reads as username:password/,
        /^tokens\.csv:2:1: nobody can log in with this token: it is refused by its form \(bootstrap-token\)$/,
        /^tokens\.csv:3:1: nobody can log in with this token: it reads as a JWT/,
      ],
    },
  ];
  for (const { name, file, given, want } of rows) {
    void test(name, () => {
      const warnings = tokenFile.warnings?.(optionsOf(tokenFile, { file }, { [file]: given })) ?? [];
      assert.equal(warnings.length, want.length, warnings.join('\n'));
      for (const [index, pattern] of want.entries()) assert.match(warnings[index] ?? '', pattern);
    });
  }
});
