// URLs of upstreams, where a credential may be sent at all, and sizes as people write them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBytes } from '../../src/settings/fields.ts';
import { errorsOf, HEAD, PROVIDER } from './setup.ts';

void describe('URLs', () => {
  const rows: { given: string; want: RegExp | undefined }[] = [
    { given: 'https://idp.example:8443/a?b=c', want: undefined },
    { given: 'http://127.0.0.1:8080', want: undefined },
    { given: 'http://[::1]:8080', want: undefined },
    { given: 'http://localhost', want: undefined },
    { given: 'http://127.0.0.1.evil.example', want: /must use https/ },
    { given: 'ftp://idp.example', want: /must be an http or https URL/ },
    { given: 'idp.example', want: /must be an http or https URL/ },
    { given: 'https://user:pw@idp.example', want: /must not contain a user or a password/ },
    { given: 'https://idp.example/#x', want: /must not contain a fragment/ },
  ];
  for (const { given, want } of rows) {
    void test(given, () => {
      const errors = errorsOf(HEAD + PROVIDER.replace('https://idp.example/', `"${given}"`));
      assert.equal(errors.length, want === undefined ? 0 : 1, errors.join());
      if (want !== undefined) assert.match(errors[0] ?? '', want);
    });
  }
});

void describe('sizes', () => {
  const rows: { given: string; want: number | undefined }[] = [
    { given: '512', want: 512 },
    { given: '512B', want: 512 },
    { given: '16KiB', want: 16_384 },
    { given: '1MiB', want: 1_048_576 },
    { given: '2GiB', want: 2_147_483_648 },
    { given: '16KB', want: undefined },
    { given: '1.5MiB', want: undefined },
    { given: '16 KiB', want: undefined },
    { given: '16kib', want: undefined },
    { given: '-1', want: undefined },
    { given: '', want: undefined },
    { given: 'KiB', want: undefined },
  ];
  for (const { given, want } of rows) void test(JSON.stringify(given), () => assert.equal(parseBytes(given), want));
});
