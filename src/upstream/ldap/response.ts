// Decodes the answers of a directory (RFC 4511) strictly; the driver's own decoder can be sent into an endless loop.

import { type BerElement, berContent, berInteger, MalformedBer, readBerElements } from './ber.ts';

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
  | { readonly op: 'reference'; readonly id: number }
  /** An entry of more than {@link MAX_ATTRIBUTES}. */
  | { readonly op: 'oversize'; readonly id: number };

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const OCTETS = 0x04;
const ENUMERATED = 0x0a;
const CONTROLS = 0xa0;
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
  if (operation.tag === REFERENCE) return { op: 'reference', id };
  const op = RESULTS[operation.tag];
  if (op === undefined) throw new MalformedBer('operation');
  return { op, id, result: decodeResult(operation.content, controls) };
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
  for (const control of readBerElements(content)) {
    const [oid, ...rest] = readBerElements(berContent(control, SEQUENCE));
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
