// The requests that carry the token: the first, which decides, and the others, which must answer.

import type { Secret } from '../../src/core/secret.ts';
import { type Rejected, rejected, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { asData, isJsonList, type JsonValue, parseJson } from '../../src/text/json.ts';
import { isJsonType } from '../../src/upstream/http/body.ts';
import type { HttpAnswer, HttpClient } from '../../src/upstream/http/client.ts';
import type { Accepted, Judge, Judgement } from '../../src/upstream/http/judge.ts';
import { nextLink } from './link.ts';
import type { TokenHeader, TokenRequest } from './options.ts';

/** Asks one address with a token. Never throws. */
export type Ask = (url: URL, token: Secret, signal: AbortSignal) => Promise<HttpAnswer | Unavailable>;

/** How long a kept connection may be silent before the question is asked once more on a new one: reading changes nothing. */
const REPEAT_AFTER_MS = 1000;

export function askWith(http: HttpClient, { header, scheme }: TokenHeader): Ask {
  return (url, token, signal) => {
    const value = scheme === '' ? token.reveal() : `${scheme} ${token.reveal()}`;
    const headers = { accept: 'application/json', [header]: value };
    return http.send({ method: 'GET', url, headers, repeatAfterMs: REPEAT_AFTER_MS }, signal);
  };
}

export type Told = { readonly kind: 'told'; readonly json: JsonValue };

/** The JSON of an answer that was accepted. */
export function jsonOf({ headers, body }: HttpAnswer, { url }: Pick<TokenRequest, 'url'>): Told | Unavailable {
  const where = url.origin + url.pathname;
  if (!isJsonType(headers['content-type']))
    return unavailable('malformed-answer', `the answer of ${where} is not JSON`);
  const value = parseJson(body);
  return value === undefined
    ? unavailable('malformed-answer', `the answer of ${where} says that it is JSON, and is none`)
    : { kind: 'told', json: asData(value) };
}

export interface Asking {
  readonly ask: Ask;
  readonly judge: Judge;
  readonly token: Secret;
  readonly signal: AbortSignal;
}

/** One of the other requests: all of it or nothing, for groups that are missing would be taken for groups that nobody has. */
export async function tell(request: TokenRequest, asking: Asking): Promise<Told | Rejected | Unavailable> {
  if (request.pages === 'none') return tellPage(request.url, request, asking);
  const items: JsonValue[] = [];
  const seen = new Set<string>();
  for (let url: URL | undefined = request.url; url !== undefined; ) {
    if (seen.size === request.maxPages) {
      return unavailable('oversize-answer', `${request.name} has more than ${request.maxPages} pages`);
    }
    seen.add(url.href);
    // oxlint-disable-next-line no-await-in-loop -- a page names the next one
    const page: Page | Rejected | Unavailable = await tellPage(url, request, asking);
    if (page.kind !== 'told') return page;
    if (!isJsonList(page.json)) return unavailable('malformed-answer', `a page of ${request.name} is no list`);
    items.push(...page.json);
    const next: URL | Unavailable | undefined = nextPage(page, url, request);
    if (next !== undefined && !(next instanceof URL)) return next;
    if (next !== undefined && seen.has(next.href)) {
      return unavailable('malformed-answer', `the pages of ${request.name} go round in a circle`);
    }
    url = next;
  }
  return { kind: 'told', json: items };
}

type Page = Told & { readonly link: HttpAnswer['headers'][string] };

async function tellPage(url: URL, request: TokenRequest, { ask, judge, token, signal }: Asking) {
  const answer = await ask(url, token, signal);
  if (answer.kind !== 'answer') return answer;
  const judgement = judge(answer);
  if (judgement.kind !== 'accepted') return withoutIt(judgement, request);
  const told = jsonOf(answer, { url });
  return told.kind === 'told' ? { ...told, link: answer.headers['link'] } : told;
}

/** The token is good, as the first answer said, and this part of it is refused: most often it lacks a scope. */
function withoutIt(judgement: Exclude<Judgement, Accepted>, { name }: TokenRequest): Rejected | Unavailable {
  if (judgement.kind === 'unavailable') return { ...judgement, detail: `${name}: ${judgement.detail}` };
  return rejected(
    'mapping-failed',
    `the request ${name} is refused (${judgement.detail}): does the token have the scope for it?`,
  );
}

/** Only where the list itself is: the token goes nowhere else. */
function nextPage({ link }: Page, from: URL, { name, url }: TokenRequest): URL | Unavailable | undefined {
  const target = nextLink(link);
  if (target === undefined) return undefined;
  const next = target === false ? null : URL.parse(target, from.href);
  if (next === null) return unavailable('malformed-answer', `${name} has a Link header that names no page`);
  if (next.origin !== url.origin || next.username !== '' || next.password !== '') {
    return unavailable('redirected', `the next page of ${name} is at another host, ${next.host}`);
  }
  next.hash = '';
  return next;
}
