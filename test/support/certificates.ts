// X.509 certificates for tests, made in memory in about a millisecond, so that ordinary tests need no openssl.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** Certificate and private key, both PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names, IP addresses and URIs (anything with `://`). */
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  /** Default: in an hour. */
  readonly notAfter?: Date;
}

export interface TestAuthority extends TestCertificate {
  /** Signs a certificate that is good for servers and clients. */
  issue(request: CertificateRequest): TestCertificate;
  /** Signs the certificate of an authority below this one. */
  issueAuthority(commonName: string): TestAuthority;
}

interface Signer {
  readonly name: Buffer;
  readonly key: KeyObject;
}

const HOUR_MS = 3_600_000;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** A new self-signed authority, EC P-256. */
export function makeAuthority(commonName: string): TestAuthority {
  return authorityUnder(undefined, commonName);
}

function authorityUnder(signer: Signer | undefined, commonName: string): TestAuthority {
  const { publicKey, privateKey } = newKey();
  const self: Signer = { name: distinguishedName({ commonName }), key: privateKey };
  const isAuthority = extension('2.5.29.19', sequence(der(0x01, Buffer.from([0xff]))), true);
  return {
    cert: certificate(signer ?? self, { commonName }, publicKey, [isAuthority]),
    key: pemOf(privateKey),
    issue: (request) => issue(self, request),
    issueAuthority: (name) => authorityUnder(self, name),
  };
}

/** The server certificate most tests need: `localhost`, 127.0.0.1 and ::1. */
export function issueLoopback(authority: TestAuthority, change: Partial<CertificateRequest> = {}): TestCertificate {
  return authority.issue({ commonName: 'localhost', names: ['localhost', '127.0.0.1', '::1'], ...change });
}

function issue(signer: Signer, request: CertificateRequest): TestCertificate {
  const { publicKey, privateKey } = newKey();
  const usages = sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'));
  const names = request.names ?? [];
  const extensions = [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.37', usages),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names.map(alternativeName)))]),
  ];
  return { cert: certificate(signer, request, publicKey, extensions), key: pemOf(privateKey) };
}

function newKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** RFC 5280 §4.1: a version 3 certificate. */
function certificate(signer: Signer, request: CertificateRequest, key: KeyObject, extensions: Buffer[]): string {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const serial = randomBytes(16);
  serial.writeUInt8(serial.readUInt8(0) & 0x7f || 1, 0);
  const notBefore = request.notBefore ?? new Date(Date.now() - HOUR_MS);
  const notAfter = request.notAfter ?? new Date(Date.now() + HOUR_MS);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    signer.name,
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(request),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(body, algorithm, bitString(sign('sha256', body, signer.key)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function distinguishedName(request: CertificateRequest): Buffer {
  const part = (type: string, text: string) => der(0x31, sequence(oid(type), der(0x0c, Buffer.from(text))));
  const organizations = (request.organizations ?? []).map((name) => part('2.5.4.10', name));
  return sequence(...organizations, part('2.5.4.3', request.commonName));
}

/** RFC 5280 §4.2.1.6. */
function alternativeName(name: string): Buffer {
  if (name.includes('://')) return der(0x86, Buffer.from(name));
  const version = isIP(name);
  if (version === 0) return der(0x82, Buffer.from(name));
  return der(0x87, version === 4 ? Buffer.from(name.split('.').map(Number)) : ipv6(name));
}

function ipv6(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const missing = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = address.includes('::') ? [...groups(head), ...missing, ...groups(tail)] : groups(address);
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(id), ...critical, der(0x04, value));
}

/** GeneralizedTime, whole seconds, UTC. */
function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** Tag, length, content (X.690 §8.1). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
