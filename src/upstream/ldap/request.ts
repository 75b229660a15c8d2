// Encodes the three requests that the broker ever sends: bind, search and StartTLS. There is none that writes.

import { ber, berNumber } from './ber.ts';
import { CONTROL } from './result.ts';

const START_TLS = '1.3.6.1.4.1.1466.20037';
const SEQUENCE = 0x30;
const OCTETS = 0x04;
const ENUMERATED = 0x0a;
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
  return message(messageId, bind, askPolicy ? [control(CONTROL.passwordPolicy)] : []);
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
  return message(messageId, request, page === undefined ? [] : [pageControl(page.size, cookie)]);
}

/** The extended request of RFC 4511 §4.14.1. */
export function encodeStartTls(messageId: number): Buffer {
  return message(messageId, ber(0x77, ber(0x80, START_TLS)), []);
}

function message(messageId: number, operation: Buffer, controls: readonly Buffer[]): Buffer {
  return ber(SEQUENCE, berNumber(messageId), operation, ...(controls.length === 0 ? [] : [ber(0xa0, ...controls)]));
}

/** Never critical, which is the default and therefore not written (RFC 4511 §5.1): strict servers take it for no LDAP. */
function control(oid: string, ...value: readonly Buffer[]): Buffer {
  return ber(SEQUENCE, ber(OCTETS, oid), ...value.map((bytes) => ber(OCTETS, bytes)));
}

/** RFC 2696 §2. */
function pageControl(size: number, cookie: Buffer = Buffer.alloc(0)): Buffer {
  return control(CONTROL.pagedResults, ber(SEQUENCE, berNumber(size), ber(OCTETS, cookie)));
}
