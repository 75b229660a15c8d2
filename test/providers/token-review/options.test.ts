// What a kubeconfig may not say: all of it at once, before anything is sent.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tokenReview } from '../../../providers/token-review.ts';
import { parseOptions } from '../../support/options.ts';
import { files } from './setup.ts';

const faults: readonly { name: string; server: string; cluster?: object; want: RegExp }[] = [
  {
    name: 'plain http to another host',
    server: 'http://webhook.corp.example/',
    want: /^kubeconfig: server must use https/,
  },
  {
    name: 'no verification',
    server: 'https://webhook.corp.example/',
    cluster: { 'insecure-skip-tls-verify': true },
    want: /insecure-skip-tls-verify is not taken/,
  },
  {
    name: 'a proxy',
    server: 'https://webhook.corp.example/',
    cluster: { 'proxy-url': 'http://p:1' },
    want: /proxy-url is not taken/,
  },
  {
    name: 'an authority that is not there',
    server: 'https://webhook.corp.example/',
    cluster: { 'certificate-authority': 'no.crt' },
    want: /certificate-authority: cannot read/,
  },
  { name: 'no server', server: '', want: /server is missing/ },
];
void describe('a kubeconfig with', () => {
  for (const { name, server, cluster = {}, want } of faults) {
    void test(`${name} is refused`, () => {
      const parsed = parseOptions(tokenReview, { kubeconfig: 'x.kubeconfig' }, files(server, cluster));
      assert.match('faults' in parsed ? parsed.faults.join('\n') : 'accepted', want);
    });
  }
});
