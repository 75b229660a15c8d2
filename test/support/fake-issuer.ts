// An OpenID issuer on loopback that publishes a discovery document and keys, and breaks on demand.

import type { TestCertificate } from './certificates.ts';
import { jsonAnswer } from './fake-authorization-server.ts';
import { type FakeAnswer, type FakeHttp, type SeenRequest, startFakeHttp } from './fake-http.ts';
import { keySetOf, type TokenKey } from './signed-tokens.ts';

export interface FakeIssuer extends FakeHttp {
  readonly issuer: string;
  /** Publishes these keys from now on, or answers something else at `/jwks`. */
  publish(...keys: readonly TokenKey[] | readonly [FakeAnswer]): void;
  /** Edits the discovery document from now on, or answers something else. */
  describe(edit: (document: Document) => Document | FakeAnswer): void;
  /** Answers another path. */
  serve(path: string, answer: (request: SeenRequest) => FakeAnswer): void;
  asked(path: string): readonly SeenRequest[];
}

type Document = Readonly<Record<string, unknown>>;

export const WELL_KNOWN = '/.well-known/openid-configuration';

export async function startFakeIssuer(
  keys: readonly TokenKey[],
  tls: { readonly tls?: TestCertificate; readonly strangerTls?: TestCertificate } = {},
): Promise<FakeIssuer> {
  let published: FakeAnswer = jsonAnswer(keySetOf(...keys));
  let edit: (document: Document) => Document | FakeAnswer = unchanged;
  const others = new Map<string, (request: SeenRequest) => FakeAnswer>();
  const http: FakeHttp = await startFakeHttp({
    ...tls,
    handler: (request) => {
      const { origin } = http;
      const answers: Readonly<Record<string, () => FakeAnswer>> = {
        [WELL_KNOWN]: () =>
          answerOf(edit({ issuer: origin, jwks_uri: `${origin}/jwks`, userinfo_endpoint: `${origin}/me` })),
        '/jwks': () => published,
      };
      return (answers[request.path] ?? (() => others.get(request.path)?.(request)))() ?? { status: 404 };
    },
  });
  return {
    ...http,
    issuer: http.origin,
    publish: (...next) => {
      published = next.some(isAnswer)
        ? (next.find(isAnswer) ?? { status: 404 })
        : jsonAnswer(keySetOf(...next.filter(isKey)));
    },
    describe: (next) => {
      edit = next;
    },
    serve: (path, answer) => void others.set(path, answer),
    asked: (path) => http.seen.filter((request) => request.path === path),
  };
}

const unchanged = (document: Document): Document => document;
const isKey = (given: TokenKey | FakeAnswer): given is TokenKey => 'jwk' in given;
const isAnswer = (given: TokenKey | FakeAnswer): given is FakeAnswer => 'status' in given;

function answerOf(said: Document | FakeAnswer): FakeAnswer {
  return isDocumentAnswer(said) ? said : jsonAnswer(said);
}

function isDocumentAnswer(said: Document | FakeAnswer): said is FakeAnswer {
  return typeof said['status'] === 'number';
}
