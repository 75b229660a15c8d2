// Drives the providers' HTTP client in tests, and closes it whatever happens.

import { createHttpClient, type HttpClientOptions, type HttpRequest } from '../../src/upstream/http/client.ts';
import { deadline } from './patience.ts';

const DEADLINE_MS = 2000;

export async function withClient<T>(
  options: HttpClientOptions,
  run: (send: (request: HttpRequest, signal?: AbortSignal) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const client = createHttpClient(options);
  try {
    return await run((request, signal = deadline(DEADLINE_MS)) => client.send(request, signal));
  } finally {
    await client.close();
  }
}

/** kind, reason or status, and body: what a test compares. */
export function gist(answer: unknown): unknown {
  const { kind, reason, status, body } = { kind: '', reason: '', status: 0, body: '', ...Object(answer) };
  return kind === 'answer' ? { status, body } : { kind, reason };
}
