// IP addresses and networks (k8s.io/apiserver pkg/cel/library/ip.go and cidr.go).

import { Cidr, containsCidr, containsIp, Ip, masked, parseCidr, parseIp } from '../values/network.ts';
import { Fault, type Outcome } from '../values/value.ts';
import type { FunctionTable } from './table.ts';

export const NETWORK_FUNCTIONS: FunctionTable = {
  'ip(string): net.IP': parseIp,
  'cidr(string): net.CIDR': parseCidr,
  'isIP(string): bool': (text: string) => parseIp(text) instanceof Ip,
  'isCIDR(string): bool': (text: string) => parseCidr(text) instanceof Cidr,
  'ip.isCanonical(string): bool': (text: string) => {
    const ip = parseIp(text);
    return ip instanceof Fault ? ip : ip.toString() === text;
  },
  'string(net.IP): string': String,
  'string(net.CIDR): string': String,
  'net.IP.family(): int': ({ bytes }: Ip) => (bytes.length === 4 ? 4n : 6n),
  'net.IP.isUnspecified(): bool': ({ bytes }: Ip) => bytes.every((byte) => byte === 0),
  'net.IP.isLoopback(): bool': isLoopback,
  'net.IP.isLinkLocalMulticast(): bool': isLinkLocalMulticast,
  'net.IP.isLinkLocalUnicast(): bool': isLinkLocalUnicast,
  'net.IP.isGlobalUnicast(): bool': isGlobalUnicast,
  'net.CIDR.ip(): net.IP': ({ ip }: Cidr) => ip,
  'net.CIDR.prefixLength(): int': ({ bits }: Cidr) => BigInt(bits),
  'net.CIDR.masked(): net.CIDR': masked,
  'net.CIDR.containsIP(string): bool': (cidr: Cidr, text: string) => containsIpText(cidr, text),
  'net.CIDR.containsIP(net.IP): bool': containsIp,
  'net.CIDR.containsCIDR(string): bool': (cidr: Cidr, text: string) => containsCidrText(cidr, text),
  'net.CIDR.containsCIDR(net.CIDR): bool': containsCidr,
};

function containsIpText(cidr: Cidr, text: string): Outcome {
  const ip = parseIp(text);
  return ip instanceof Fault ? ip : containsIp(cidr, ip);
}

function containsCidrText(outer: Cidr, text: string): Outcome {
  const inner = parseCidr(text);
  return inner instanceof Fault ? inner : containsCidr(outer, inner);
}

const isV4 = ({ bytes }: Ip): boolean => bytes.length === 4;

function isLoopback(ip: Ip): boolean {
  const [first = 0] = ip.bytes;
  return isV4(ip) ? first === 127 : ip.toString() === '::1';
}

function isLinkLocalMulticast(ip: Ip): boolean {
  const [a = 0, b = 0, c = 0] = ip.bytes;
  return isV4(ip) ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 2;
}

function isLinkLocalUnicast(ip: Ip): boolean {
  const [a = 0, b = 0] = ip.bytes;
  return isV4(ip) ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80;
}

/** Everything but unspecified, loopback, multicast, link-local and the IPv4 broadcast address; private ones count. */
function isGlobalUnicast(ip: Ip): boolean {
  const [first = 0] = ip.bytes;
  const isMulticast = isV4(ip) ? (first & 0xf0) === 0xe0 : first === 0xff;
  const isBroadcast = isV4(ip) && ip.bytes.every((byte) => byte === 255);
  const isUnspecified = ip.bytes.every((byte) => byte === 0);
  return !(isMulticast || isBroadcast || isUnspecified || isLoopback(ip) || isLinkLocalUnicast(ip));
}
