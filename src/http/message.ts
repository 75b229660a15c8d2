// What a request must be before anybody looks at where it goes: one message that everybody on the way reads the same.

import type { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http2';

/** The answer to a message that is none of ours; `line` says what to do about it. */
export interface MessageFault {
  readonly status: 400 | 417 | 431 | 501 | 505;
  readonly line: string;
}

/**
 * What Node's parser takes and RFC 9112 does not: another version (§2.3), a transfer coding beside `chunked`, after it or with
 * HTTP/1.0 (§6.1), more than one Host (§3.2). Undefined for a sound message.
 */
export function messageFault(request: IncomingMessage): MessageFault | undefined {
  const { httpVersion, headers, rawHeaders } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return { status: 505, line: 'Send HTTP/1.1.' };
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (httpVersion === '1.0') return { status: 400, line: 'HTTP/1.0 has no Transfer-Encoding.' };
    const codings = coding.toLowerCase().split(',');
    if (codings.at(-1)?.trim() !== 'chunked') return { status: 400, line: 'Where the body ends is not said.' };
    if (codings.length > 1) return { status: 501, line: 'The only transfer coding is chunked.' };
  }
  return hostsIn(rawHeaders) > 1 ? ONE_HOST : undefined;
}

const ONE_HOST: MessageFault = { status: 400, line: 'Send one Host header.' };

/** As much of a head as HTTP/1 may have, and as many lines as fit in there when they are empty. */
export const MAX_HEAD_BYTES = 16 * 1024;
/** What HTTP/2 counts for each field beside its letters (RFC 9113 §6.5.2). */
const FIELD_BYTES = 32;

/**
 * What nghttp2 takes and HTTP/1 would not: two different hosts (RFC 9113 §8.3.1), and a head beyond the bound. What nghttp2
 * refuses ends the stream without an answer.
 */
export function streamFault(
  { ':authority': authority, host }: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): MessageFault | undefined {
  if (headBytes(rawHeaders) > MAX_HEAD_BYTES) return { status: 431, line: 'The headers are too large.' };
  const hasTwo = host !== undefined && authority !== undefined && host !== authority;
  return hasTwo ? ONE_HOST : undefined;
}

/** What node:http answers by itself (RFC 9110 §10.1.1). */
export function expectationFault({ expect }: IncomingHttpHeaders): MessageFault | undefined {
  if (expect === undefined || expect.toLowerCase() === '100-continue') return undefined;
  return { status: 417, line: 'The only expectation is 100-continue.' };
}

function headBytes(rawHeaders: readonly string[]): number {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length;
  return bytes + (rawHeaders.length / 2) * FIELD_BYTES;
}

/** `request.headers` keeps the first of them and says nothing of the others. */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}
