// Encodes the three requests that the broker ever sends: bind, search and StartTLS. There is none that writes.

import {
  BindRequest,
  ExtendedRequest,
  type Filter,
  PagedResultsControl,
  PasswordPolicyControl,
  SearchRequest,
} from 'ldapts';

const START_TLS = '1.3.6.1.4.1.1466.20037';

/** Every LDAP search states how much it wants; there is no unlimited one. */
export interface LdapSearch {
  readonly baseDN: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  /** `['1.1']` for none (RFC 4511 §4.5.1.8). */
  readonly attributes: readonly string[];
  readonly sizeLimit: number;
  readonly page?: { readonly size: number; readonly cookie?: Buffer };
}

/** A simple bind (RFC 4511 §4.2); `askPolicy` asks for the password policy response control. */
export function encodeBind(messageId: number, dn: string, password: string, askPolicy: boolean): Buffer {
  const controls = askPolicy ? [new PasswordPolicyControl()] : [];
  return new BindRequest({ messageId, dn, password, controls }).write();
}

/** A search that follows no alias; `timeLimitSeconds` is what the server itself should keep to. */
export function encodeSearch(messageId: number, search: LdapSearch, timeLimitSeconds: number): Buffer {
  const { baseDN, scope, filter, sizeLimit, page } = search;
  const controls = page === undefined ? [] : [new PagedResultsControl({ value: { ...page } })];
  const attributes = [...search.attributes];
  const limits = { sizeLimit, timeLimit: timeLimitSeconds };
  return new SearchRequest({ messageId, baseDN, scope, filter, attributes, controls, ...limits }).write();
}

/** The extended request of RFC 4511 §4.14.1. */
export function encodeStartTls(messageId: number): Buffer {
  return new ExtendedRequest({ messageId, oid: START_TLS }).write();
}
