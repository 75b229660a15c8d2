// One review at an API that answers as a test says.

import { httpBearer } from '../../../providers/http-bearer.ts';
import type { Claims } from '../../../src/core/claims.ts';
import type { ProviderSeams } from '../../../src/core/provider.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { opaqueCredential } from '../../contract/provider-world.ts';
import type { FakeAnswer, FakeHandler, FakeHttp } from '../../support/fake-http.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { optionsOf } from '../../support/options.ts';
import { deadline } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';

export const TOKEN = 'forge_good-token';

export function json(body: unknown, headers: FakeAnswer['headers'] = {}, status = 200): FakeAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** Answers by path, without the query; every other path is 404. */
export type Routes = Readonly<Record<string, FakeAnswer | FakeHandler>>;

/** The token of a request, without the word in front of it. */
export function tokenIn(authorization: string | undefined): string {
  return (authorization ?? '').split(' ')[1] ?? '';
}

/** Refuses every token but `TOKEN`, also where routes say otherwise. */
export async function startForge(t: { after(done: () => Promise<void>): void }, routes: Routes): Promise<FakeHttp> {
  const forge = await startFakeHttp({
    handler: (request, response) => {
      const route = routes[request.path.split('?')[0] ?? ''];
      if (route === undefined) return json({ message: 'Not Found' }, {}, 404);
      const isBasic = (request.headers.authorization ?? '').startsWith('Basic ');
      const isKnown = isBasic || tokenIn(request.headers.authorization) === TOKEN;
      if (!isKnown) return json({ message: 'Bad credentials' }, {}, 401);
      return typeof route === 'function' ? route(request, response) : route;
    },
  });
  t.after(() => forge.close());
  return forge;
}

export interface Asked {
  readonly token?: string;
  readonly seams?: Partial<ProviderSeams>;
  readonly files?: Readonly<Record<string, string>>;
}

/** One review with these options; the requests are those of `/user` unless given. */
export async function reviewAt(forge: FakeHttp, options: object = {}, asked: Asked = {}): Promise<Verdict<Claims>> {
  const given = {
    requests: [{ name: 'user', url: `${forge.origin}/user` }],
    ...('proof' in options ? {} : { anyAudience: true }),
    ...options,
  };
  const provider = httpBearer.open(optionsOf(httpBearer, given, asked.files), testSeams(asked.seams));
  try {
    const credential = opaqueCredential({ name: '', secret: asked.token ?? TOKEN });
    return await provider.authenticate(reviewOf(credential), deadline(2500));
  } finally {
    await provider.close();
  }
}

export function told(verdict: Verdict<unknown>): string {
  return 'reason' in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind;
}
