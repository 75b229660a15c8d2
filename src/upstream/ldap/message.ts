// The messages of LDAP (RFC 4511): the three requests that the broker ever sends (none that writes), and strictly read answers.

import { type BerElement, ber, berContent, berInteger, berNumber, MalformedBer, readBerElements } from './ber.ts';
import { CONTROL } from './result.ts';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const OCTETS = 0x04;
const ENUMERATED = 0x0a;
const CONTROLS = 0xa0;
const START_TLS = '1.3.6.1.4.1.1466.20037';
const SCOPES = { base: 0, one: 1, sub: 2 } as const;
const NEVER_FOLLOW_ALIASES = berNumber(0, ENUMERATED);
const VALUES_TOO = ber(0x01, Buffer.from([0]));

export interface LdapSearch {
  readonly baseDN: string;
  readonly scope: keyof typeof SCOPES;
  /** As `fillFilter` writes it. */
  readonly filter: Buffer;
  /** `['1.1']` for none (RFC 4511 §4.5.1.8). */
  readonly attributes: readonly string[];
  /** 0: as many as the server hands out. */
  readonly sizeLimit: number;
  /** In pages of this size (RFC 2696); a sample is the first page alone. */
  readonly page?: { readonly size: number; readonly isSample?: true };
}

/** A simple bind (RFC 4511 §4.2); `askPolicy` asks for the password policy response control. */
export function encodeBind(messageId: number, dn: string, password: string, askPolicy: boolean): Buffer {
  const bind = ber(0x60, berNumber(3), ber(OCTETS, dn), ber(0x80, password));
  return encoded(messageId, bind, askPolicy ? [control(CONTROL.passwordPolicy)] : []);
}

/** `timeLimitSeconds` is what the server itself should keep to, `cookie` where the page starts. */
export function encodeSearch(messageId: number, search: LdapSearch, timeLimitSeconds: number, cookie?: Buffer): Buffer {
  const { baseDN, scope, filter, attributes, sizeLimit, page } = search;
  const request = ber(
    0x63,
    ber(OCTETS, baseDN),
    berNumber(SCOPES[scope], ENUMERATED),
    NEVER_FOLLOW_ALIASES,
    berNumber(sizeLimit),
    berNumber(timeLimitSeconds),
    VALUES_TOO,
    filter,
    ber(SEQUENCE, ...attributes.map((name) => ber(OCTETS, name))),
  );
  return encoded(messageId, request, page === undefined ? [] : [pageControl(page.size, cookie)]);
}

/** The extended request of RFC 4511 §4.14.1. */
export function encodeStartTls(messageId: number): Buffer {
  return encoded(messageId, ber(0x77, ber(0x80, START_TLS)), []);
}

function encoded(messageId: number, operation: Buffer, controls: readonly Buffer[]): Buffer {
  return ber(SEQUENCE, berNumber(messageId), operation, ...(controls.length === 0 ? [] : [ber(CONTROLS, ...controls)]));
}

/** Never critical, which is the default and therefore not written (RFC 4511 §5.1): strict servers take it for no LDAP. */
function control(oid: string, ...value: readonly Buffer[]): Buffer {
  return ber(SEQUENCE, ber(OCTETS, oid), ...value.map((bytes) => ber(OCTETS, bytes)));
}

/** RFC 2696 §2. */
function pageControl(size: number, cookie: Buffer = Buffer.alloc(0)): Buffer {
  return control(CONTROL.pagedResults, ber(SEQUENCE, berNumber(size), ber(OCTETS, cookie)));
}

/** More are read of no entry; the size of a message is bounded besides. */
export const MAX_ATTRIBUTES = 500;

/** LDAPResult (RFC 4511 §4.1.9) with the response controls by object identifier. */
export interface LdapResult {
  readonly kind: 'result';
  readonly code: number;
  /** The server's own words; they may repeat what was sent to it, a password too. */
  readonly diagnostic: string;
  /** What of them may be quoted. */
  readonly said?: string | undefined;
  readonly controls: ReadonlyMap<string, Buffer>;
}

