// What a request must be before anybody looks at where it goes: one HTTP/1 message that everybody on the way reads the same.

import type { IncomingMessage } from 'node:http';

/** The answer to a message that is none of ours; `line` says what to do about it. */
export interface MessageFault {
  readonly status: 400 | 501 | 505;
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
  return hostsIn(rawHeaders) > 1 ? { status: 400, line: 'Send one Host header.' } : undefined;
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
