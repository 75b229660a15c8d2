// Refuses what another site makes a browser send: nobody else may sign somebody in, mint or revoke.

import type { IncomingMessage } from 'node:http';

/**
 * True when a browser says that the request comes from another site (Fetch Metadata, `Sec-Fetch-Site`; RFC 6454 §7,
 * `Origin`). A client that says neither is no browser.
 */
export function isCrossSite({ headers }: Pick<IncomingMessage, 'headers'>, publicURL: URL): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin, host } = headers;
  if (origin === undefined) return false;
  const from = URL.parse(origin)?.host;
  return from === undefined || from === '' || (from !== publicURL.host && from !== hostOf(host, origin));
}

/** As a URL has it: lower case, without the scheme's own port. */
function hostOf(host: string | undefined, origin: string): string | undefined {
  return URL.parse(`${new URL(origin).protocol}//${host ?? ''}`)?.host;
}
