// The issuers of all cases: one HTTPS server on loopback, whose documents both sides fetch.

import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { type FakeAnswer, startFakeHttp } from '../../support/fake-http.ts';
import type { Case } from './case.ts';

export interface Issuers {
  readonly origin: string;
  readonly host: string;
  /** PEM, for `certificateAuthority`. */
  readonly authority: string;
  publish(cases: readonly Case[]): void;
  close(): Promise<void>;
}

export async function startIssuers(): Promise<Issuers> {
  const authority = makeAuthority('issuers');
  const answers = new Map<string, FakeAnswer>();
  const http = await startFakeHttp({
    tls: issueLoopback(authority),
    handler: ({ path }) => answers.get(path) ?? { status: 404 },
  });
  return {
    origin: http.origin,
    host: new URL(http.origin).host,
    authority: authority.cert,
    publish: (cases) => {
      for (const each of cases) publish(each, http.origin, answers);
    },
    close: () => http.close(),
  };
}

function publish({ path, keys, answers }: Case, origin: string, all: Map<string, FakeAnswer>): void {
  const document = { issuer: origin + path, jwks_uri: `${origin}${path}/keys` };
  const headers = { 'content-type': 'application/json' };
  all.set(`${path}/.well-known/openid-configuration`, { status: 200, headers, body: JSON.stringify(document) });
  all.set(`${path}/keys`, { status: 200, headers, body: JSON.stringify(keys) });
  for (const [where, body] of answers) all.set(path + where, { status: 200, body });
}
