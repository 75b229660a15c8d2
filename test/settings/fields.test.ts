// URLs of upstreams: where a credential may be sent at all.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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
