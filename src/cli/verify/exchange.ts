// One TokenReview posted as kube-apiserver posts it, and what came back.

import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import { errorWord } from '../../text/error-code.ts';
import type { Kubeconfig } from '../../upstream/kubernetes/kubeconfig.ts';
import { API_GROUP, type ApiVersion } from '../../webhook/request.ts';
import { socketTo, type Target, tlsOptions } from './target.ts';

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
export async function post(target: Target, posted: Posted): Promise<Exchange> {
  const body = bodyOf(posted);
  let through: Socket | undefined;
  try {
    through = await socketTo(target, TIMEOUT_MS);
  } catch (error) {
    return { kind: 'broken', code: errorWord(error) };
  }
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const asked = open(target, posted.client, { bytes: Buffer.byteLength(body), through });
    const broken = (error: unknown): void => resolve({ kind: 'broken', code: errorWord(error) });
    const timer = setTimeout(() => {
      resolve({ kind: 'broken', code: 'timeout' });
      asked.destroy();
    }, TIMEOUT_MS);
    asked.on('error', broken);
    asked.on('close', () => clearTimeout(timer));
    asked.on('response', (response) => {
      const complete = (text: string | undefined): void => {
        const durationMs = Math.round(performance.now() - startedMs);
        if (text === undefined) asked.destroy();
        resolve(
          text === undefined
            ? { kind: 'broken', code: 'oversize' }
            : { kind: 'answered', status: response.statusCode ?? 0, body: text, durationMs },
        );
      };
      readText(response).then(complete, broken);
    });
    asked.end(body);
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

interface Opening {
  readonly bytes: number;
  readonly through: Socket | undefined;
}

function open(target: Target, client: Kubeconfig['client'], { bytes, through }: Opening): ClientRequest {
  const { url, authorization } = target.kubeconfig;
  const headers = {
    Host: url.host,
    'Content-Type': 'application/json',
    Accept: 'application/json, */*',
    'User-Agent': 'kube-auth-broker-verify',
    'Content-Length': bytes,
    ...(authorization && { Authorization: authorization.reveal() }),
  };
  const common = { method: 'POST', path: `${url.pathname}?timeout=30s`, headers };
  if (url.protocol === 'http:') return request({ ...common, agent: false, host: target.address, port: target.port });
  const tls = { ...tlsOptions(target, client), ...(through && { socket: through }) };
  return request({ ...common, createConnection: () => connect(tls) });
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
