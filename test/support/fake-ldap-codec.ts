// The server's half of LDAP on the wire: requests read, answers written.

import { type BerElement, berContent, berInteger, MalformedBer, readBerElements } from '../../src/upstream/ldap/ber.ts';

export type FakeFilter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FakeFilter[] }
  | { readonly kind: 'not'; readonly part: FakeFilter }
  | { readonly kind: 'equal' | 'present' | 'inChain'; readonly attribute: string; readonly value: string }
  | { readonly kind: 'other' };

export type FakeRequest =
  | {
      readonly op: 'bind';
      readonly id: number;
      readonly dn: string;
      readonly password: string;
      readonly isSimple: boolean;
      /** Object identifiers of the request's controls. */
      readonly controls: readonly string[];
    }
  | ({ readonly op: 'search'; readonly id: number } & FakeSearch)
  | { readonly op: 'extended'; readonly id: number; readonly oid: string }
  | { readonly op: 'unbind' | 'write'; readonly id: number };

export interface FakeSearch {
  readonly baseDN: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly sizeLimit: number;
  readonly timeLimitSeconds: number;
  readonly filter: FakeFilter;
  readonly attributes: readonly string[];
  readonly page?: { readonly size: number; readonly offset: number };
  /** Object identifiers of the request's controls. */
  readonly controls: readonly string[];
}

const SCOPES = ['base', 'one', 'sub'] as const;
const PAGED = '1.2.840.113556.1.4.319';

/** Throws for what is no LDAP: when `isStrict`, for a default value that is written out, too (RFC 4511 §5.1). */
export function decodeRequest(frame: Buffer, isStrict = true): FakeRequest {
  if (isStrict) refuseDefaults(frame);
  const [message] = readBerElements(frame);
  const [idElement, operation, controls] = readBerElements(berContent(message, 0x30));
  const id = berInteger(berContent(idElement, 0x02));
  const parts = operation === undefined || operation.content.length === 0 ? [] : safeElements(operation.content);
  if (operation?.tag === 0x60) {
    const [, dn, credential] = parts;
    const isSimple = credential?.tag === 0x80;
    const asked = [...decodeControls(controls).keys()];
    return { op: 'bind', id, dn: text(dn), password: text(credential), isSimple, controls: asked };
  }
  if (operation?.tag === 0x63) return { op: 'search', id, ...decodeSearch(parts, decodeControls(controls)) };
  if (operation?.tag === 0x77) return { op: 'extended', id, oid: text(parts[0]) };
  return { op: operation?.tag === 0x42 ? 'unbind' : 'write', id };
}

/** Every BOOLEAN FALSE in a control or a matching rule is one; typesOnly has no default. */
function refuseDefaults(frame: Buffer): void {
  const [, operation, controls] = readBerElements(berContent(readBerElements(frame)[0], 0x30));
  for (const { content } of readBerElements(controls?.content ?? Buffer.alloc(0))) {
    if (readBerElements(content).some(({ tag, content: [value] }) => tag === 0x01 && value === 0)) {
      throw new MalformedBer('criticality FALSE');
    }
  }
  if (operation?.tag === 0x63) refuseDefaultsIn(readBerElements(operation.content)[6]);
}

function refuseDefaultsIn(filter: BerElement | undefined): void {
  const parts = filter === undefined || filter.tag === 0x87 ? [] : readBerElements(filter.content);
  if (filter?.tag === 0xa9 && parts.some(({ tag, content: [value] }) => tag === 0x84 && value === 0)) {
    throw new MalformedBer('dnAttributes FALSE');
  }
  if (filter !== undefined && [0xa0, 0xa1, 0xa2].includes(filter.tag)) parts.forEach(refuseDefaultsIn);
}

function decodeSearch(parts: readonly BerElement[], controls: ReadonlyMap<string, Buffer>): FakeSearch {
  const [baseDN, scope, , sizeLimit, timeLimit, , filter, attributes] = parts;
  const paged = controls.get(PAGED);
  const [size, cookie] =
    paged === undefined ? [] : readBerElements(readBerElements(paged)[0]?.content ?? Buffer.alloc(0));
  return {
    baseDN: text(baseDN),
    scope: SCOPES[berInteger(berContent(scope, 0x0a))] ?? 'sub',
    sizeLimit: berInteger(berContent(sizeLimit, 0x02)),
    timeLimitSeconds: berInteger(berContent(timeLimit, 0x02)),
    filter: decodeFilter(filter),
    attributes: readBerElements(berContent(attributes, 0x30)).map(text),
    controls: [...controls.keys()],
    ...(size === undefined ? {} : { page: { size: berInteger(size.content), offset: Number(text(cookie) || '0') } }),
  };
}

