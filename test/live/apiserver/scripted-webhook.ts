// A token webhook on loopback HTTPS that answers what a test says and remembers what kube-apiserver sent.
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { KeyPair } from '../rig/pki.ts';

export interface ReceivedReview {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly spec: { readonly token?: string; readonly audiences?: readonly string[] };
  };
}

export interface ScriptedAnswer {
  /** Default 200. */
  readonly httpStatus?: number;
  /** The `status` of a TokenReview in the version that was asked for, or the whole body as text. */
  readonly status?: Readonly<Record<string, unknown>>;
  readonly body?: string;
}

export interface ScriptedWebhook {
  /** Ends in `/authenticate`. */
  readonly url: string;
  readonly received: readonly ReceivedReview[];
  close(): Promise<void>;
}

export async function startScriptedWebhook(
  certificate: KeyPair,
  answer: (review: ReceivedReview) => ScriptedAnswer,
): Promise<ScriptedWebhook> {
  const received: ReceivedReview[] = [];
  const tls = { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const body: ReceivedReview['body'] = JSON.parse(await text(request));
    const review = { method, url, headers, body };
    received.push(review);
    const { httpStatus = 200, status = {}, body: whole } = answer(review);
    response.writeHead(httpStatus, { 'content-type': 'application/json' });
    response.end(whole ?? JSON.stringify({ apiVersion: body.apiVersion, kind: 'TokenReview', status }));
  };
  const server = createServer(tls, (request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the scripted webhook has no port');
  return {
    url: `https://127.0.0.1:${address.port}/authenticate`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
