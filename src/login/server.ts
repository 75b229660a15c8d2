// The address of the broker's portal, as people give it with --server.

import { isLoopbackHost } from '../core/listening.ts';

export type ServerAddress = { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly why: string };

/**
 * An https URL, or plain http on a loopback address; a path is kept as a prefix. `url.href` ends in a slash, so that one
 * server has one spelling.
 */
export function parseServer(text: string): ServerAddress {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return no('must be a URL such as https://broker.corp.example');
  if (url.username !== '' || url.password !== '') return no('must not have a user or a password');
  if (url.search !== '' || url.hash !== '') return no('must not have a query or a fragment');
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return no('must be https: a password must not travel in clear; plain http is for a loopback address only');
  }
  url.pathname = url.pathname.replace(/\/*$/, '/');
  return { ok: true, url };
}

/** Without the closing slash, for people. */
export function shownServer(url: URL): string {
  return url.href.replace(/\/$/, '');
}

function no(why: string): ServerAddress {
  return { ok: false, why };
}
