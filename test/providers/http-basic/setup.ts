// One login at an HTTP upstream that answers as a test says.

import { httpBasic } from '../../../providers/http-basic.ts';
import type { Claims } from '../../../src/core/claims.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { passwordCredential } from '../../contract/provider-world.ts';
import type { FakeAnswer, FakeHttp } from '../../support/fake-http.ts';
import { optionsOf } from '../../support/options.ts';
import { deadline } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';

export function json(body: unknown, headers: FakeAnswer['headers'] = {}): FakeAnswer {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** One login of alice at an upstream that answers as given, with the canary off. */
export async function loginAt(upstream: FakeHttp, options: object, name = 'alice'): Promise<Verdict<Claims>> {
  const given = { url: upstream.origin, canary: false, ...options };
  const provider = httpBasic.open(optionsOf(httpBasic, given), testSeams());
  try {
    const credential = passwordCredential({ name, secret: 'secret' });
    return await provider.authenticate(reviewOf(credential), deadline(2500));
  } finally {
    await provider.close();
  }
}
