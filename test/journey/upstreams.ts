// The three kinds of upstream side by side on loopback, with the provider entries that reach them.

import type { BrokerOptions } from '../support/broker.ts';
import { authority } from '../support/broker.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type FakeAuthorizationServer,
  type Introspection,
  startAuthorizationServer,
} from '../support/fake-authorization-server.ts';
import { basicAuth, type FakeHttp, startFakeHttp } from '../support/fake-http.ts';
import { type FakeLdap, startFakeLdap } from '../support/fake-ldap.ts';
import { fakePerson } from '../support/fake-ldap-data.ts';

export interface Accounts {
  /** Name → password at the HTTP upstream, and of the directory's people. */
  readonly web?: Readonly<Record<string, string>>;
  readonly directory?: Readonly<Record<string, string>>;
  /** Token → introspection answer. */
  readonly idp?: Readonly<Record<string, Introspection>>;
}

export interface Upstreams {
  readonly web: FakeHttp;
  readonly directory: FakeLdap;
  readonly idp: FakeAuthorizationServer;
  /** Provider entries by name; edit them with a spread. */
  readonly entries: Readonly<Record<'web' | 'directory' | 'idp', ProviderEntry>>;
  /** What the entries refer to. */
  readonly given: Required<Pick<BrokerOptions, 'files' | 'env'>>;
  /** Credentials that arrived at each: requests of the web, binds of people, introspections. */
  asked(): Readonly<Record<'web' | 'directory' | 'idp', number>>;
}

export interface ProviderEntry {
  readonly name: string;
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export const SERVICE = { dn: 'cn=broker,dc=example,dc=org', password: 'service-secret-Qx7' };

const STRANGER = makeAuthority('stranger');

/** TLS everywhere; closed after the test. */
export async function startUpstreams(
  t: { readonly after: (end: () => Promise<void>) => void },
  { web = {}, directory = {}, idp = {} }: Accounts = {},
): Promise<Upstreams> {
  const tls = { tls: issueLoopback(authority), strangerTls: issueLoopback(STRANGER) };
  const passwords = new Map(Object.entries(web));
  const site = await startFakeHttp({ ...tls, handler: basicAuth(passwords, () => ({ status: 200 })) });
  const ldap = await startFakeLdap({
    ...tls,
    users: Object.entries(directory).map(([name, password]) => fakePerson(name, password)),
    others: [{ dn: SERVICE.dn, password: SERVICE.password, attributes: { cn: 'broker' } }],
    readers: [SERVICE.dn],
  });
  const issuer = await startAuthorizationServer({ ...tls, introspect: (token) => idp[token] ?? { active: false } });
  t.after(async () => {
    await Promise.all([site.close(), ldap.close(), issuer.close()]);
  });
  return {
    web: site,
    directory: ldap,
    idp: issuer,
    entries: { web: webEntry(site), directory: directoryEntry(ldap), idp: idpEntry(issuer) },
    given: { files: { 'ca.crt': authority.cert, 'client-secret': CLIENT_SECRET }, env: { BIND: SERVICE.password } },
    asked: () => ({
      web: site.exchanges(),
      directory: ldap.binds.filter(({ dn }) => dn !== SERVICE.dn).length,
      idp: issuer.asked('/introspect').length,
    }),
  };
}

const TLS = { caFile: 'ca.crt' };

function webEntry({ origin }: FakeHttp): ProviderEntry {
  return { name: 'web', type: 'http-basic', options: { url: `${origin}/`, canary: false, tls: TLS } };
}

function directoryEntry({ url }: FakeLdap): ProviderEntry {
  const userSearch = { baseDN: 'ou=people,dc=example,dc=org', filter: '(uid={username})' };
  const bind = { dn: SERVICE.dn, password: { env: 'BIND' } };
  return { name: 'directory', type: 'ldap', options: { urls: [url], tls: TLS, bind, userSearch } };
}

function idpEntry({ issuer }: FakeAuthorizationServer): ProviderEntry {
  const client = { clientID: CLIENT_ID, clientSecret: { file: 'client-secret' } };
  return { name: 'idp', type: 'oidc-introspection', options: { issuer, ...client, tls: TLS } };
}