function decodeControls(controls: BerElement | undefined): ReadonlyMap<string, Buffer> {
  const pairs = readBerElements(controls?.content ?? Buffer.alloc(0)).map(({ content }) => {
    const [oid, ...rest] = readBerElements(content);
    return [text(oid), rest.find(({ tag }) => tag === 0x04)?.content ?? Buffer.alloc(0)] as const;
  });
  return new Map(pairs);
}

function decodeFilter(element: BerElement | undefined): FakeFilter {
  if (element === undefined) return { kind: 'other' };
  const { tag, content } = element;
  if (tag === 0x87) return { kind: 'present', attribute: content.toString(), value: '' };
  const parts = readBerElements(content);
  if (tag === 0xa0 || tag === 0xa1) return { kind: tag === 0xa0 ? 'and' : 'or', parts: parts.map(decodeFilter) };
  if (tag === 0xa2) return { kind: 'not', part: decodeFilter(parts[0]) };
  if (tag === 0xa3) return { kind: 'equal', attribute: text(parts[0]), value: text(parts[1]) };
  if (tag === 0xa9) return { kind: 'inChain', attribute: text(parts[1]), value: text(parts[2]) };
  return { kind: 'other' };
}

function safeElements(content: Buffer): readonly BerElement[] {
  try {
    return readBerElements(content);
  } catch {
    return [];
  }
}

function text(element: BerElement | undefined): string {
  return element?.content.toString() ?? '';
}

/** Tag, length, content (X.690 §8.1). */
export function tlv(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const { length } = content;
  const long = Buffer.alloc(4);
  long.writeUInt32BE(length);
  const lengthBytes = length < 0x80 ? Buffer.from([length]) : Buffer.concat([Buffer.from([0x84]), long]);
  return Buffer.concat([Buffer.from([tag]), lengthBytes, content]);
}

export function integer(value: number, tag = 0x02): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return tlv(tag, bytes);
}

export interface FakeResult {
  readonly code: number;
  readonly diagnostic?: string;
  readonly referral?: string;
  /** Response controls: object identifier and value. */
  readonly controls?: Readonly<Record<string, Buffer>>;
}

const RESULT_TAGS = { bind: 0x61, search: 0x65, extended: 0x78 } as const;

export function encodeResult(id: number, op: keyof typeof RESULT_TAGS, result: FakeResult): Buffer {
  const { code, diagnostic = '', referral, controls = {} } = result;
  const more = referral === undefined ? [] : [tlv(0xa3, tlv(0x04, referral))];
  const body = tlv(RESULT_TAGS[op], integer(code, 0x0a), tlv(0x04, ''), tlv(0x04, diagnostic), ...more);
  const encoded = Object.entries(controls).map(([oid, value]) => tlv(0x30, tlv(0x04, oid), tlv(0x04, value)));
  return tlv(0x30, integer(id), body, ...(encoded.length === 0 ? [] : [tlv(0xa0, ...encoded)]));
}

export function encodeEntry(
  id: number,
  dn: string,
  attributes: readonly (readonly [string, readonly (string | Buffer)[]])[],
) {
  const encoded = attributes.map(([name, values]) =>
    tlv(0x30, tlv(0x04, name), tlv(0x31, ...values.map((value) => tlv(0x04, value)))),
  );
  return tlv(0x30, integer(id), tlv(0x64, tlv(0x04, dn), tlv(0x30, ...encoded)));
}

export function encodeReference(id: number, url: string): Buffer {
  return tlv(0x30, integer(id), tlv(0x73, tlv(0x04, url)));
}

/** The paged results control of an answer: where the next page starts, empty on the last one. */
export function pagedControl(nextOffset: number | undefined): Record<string, Buffer> {
  return { [PAGED]: tlv(0x30, integer(0), tlv(0x04, nextOffset === undefined ? '' : String(nextOffset))) };
}

/** The password policy control of an answer (draft-behera-ldap-password-policy §6.2). */
export function policyControl(error: number): Record<string, Buffer> {
  return { '1.3.6.1.4.1.42.2.27.8.5.1': tlv(0x30, tlv(0x81, Buffer.from([error]))) };
}
