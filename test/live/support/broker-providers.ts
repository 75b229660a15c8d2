// The providers of a broker under live test, as an operator would write them for the servers of the rig.
import type { Nginx } from '../rig/nginx.ts';
import type { OpenidProvider } from '../rig/openid-provider.ts';
import type { Resource } from '../rig/openid-provider-data.ts';
import type { Slapd } from '../rig/slapd.ts';
import { GROUPS, PEOPLE, SERVICE } from '../rig/slapd-data.ts';

/** Where the providers below look their secrets up. */
export function secretsOf(openid?: OpenidProvider): Readonly<Record<string, string>> {
  return {
    LDAP_BIND_PASSWORD: SERVICE.password,
    ...(openid && { OIDC_CLIENT_SECRET: openid.clients.basic.secret }),
  };
}

/** What the tokens of the OpenID provider are meant for. */
export const OIDC_AUDIENCE: Resource = 'urn:itest:opaque';

/** An entry of `providers`. */
export interface LdapEntry {
  readonly name: string;
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** Over LDAPS, with a service bind, groups of groups, entryUUID as uid and one extra. */
export function ldapProvider(slapd: Slapd, entry: Readonly<Record<string, unknown>> = {}): LdapEntry {
  return {
    name: 'corp-ldap',
    type: 'ldap',
    options: {
      urls: [slapd.ldapsUrl],
      tls: { caFile: slapd.caFile },
      bind: { dn: SERVICE.dn, password: { env: 'LDAP_BIND_PASSWORD' } },
      userSearch: { baseDN: PEOPLE, filter: '(uid={username})' },
      groupSearch: { baseDN: GROUPS, nested: true },
    },
    claimMappings: {
      username: { claim: 'uid', prefix: 'ldap:' },
      uid: { claim: 'subject' },
      groups: { claim: 'groups', prefix: 'ldap:' },
      extra: [{ key: 'example.org/department', valueExpression: 'claims.?departmentNumber.orValue("")' }],
    },
    ...entry,
  };
}

/** Opaque tokens by introspection over HTTPS, discovered from the issuer. */
export function oidcProvider(
  openid: OpenidProvider,
  caFile: string,
  entry: Readonly<Record<string, unknown>> = {},
): object {
  return {
    name: 'corp-idp',
    type: 'oidc-introspection',
    options: {
      issuer: openid.issuer,
      clientID: openid.clients.basic.id,
      clientSecret: { env: 'OIDC_CLIENT_SECRET' },
      audiences: [OIDC_AUDIENCE],
      tls: { caFile },
    },
    claimMappings: {
      username: { claim: 'username', prefix: 'oidc:' },
      uid: { claim: 'sub' },
      groups: { claim: 'groups', prefix: 'oidc:' },
    },
    ...entry,
  };
}

/** JWTs of an issuer over HTTPS, with the claims that both OpenID providers of the rig give access tokens. */
export function jwtProvider(
  name: string,
  issuer: { readonly url: string; readonly audiences: readonly string[]; readonly certificateAuthorityFile: string },
  options: Readonly<Record<string, unknown>> = {},
): object {
  return {
    name,
    type: 'oidc-jwt',
    options: { issuer, ...options },
    claimMappings: {
      username: { expression: `'${name}:' + claims.?preferred_username.orValue(claims.?username.orValue(''))` },
      uid: { claim: 'sub' },
      groups: { claim: 'groups', prefix: `${name}:` },
    },
  };
}

/** Over HTTPS; the names and groups come from the JSON body. */
export function basicProvider(nginx: Nginx, caFile: string, entry: Readonly<Record<string, unknown>> = {}): object {
  return {
    name: 'partners',
    type: 'http-basic',
    options: { url: `${nginx.tlsUrl}/json`, tls: { caFile } },
    claimMappings: {
      username: { claim: 'user', prefix: 'web:' },
      uid: { claim: 'subject' },
      groups: { claim: 'groups', prefix: 'web:' },
    },
    ...entry,
  };
}
