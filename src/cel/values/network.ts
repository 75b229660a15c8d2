// IP addresses and networks as Go's net/netip reads and writes them, without zones and IPv4 inside IPv6.

import { type Fault, fault, NO_OVERLOAD, type Value } from './value.ts';

export class Ip {
  readonly typeName = 'net.IP';
  /** Four or sixteen. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get costSize(): number {
    return this.bytes.length;
  }

  equals(other: Value): boolean | Fault {
    return other instanceof Ip ? Buffer.compare(this.bytes, other.bytes) === 0 : NO_OVERLOAD;
  }

  toString(): string {
    return this.bytes.length === 4 ? this.bytes.join('.') : v6Text(this.bytes);
  }
}

export class Cidr {
  readonly typeName = 'net.CIDR';
  readonly ip: Ip;
  readonly bits: number;

  constructor(ip: Ip, bits: number) {
    this.ip = ip;
    this.bits = bits;
  }

  get costSize(): number {
    return Math.ceil(this.bits / 8);
  }

  equals(other: Value): boolean | Fault {
    return other instanceof Cidr ? this.bits === other.bits && this.ip.equals(other.ip) : NO_OVERLOAD;
  }

  toString(): string {
    return `${this.ip.toString()}/${this.bits}`;
  }
}

const DECIMAL = /^(?:0|[1-9][0-9]{0,2})$/;
const MAX_ADDRESS_CHARACTERS = 45;

/** Four or sixteen bytes; undefined when the text is no address. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (text.length > MAX_ADDRESS_CHARACTERS) return undefined;
  return text.includes(':') ? v6Bytes(text) : v4Bytes(text);
}

export function parseIp(text: string): Ip | Fault {
  const bytes = addressBytes(text);
  return bytes === undefined || isV4InV6(bytes) ? fault('not an IP address') : new Ip(bytes);
}

export function parseCidr(text: string): Cidr | Fault {
  const slash = text.lastIndexOf('/');
  const ip = parseIp(text.slice(0, Math.max(slash, 0)));
  const length = text.slice(slash + 1);
  if (!(ip instanceof Ip) || !DECIMAL.test(length) || Number(length) > ip.bytes.length * 8) return fault('not a CIDR');
  return new Cidr(ip, Number(length));
}

function v4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const isGood = parts.length === 4 && parts.every((part) => DECIMAL.test(part) && Number(part) <= 255);
  return isGood ? Uint8Array.from(parts, Number) : undefined;
}

/** Eight groups, `::` for at least one group of zeros, an IPv4 address for the last two groups. */
function v6Bytes(text: string): Uint8Array | undefined {
  const [left, right, ...more] = text.split('::');
  const head = groups(left ?? '', right === undefined);
  const tail = right === undefined ? [] : groups(right, true);
  if (more.length > 0 || head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function groups(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const embedded = isLast && parts.at(-1)?.includes('.') === true ? v4Bytes(parts.pop() ?? '') : [];
  if (embedded === undefined || !parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = embedded;
  const numbers = parts.map((part) => Number.parseInt(part, 16));
  return embedded.length === 0 ? numbers : [...numbers, a * 256 + b, c * 256 + d];
}

const isV4InV6 = (bytes: Uint8Array): boolean =>
  bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;

/** RFC 5952: the first of the longest runs of two or more zero groups is left out. */
function v6Text(bytes: Uint8Array): string {
  const parts = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16));
  const text = `:${parts.join(':')}:`;
  const runs = text.match(/(?::0)+(?=:)/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest.length > 2
    ? text
        .replace(`${longest}:`, '::')
        .replace(/^:(?!:)/, '')
        .replace(/(?<!:):$/, '')
    : text.slice(1, -1);
}

/** The network's address with all bits behind the prefix cleared. */
export function masked({ ip, bits }: Cidr): Cidr {
  return new Cidr(new Ip(ip.bytes.map((byte, i) => byte & maskByte(bits, i))), bits);
}

const maskByte = (bits: number, i: number): number => (0xff << (8 - Math.min(8, Math.max(0, bits - 8 * i)))) & 0xff;

/** Whether the address lies in the network; addresses of the other family do not. */
export function containsIp({ ip, bits }: Cidr, other: Ip): boolean {
  if (ip.bytes.length !== other.bytes.length) return false;
  return ip.bytes.every((byte, i) => (byte & maskByte(bits, i)) === ((other.bytes[i] ?? 0) & maskByte(bits, i)));
}

export const containsCidr = (outer: Cidr, inner: Cidr): boolean =>
  outer.bits <= inner.bits && containsIp(outer, inner.ip);