export interface LdapAttribute {
  /** Spelled as the server does, options (`;binary`, `;range=…`) included. */
  readonly name: string;
  readonly values: readonly Buffer[];
}

export interface LdapEntry {
  readonly dn: string;
  readonly attributes: readonly LdapAttribute[];
}

export type LdapResponse =
  | { readonly op: 'bind' | 'searchDone' | 'extended'; readonly id: number; readonly result: LdapResult }
  | { readonly op: 'entry'; readonly id: number; readonly entry: LdapEntry }
  /** A part of the answer is at another server: at any of these addresses, which are never asked. */
  | { readonly op: 'reference'; readonly id: number; readonly urls: readonly string[] }
  /** An entry of more than {@link MAX_ATTRIBUTES}. */
  | { readonly op: 'oversize'; readonly id: number };

const RESULTS: Readonly<Record<number, 'bind' | 'searchDone' | 'extended'>> = {
  0x61: 'bind',
  0x65: 'searchDone',
  0x78: 'extended',
};
const ENTRY = 0x64;
const REFERENCE = 0x73;

/** One complete message, or undefined when it is not an answer that RFC 4511 allows. */
export function decodeResponse(frame: Buffer): LdapResponse | undefined {
  try {
    const [message] = readBerElements(frame);
    const [id, operation, controls] = readBerElements(berContent(message, SEQUENCE));
    return decodeOperation(berInteger(berContent(id, INTEGER)), operation, controls);
  } catch (error) {
    if (error instanceof MalformedBer) return undefined;
    throw error;
  }
}

function decodeOperation(id: number, operation?: BerElement, controls?: BerElement): LdapResponse {
  if (operation === undefined || id < 0) throw new MalformedBer('operation');
  if (operation.tag === ENTRY) return decodeEntry(id, operation.content);
  if (operation.tag === REFERENCE) return { op: 'reference', id, urls: readBerElements(operation.content).map(textOf) };
  const op = RESULTS[operation.tag];
  if (op === undefined) throw new MalformedBer('operation');
  return { op, id, result: decodeResult(operation.content, controls) };
}

function textOf(element: BerElement): string {
  return berContent(element, OCTETS).toString();
}

function decodeResult(content: Buffer, controls?: BerElement): LdapResult {
  const [code, matchedDN, diagnostic] = readBerElements(content);
  berContent(matchedDN, OCTETS);
  return {
    kind: 'result',
    code: berInteger(berContent(code, ENUMERATED)),
    diagnostic: berContent(diagnostic, OCTETS).toString(),
    controls: controls === undefined ? NO_CONTROLS : decodeControls(berContent(controls, CONTROLS)),
  };
}

const NO_CONTROLS: ReadonlyMap<string, Buffer> = new Map();

function decodeControls(content: Buffer): ReadonlyMap<string, Buffer> {
  const controls = new Map<string, Buffer>();
  for (const each of readBerElements(content)) {
    const [oid, ...rest] = readBerElements(berContent(each, SEQUENCE));
    const value = rest.find((element) => element.tag === OCTETS);
    controls.set(berContent(oid, OCTETS).toString(), value?.content ?? Buffer.alloc(0));
  }
  return controls;
}

function decodeEntry(id: number, content: Buffer): LdapResponse {
  const [dn, list] = readBerElements(content);
  const attributes = readBerElements(berContent(list, SEQUENCE));
  if (attributes.length > MAX_ATTRIBUTES) return { op: 'oversize', id };
  return {
    op: 'entry',
    id,
    entry: { dn: berContent(dn, OCTETS).toString(), attributes: attributes.map(decodeAttribute) },
  };
}

function decodeAttribute(attribute: BerElement): LdapAttribute {
  const [name, values] = readBerElements(berContent(attribute, SEQUENCE));
  return {
    name: berContent(name, OCTETS).toString(),
    values: readBerElements(berContent(values, SET)).map((value) => berContent(value, OCTETS)),
  };
}
