// No token that differs from an issued one is ever authenticated, however it differs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { EDDSA_KEY, ES256_KEY, HS256_KEY, issuerOf, judged, minted } from './setup.ts';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

for (const key of [EDDSA_KEY, ES256_KEY, HS256_KEY]) {
  void describe(`a token signed with ${key.algorithm}`, async () => {
    const { issuer } = issuerOf({ keys: [key] });
    const { token } = await minted(issuer);
    const { token: other } = await minted(issuer, { holder: { username: 'mallory', groups: ['system:masters'] } });
    const isRefused = async (mutated: string): Promise<boolean> =>
      mutated === token || mutated === other || (await judged(issuer, mutated)) !== 'authenticated';

    void test('is refused with any one character replaced by any other', async () => {
      const places = Array.from({ length: token.length }, (_, at) => at);
      const mutants = places.flatMap((at) =>
        `${BASE64URL}.=+/`.split('').map((character) => token.slice(0, at) + character + token.slice(at + 1)),
      );
      // Every character at the end of each part, where unused bits could hide, and a sample of the others.
      const ends = new Set([...token.matchAll(/\.|$/g)].map(({ index }) => index - 1));
      const chosen = mutants.filter((_, index) => ends.has(Math.floor(index / 68)) || index % 17 === 0);
      const verdicts = await Promise.all(chosen.map(isRefused));
      assert.deepEqual(
        chosen.filter((_, index) => verdicts[index] === false),
        [],
      );
    });

    void test('is refused cut, stretched, doubled, reordered or spliced with another', async () => {
      const parts = token.split('.');
      const others = other.split('.');
      const edits = fc.oneof(
        fc.nat(token.length).map((at) => token.slice(0, at)),
        fc.nat(token.length).map((at) => token.slice(at)),
        fc.tuple(fc.nat(token.length), fc.string()).map(([at, text]) => token.slice(0, at) + text + token.slice(at)),
        fc.constantFrom('.', '=', '==', '.e30', '\n', ' ').map((tail) => token + tail),
        fc.shuffledSubarray(parts).map((shuffled) => shuffled.join('.')),
        fc
          .array(fc.boolean(), { minLength: 3, maxLength: 3 })
          .map((from) => parts.map((part, at) => (from[at] === true ? (others[at] ?? part) : part)).join('.')),
      );
      await fc.assert(fc.asyncProperty(edits, isRefused), { numRuns: 300 });
    });

    void test('is refused with any claim changed and the signature kept', async () => {
      const [head = '', body = '', tail = ''] = token.split('.');
      const claims: Record<string, unknown> = JSON.parse(Buffer.from(body, 'base64url').toString());
      const changed = fc
        .tuple(fc.constantFrom(...Object.keys(claims), 'x'), fc.jsonValue())
        .map(([name, value]) => Buffer.from(JSON.stringify({ ...claims, [name]: value })).toString('base64url'))
        .filter((payload) => payload !== body);
      await fc.assert(
        fc.asyncProperty(changed, (payload) => isRefused([head, payload, tail].join('.'))),
        { numRuns: 100 },
      );
    });
  });
}
