// One TokenReview posted as kube-apiserver posts it, and what came back.

import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { errorWord } from '../../text/error-code.ts';
import { API_GROUP, type ApiVersion } from '../../webhook/request.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { type Target, tlsOptions } from './target.ts';

export interface Posted {
  readonly version: ApiVersion;
  readonly token: string;
  readonly audiences: readonly string[];
  readonly client: Kubeconfig['client'];
}

export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly durationMs: number }
  /** `timeout`, `oversize`, or the code of a node error. */
  | { readonly kind: 'broken'; readonly code: string };

const MAX_ANSWER_BYTES = 1024 * 1024;
/** kube-apiserver waits 30 s, which nobody should have to. */
const TIMEOUT_MS = 10_000;

/** A connection of its own for each; redirects are not followed. Never rejects. */
export function post(target: Target, posted: Posted): Promise<Exchange> {
  const body = bodyOf(posted);
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const request = open(target, posted.client, Buffer.byteLength(body));
    const broken = (error: unknown): void => resolve({ kind: 'broken', code: errorWord(error) });
    const timer = setTimeout(() => {
      resolve({ kind: 'broken', code: 'timeout' });
      request.destroy();
    }, TIMEOUT_MS);
    request.on('error', broken);
    request.on('close', () => clearTimeout(timer));
    request.on('response', (response) => {
      const complete = (text: string | undefined): void => {
        const durationMs = Math.round(performance.now() - startedMs);
        if (text === undefined) request.destroy();
        resolve(
          text === undefined
            ? { kind: 'broken', code: 'oversize' }
            : { kind: 'answered', status: response.statusCode ?? 0, body: text, durationMs },
        );
      };
      readText(response).then(complete, broken);
    });
    request.end(body);
  });
}

/** The bytes of Go's encoder: `status.user` is always there, `audiences` only when there are any. */
function bodyOf({ version, token, audiences }: Posted): string {
  const spec = { token, ...(audiences.length > 0 && { audiences }) };
  const review = {
    kind: 'TokenReview',
    apiVersion: `${API_GROUP}/${version}`,
    metadata: {},
    spec,
    status: { user: {} },
  };
  return `${JSON.stringify(review)}\n`;
}

function open(target: Target, client: Kubeconfig['client'], bytes: number): ClientRequest {
  const { url, authorization } = target.kubeconfig;
  const headers = {
    Host: url.host,
    'Content-Type': 'application/json',
    Accept: 'application/json, */*',
    'User-Agent': 'kube-auth-broker-verify',
    'Content-Length': bytes,
    ...(authorization && { Authorization: authorization.reveal() }),
  };
  const common = { method: 'POST', path: `${url.pathname}?timeout=30s`, headers, agent: false as const };
  if (url.protocol === 'https:') return tlsRequest({ ...common, ...tlsOptions(target, client) });
  return plainRequest({ ...common, host: target.address, port: target.port });
}

/** Undefined when it is too much. */
async function readText(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString();
}
