// URLs as Go's net/url reads and writes them; bytes are kept as they are, in strings with one character for each byte.

import { decodeUtf8 } from '../../text/utf8.ts';
import { addressBytes } from './network.ts';
import { quoted } from './quoted.ts';
import { CelMap, type Fault, fault, type Key, List, NO_OVERLOAD, type Outcome, type Value } from './value.ts';

interface Parts {
  readonly scheme: string;
  readonly opaque: string;
  readonly user: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

export class Url {
  readonly typeName = 'kubernetes.URL';
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  equals(other: Value): boolean | Fault {
    return other instanceof Url ? other.#identity() === this.#identity() : NO_OVERLOAD;
  }

  #identity(): string {
    return JSON.stringify({ ...this.#parts, path: escapedPath(this.#parts.path) });
  }

  get scheme(): Outcome {
    return this.#parts.scheme;
  }

  get host(): Outcome {
    return textOf(this.#parts.host);
  }

  get hostname(): Outcome {
    return textOf(this.#parts.host.replace(/:[0-9]*$/, '').replace(/^\[(.*)\]$/s, '$1'));
  }

  get port(): Outcome {
    return textOf(/:([0-9]*)$/.exec(this.#parts.host)?.[1] ?? '');
  }

  get escapedPath(): Outcome {
    return textOf(escapedPath(this.#parts.path));
  }

  /** Names to lists of values, in the order of the URL; what cannot be read is left out, as in Go. */
  get query(): Outcome {
    const found = new Map<Key, Value[]>();
    for (const pair of this.#parts.query.split('&')) {
      const [, name = '', value = ''] = /^([^=]*)(?:=(.*))?$/s.exec(pair) ?? [];
      if (pair === '' || pair.includes(';') || badEscape(name + value) !== undefined) continue;
      const [key, text] = [name, value].map((part) => textOf(unescape(part.replaceAll('+', ' '))));
      if (typeof key !== 'string' || typeof text !== 'string') return fault('the query is not UTF-8');
      const values = found.get(key);
      if (values === undefined) found.set(key, [text]);
      else values.push(text);
    }
    return new CelMap(new Map([...found].map(([name, values]) => [name, new List(values)])));
  }
}

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');
const textOf = (bytes: string): Outcome => decodeUtf8(Buffer.from(bytes, 'latin1')) ?? fault('the URL is not UTF-8');

/** Words of Go about a text; a fault when the words cannot be known. */
type Problem = string | Fault;

/** What Go's ParseRequestURI says about a text that is neither an absolute URL nor a path. */
export function requestProblem(text: string): Problem | undefined {
  const problem = problemOf(bytesOf(text), true);
  return typeof problem === 'string' ? `parse ${quoted(text)}: ${problem}` : problem;
}

/** The parts of an absolute URL or path. A host is read in `//host` here, which {@link requestProblem} takes for a path. */
export function parseUrl(text: string): Url | Fault {
  const bytes = bytesOf(text);
  const [whole, fragment] = splitAt(bytes, '#');
  const problem = problemOf(bytes, true) ?? problemOf(whole, false) ?? badEscape(fragment);
  return problem === undefined ? new Url({ ...partsOf(whole), fragment }) : fault('not an absolute URL or path');
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/;

function partsOf(url: string): Omit<Parts, 'fragment'> {
  const scheme = SCHEME.exec(url)?.[1] ?? '';
  const [rest, query] = splitAt(url.slice(scheme === '' ? 0 : scheme.length + 1), '?');
  const none = { scheme: scheme.toLowerCase(), opaque: '', user: '', host: '', path: '', query };
  if (scheme !== '' && !rest.startsWith('/')) return { ...none, opaque: rest };
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) return { ...none, path: rest };
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  return { ...none, user: authority.slice(0, Math.max(at, 0)), host: unescape(authority.slice(at + 1)), path };
}

/** What Go's url.parse refuses; `isRequest` takes absolute URLs and paths alone. */
function problemOf(url: string, isRequest: boolean): Problem | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what has to be found
  if (/[\0-\x1f\x7f]/.test(url)) return 'net/url: invalid control character in URL';
  if (url === '' && isRequest) return 'empty url';
  if (url === '*') return undefined;
  if (url.startsWith(':')) return 'missing protocol scheme';
  const scheme = SCHEME.exec(url)?.[1] ?? '';
  const [rest] = splitAt(url.slice(scheme === '' ? 0 : scheme.length + 1), '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return undefined;
    if (isRequest) return 'invalid URI for request';
    if (/^[^/]*:/.test(rest)) return 'first path segment in URL cannot contain colon';
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || (!isRequest && !rest.startsWith('///')));
  if (!hasAuthority) return badEscape(rest);
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
  return authorityProblem(scheme.toLowerCase(), authority) ?? badEscape(path);
}

function authorityProblem(scheme: string, authority: string): Problem | undefined {
  const at = authority.lastIndexOf('@');
  const problem = hostProblem(scheme, authority.slice(at + 1));
  if (problem !== undefined || at === -1) return problem;
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._~!$&'()*+,;=:%@]*$/.test(user)) return 'net/url: invalid userinfo';
  return badEscape(user);
}

function hostProblem(scheme: string, host: string): Problem | undefined {
  const open = host.lastIndexOf('[');
  if (open > 0) return 'invalid IP-literal';
  if (open === 0) return literalProblem(host);
  const strict = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':');
  return portProblem(strict === -1 ? '' : host.slice(strict)) ?? hostCharacters(host, HOST_ESCAPE);
}

/** `[address]` with an IPv6 address, which may have a zone behind `%25`. */
function literalProblem(host: string): Problem | undefined {
  const close = host.lastIndexOf(']');
  if (close === -1) return "missing ']' in host";
  const literal = host.slice(1, close);
  const zoneAt = literal.indexOf('%25');
  const address = zoneAt === -1 ? literal : literal.slice(0, zoneAt);
  const zone = literal.slice(address.length);
  const wrong = portProblem(host.slice(close + 1)) ?? hostCharacters(address, HOST_ESCAPE);
  const problem = wrong ?? hostCharacters(zone, ZONE_ESCAPE);
  if (problem !== undefined) return problem;
  const bytes = zone === '%25' ? undefined : addressBytes(unescape(address));
  if (bytes?.length === 16) return undefined;
  return bytes !== undefined && zone === '' ? 'invalid IP-literal' : UNKNOWN_WORDS;
}

const UNKNOWN_WORDS = fault('what Go says about this URL is not known here');

const portProblem = (port: string): Problem | undefined =>
  /^(?::[0-9]*)?$/.test(port) ? undefined : says('invalid port', port, ' after host');

const HOST_CHARACTER = /[\x80-\xffA-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]/;
/** What an escape in a host may stand for, and in a zone. */
const HOST_ESCAPE = /[\x80-\xff%]/;
const ZONE_ESCAPE = /[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>" %]/;

function hostCharacters(host: string, escaped: RegExp): Problem | undefined {
  for (const [part] of host.matchAll(/%.{0,2}|[^%]/gs)) {
    if (part.startsWith('%')) {
      if (badEscape(part) !== undefined || !escaped.test(unescape(part))) return says('invalid URL escape', part);
    } else if (!HOST_CHARACTER.test(part)) {
      return says('invalid character', part, ' in host name');
    }
  }
  return undefined;
}

function badEscape(text: string): Problem | undefined {
  const at = text.search(/%(?![0-9a-fA-F]{2})/);
  return at === -1 ? undefined : says('invalid URL escape', text.slice(at, at + 3));
}

/** A part that was cut within a character has no text. */
function says(before: string, part: string, after = ''): Problem {
  const text = decodeUtf8(Buffer.from(part, 'latin1'));
  return text === undefined ? UNKNOWN_WORDS : `${before} ${quoted(text)}${after}`;
}

const unescape = (text: string): string =>
  text.replaceAll(/%([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** The path as it was written when that is a proper escaping, else escaped anew. */
function escapedPath(path: string): string {
  if (/^[A-Za-z0-9\-._~$&+,/:;=@!'()*[\]%]*$/.test(path)) return path;
  return unescape(path).replaceAll(/[^A-Za-z0-9\-._~$&+,/:;=@]/g, escapeByte);
}

const escapeByte = (byte: string): string => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
