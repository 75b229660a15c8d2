// Sections with nothing in them: left out where that is harmless, and an error where it could let somebody in.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configOf, errorsOf, HEAD, PROVIDER } from './setup.ts';

void describe('a section with nothing in it', () => {
  const sections = ['webhook', 'operations', 'cache', 'limits', 'log'].map((name) => `${name}:\n`).join('');
  const rows: { name: string; given: string; same: string }[] = [
    { name: 'is as if it were not there', given: `${HEAD}${sections}${PROVIDER}`, same: HEAD + PROVIDER },
    {
      name: 'also within another',
      given: `${HEAD}limits: { tokenBytes: 64, failedPasswords: }\n${PROVIDER}`,
      same: `${HEAD}limits: { tokenBytes: 64 }\n${PROVIDER}`,
    },
    {
      name: 'also in a provider',
      given: `${HEAD}${PROVIDER}    claimMappings:\n      # username: {}\n    reserved:\n`,
      same: HEAD + PROVIDER,
    },
    {
      name: 'also where a provider takes no options',
      given: `${HEAD}providers:\n  - name: a\n    type: bearer\n    options:\n`,
      same: `${HEAD}providers:\n  - name: a\n    type: bearer\n`,
    },
  ];
  for (const { name, given, same } of rows) void test(name, () => assert.deepEqual(configOf(given), configOf(same)));

  void test('is an error where what is missing could let somebody in', () => {
    const text = `${HEAD}webhook: { tls: , endpoints: }\nignoreIssuers:\nissuer:\nportal:\n${PROVIDER}    match:\n    userValidationRules:\n`;
    assert.deepEqual(
      errorsOf(text).map((error) => error.split(': ')[1]),
      [
        'webhook.tls',
        'webhook.endpoints',
        'ignoreIssuers',
        'issuer',
        'portal',
        'providers[0].match',
        'providers[0].userValidationRules',
      ],
    );
  });
});

void describe('a match without quotes', () => {
  for (const word of ['true', 'false']) {
    void test(`${word} is the expression of that name`, () => {
      const { match } = configOf(`${HEAD}${PROVIDER}    match: ${word}\n`).providers[0] ?? {};
      assert.equal(match?.source, word);
    });
  }
});

void test('a limit of wrong passwords may be so large that it is off', () => {
  const { failedPasswords } = configOf(`${HEAD}limits: { failedPasswords: { max: 1000000 } }\n${PROVIDER}`).limits;
  assert.equal(failedPasswords.max, 1_000_000);
});
