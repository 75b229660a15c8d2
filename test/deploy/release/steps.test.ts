// What a release is told by its tools: digests of images, and the chart that names one.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { digestIn, withDigest } from '../../../deploy/release/steps.ts';
import { ROOT } from '../../docs/markdown.ts';
import { at, text } from '../files.ts';

const run = promisify(execFile);

const [first, second] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`);

void describe('the digest', () => {
  const rows = [
    {
      name: 'of an image that was pushed',
      given: `{"x":"${first}","containerimage.digest":"${second}"}`,
      want: second,
    },
    { name: 'that is not there', given: `{"x":"${first}"}`, want: '' },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.equal(digestIn(given, 'containerimage.digest'), want));
  }

  void test('of a chart that was pushed', () => {
    assert.equal(digestIn(`Pushed: host/charts/name:1.0.0\nDigest: ${first}\n`), first);
  });
});

void describe('the chart that is offered', () => {
  void test('takes the very image, whatever becomes of its tag', () => {
    const values = withDigest(text('chart/values.yaml'), first ?? '');
    assert.equal(at(parse(values), 'image', 'digest'), first);
  });

  void test('is not offered when the digest has no place in it', () => {
    assert.throws(() => withDigest('image: {}\n', first ?? ''), /no line/);
  });
});

void describe('the signature of macOS files', () => {
  const rows = [
    { name: 'without a file', given: [], want: { code: 2, stderr: 'usage: sign-macos.sh FILE…\n' } },
    {
      name: 'elsewhere',
      given: ['kubectl-broker'],
      want: { code: 3, stderr: 'sign-macos.sh: only macOS has codesign\n' },
    },
  ];
  for (const { name, given, want } of rows) {
    void test(`is not made ${name}, and nothing is taken for signed`, {
      skip: process.platform === 'darwin',
    }, async () => {
      await assert.rejects(run('bash', [join(ROOT, 'deploy/release/sign-macos.sh'), ...given]), want);
    });
  }

  for (const name of ['sign-macos.sh', 'keychain-macos.sh']) {
    void test(`is made by ${name}, which bash understands`, async () => {
      assert.equal((await run('bash', ['-n', join(ROOT, 'deploy/release', name)])).stderr, '');
    });
  }
});
