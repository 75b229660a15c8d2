// Reads a request body up to a bound, without a parser framework in between.

import type { IncomingMessage } from 'node:http';
import { decodeUtf8 } from '../text/utf8.ts';

export type Body =
  | { readonly kind: 'complete'; readonly text: string }
  /** Its bytes are not UTF-8. */
  | { readonly kind: 'not-text' }
  | { readonly kind: 'oversize' }
  | { readonly kind: 'incomplete' };

/**
 * A body beyond the bound is read on and thrown away up to this size, since an answer in the middle of an upload reaches
 * few clients; whoever sends more is cut off. kube-apiserver passes on tokens of up to 3 MiB, each byte of which JSON may
 * escape to six (k8s.io/apiserver pkg/server/config.go, MaxRequestBodyBytes): 18 MiB and what is around them.
 */
const DISCARDED_BYTES = 20 * 1024 * 1024;

/**
 * Calls `done` once, in the event that ends the body: a promise would put the answer off to another turn of the queue.
 * Keeps at most `maxBytes`.
 */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Body) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > DISCARDED_BYTES) return done({ kind: 'oversize' });
  let chunks: Buffer[] = [];
  let bytes = 0;
  let isDone = false;
  const settle = (body: Body): void => {
    if (isDone) return;
    isDone = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks = [];
    if (bytes <= DISCARDED_BYTES) return;
    request.pause();
    settle({ kind: 'oversize' });
  });
  request.on('end', () => settle(bytes > maxBytes ? { kind: 'oversize' } : decoded(chunks)));
  // Comes after every end, so after an error, too; and node emits an error only to those who listen.
  request.on('close', () => settle({ kind: 'incomplete' }));
}

/** Replacing what is not UTF-8 would turn several tokens into one. */
function decoded(chunks: readonly Buffer[]): Body {
  const [only] = chunks;
  const text = decodeUtf8(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  return text === undefined ? { kind: 'not-text' } : { kind: 'complete', text };
}
