// What an HTTP exchange that failed says about the upstream; errors are classified by code, their texts are never shown.

import type { OutageReason } from '../../core/reasons.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { errorWord } from '../../text/error-code.ts';

/** In place of a code: the caller's signal ended it. */
const DEADLINE = 'deadline over';

const REASONS: ReadonlyMap<string, OutageReason> = new Map([
  ['ECONNREFUSED', 'connection-refused'],
  ['ENOTFOUND', 'name-resolution'],
  ['ENODATA', 'name-resolution'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout'],
  [DEADLINE, 'timeout'],
  ['UND_ERR_ABORTED', 'timeout'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'oversize-answer'],
  ['UND_ERR_HEADERS_OVERFLOW', 'oversize-answer'],
  ['HPE_HEADER_OVERFLOW', 'oversize-answer'],
  ['HPE_CLOSED_CONNECTION', 'connection-failed'],
  ['HPE_INVALID_EOF_STATE', 'connection-failed'],
  ['HTTPParserError', 'malformed-answer'],
  ['UND_ERR_DESTROYED', 'stopping'],
  ['UND_ERR_CLOSED', 'stopping'],
  ['UND_ERR_INVALID_ARG', 'internal'],
]);

const PREFIXES: readonly (readonly [RegExp, OutageReason])[] = [
  [/^EAI_/, 'name-resolution'],
  [
    /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$)/,
    'tls-failed',
  ],
  [/^(?:INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT_)/, 'tls-failed'],
  [/^HPE_/, 'malformed-answer'],
];

/**
 * The outage behind an error of node:net, node:tls, node:dns or undici. The detail is `<code> at <where>`; neither it nor
 * the cause has anything of the request, because an upstream may echo a password into what it breaks with.
 */
export function outageOf(error: unknown, where: string): Unavailable {
  const code = codeOf(error);
  return unavailable(reasonOf(code), `${code} at ${where}`, { code });
}

function codeOf(error: unknown): string {
  const isDeadline = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
  return isDeadline ? DEADLINE : errorWord(error);
}

function reasonOf(code: string): OutageReason {
  return REASONS.get(code) ?? PREFIXES.find(([prefix]) => prefix.test(code))?.[1] ?? 'connection-failed';
}
