// Lets openid-client speak through the provider's own HTTP client, with the deadline and the outcome of each single call.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { CustomFetch } from 'openid-client';
import { type Abstained, type Rejected, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { errorCode } from '../../src/text/error-code.ts';
import { isJsonObject, type JsonObject } from '../../src/text/json.ts';
import type { HttpAnswer, HttpClient } from '../../src/upstream/http/client.ts';
import type { AnswerRule } from './answers.ts';

export type Refused = Abstained | Rejected | Unavailable;

/** What an authorization server said, as it was parsed; or why it said nothing that can be used. */
export type Said = { readonly kind: 'said'; readonly json: JsonObject } | Refused;

export interface Exchange {
  /** Give it to openid-client; it works inside `run` alone. */
  readonly fetch: CustomFetch;
  /**
   * Runs one call of openid-client, which fetches once. Never throws: an answer that the rule or openid-client does not
   * accept is a verdict, `malformed-answer` when it breaks its protocol.
   */
  run(rule: AnswerRule, signal: AbortSignal, call: () => Promise<unknown>): Promise<Said>;
}

interface Running {
  readonly rule: AnswerRule;
  readonly signal: AbortSignal;
  refused?: Refused | undefined;
  json?: JsonObject | undefined;
}

/** openid-client takes no signal per call, so the running call is found through its asynchronous context. */
export function createExchange(http: HttpClient): Exchange {
  const running = new AsyncLocalStorage<Running>();
  return {
    fetch: async (url, { method, headers, body }) => {
      const call = running.getStore();
      if (call === undefined) throw new TypeError('fetched outside run()');
      const request = { url: new URL(url), headers, ...(method === 'POST' ? post(body) : { method: 'GET' as const }) };
      const answer = await http.send(request, call.signal);
      call.refused = answer.kind === 'answer' ? call.rule(answer, whereOf(request.url)) : answer;
      if (call.refused !== undefined || answer.kind !== 'answer') throw new TypeError('refused');
      call.json = objectIn(answer.body);
      const response: Pick<Response, 'status' | 'bodyUsed' | 'json'> = new SettledResponse(answer, call.json);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests of every answer prove that it is enough
      return response as Response;
    },
    run: (rule, signal, work) => {
      const call: Running = { rule, signal };
      return running.run(call, () => outcomeOf(call, work));
    },
  };
}

async function outcomeOf(call: Running, work: () => Promise<unknown>): Promise<Said> {
  try {
    await work();
    if (call.json !== undefined) return { kind: 'said', json: call.json };
    return unavailable('internal', 'openid-client fetched nothing');
  } catch (error) {
    return call.refused ?? outageOf(error);
  }
}

/** openid-client throws a TypeError about the way it was called, and other errors about the answer, but for bad addresses. */
function outageOf(error: unknown): Unavailable {
  const code = errorCode(error) ?? 'no code';
  const isAboutAnswer = !(error instanceof TypeError) || code === 'ERR_INVALID_URL';
  return unavailable(isAboutAnswer ? 'malformed-answer' : 'internal', `openid-client: ${code}`, { code });
}

/** Copied into data once, when claims are made of it: each object without prototype costs more than its parsing. */
function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function post(body: unknown): { method: 'POST'; body: string } {
  return { method: 'POST', body: body instanceof URLSearchParams ? body.toString() : '' };
}

/** Without the query, which is of no use to a reader. */
function whereOf(url: URL): string {
  return url.origin + url.pathname;
}

/**
 * What openid-client reads of a `fetch` response whose status and content type are settled. It recognises one by its
 * `Symbol.toStringTag`; building undici's real one costs more CPU than sending the request.
 *
 * A class because the tag must be on the prototype.
 */
class SettledResponse {
  readonly bodyUsed = false;
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  readonly #json: JsonObject | undefined;

  constructor(answer: HttpAnswer, json: JsonObject | undefined) {
    this.status = answer.status;
    this.headers = { get: (name) => headerOf(answer, name) };
    this.#json = json;
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }

  json(): Promise<JsonObject> {
    return this.#json === undefined ? Promise.reject(new SyntaxError('no JSON object')) : Promise.resolve(this.#json);
  }
}

function headerOf(answer: HttpAnswer, name: string): string | null {
  const value = answer.headers[name];
  return value === undefined ? null : String(value);
}
