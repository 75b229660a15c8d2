// Opens an ldap provider as the configuration would, for the tests of its behaviour.

import assert from 'node:assert/strict';
import type { LdapOptions } from '../../../providers/ldap/options.ts';
import { ldap } from '../../../providers/ldap.ts';
import type { Review } from '../../../src/core/authenticator.ts';
import type { Claims } from '../../../src/core/claims.ts';
import type { Provider, ProviderSeams } from '../../../src/core/provider.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { createFields, type Sources } from '../../../src/settings/fields.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { passwordCredential } from '../../contract/provider-world.ts';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { type FakeLdap, type FakeLdapOptions, startFakeLdap } from '../../support/fake-ldap.ts';
import { deadline } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';
import { createSinks } from '../../support/sinks.ts';

export const SERVICE = {
  dn: 'cn=broker,dc=example,dc=org',
  password: 'service-secret',
  attributes: { objectClass: 'organizationalRole', cn: 'broker' },
} as const;
export const PEOPLE = 'ou=people,dc=example,dc=org';
export const GROUPS = 'ou=groups,dc=example,dc=org';
/** What a search for a base DN finds. */
export const BASES = [PEOPLE, GROUPS].map((dn) => ({ dn, attributes: { objectClass: 'organizationalUnit' } }));

export const authority = makeAuthority('ldap tests');
export const tls = issueLoopback(authority);

const client = authority.issue({ commonName: 'kube-auth-broker' });
const FILES: Readonly<Record<string, string>> = {
  '/ca.pem': authority.cert,
  '/client.crt': client.cert,
  '/client.key': client.key,
  '/other.key': tls.key,
  '/garbage.pem': 'no PEM',
};

/** `ca.pem` is the authority's certificate, the environment variable SERVICE the service account's password. */
const sources: Sources = {
  dir: '/',
  env: { SERVICE: SERVICE.password, WRONG: 'not the service password' },
  readFile: (path) => {
    const text = FILES[path];
    assert.ok(text !== undefined, path);
    return text;
  },
  seen: () => undefined,
};

export const fields = createFields(sources);
export const BIND = { dn: SERVICE.dn, password: { env: 'SERVICE' } } as const;
export const TLS = { caFile: 'ca.pem' } as const;

/** As written in the configuration; throws when the options have a fault. */
export function parsedOptions(written: object): LdapOptions {
  return ldap.options(fields).parse(written);
}

/** The sentences that a configuration with these options would get, as `path: message`. */
export function faultsOf(written: object): readonly string[] {
  const parsed = ldap.options(fields).safeParse(written);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

export interface OpenLdap {
  readonly provider: Provider;
  readonly login: (username: string, password: string, signal?: AbortSignal) => Promise<Verdict<Claims>>;
  /** With what a review may carry besides. */
  readonly review: (
    username: string,
    password: string,
    more: Partial<Review>,
    signal?: AbortSignal,
  ) => Promise<Verdict<Claims>>;
  readonly logLines: () => readonly string[];
}

export function openLdap(written: object, seams: Partial<ProviderSeams> = {}): OpenLdap {
  const sinks = createSinks();
  const provider = ldap.open(parsedOptions(written), testSeams({ log: sinks.log, ...seams }));
  const review: OpenLdap['review'] = (username, password, more, signal = deadline(2500)) =>
    provider.authenticate({ ...reviewOf(passwordCredential({ name: username, secret: password })), ...more }, signal);
  return {
    provider,
    login: (username, password, signal) => review(username, password, {}, signal),
    review,
    logLines: () => sinks.logLines(),
  };
}

/** A directory with a service account that alone may read, and a provider that searches there for users. */
export async function inDirectory(
  change: Partial<FakeLdapOptions> & Pick<FakeLdapOptions, 'users'>,
  written: object,
  run: (ldap: OpenLdap, directory: FakeLdap) => Promise<void>,
): Promise<void> {
  const directory = await startFakeLdap({ others: [SERVICE, ...BASES], tls, readers: [SERVICE.dn], ...change });
  const opened = openLdap({ urls: [directory.url], tls: TLS, bind: BIND, userSearch: { baseDN: PEOPLE }, ...written });
  try {
    await run(opened, directory);
    assert.equal(directory.writes(), 0, 'nothing is ever written');
  } finally {
    await opened.provider.close();
    await directory.close();
  }
}

/** The attributes of an authenticated verdict; fails with the verdict's reason otherwise. */
export function attributesOf(verdict: Verdict<Claims>): Claims['attributes'] {
  assert.equal(verdict.kind, 'authenticated', JSON.stringify(verdict));
  return verdict.kind === 'authenticated' ? verdict.value.attributes : {};
}

/** `rejected wrong-password`, `authenticated`. */
export function outcome(verdict: Verdict<unknown>): string {
  return verdict.kind === 'authenticated' ? verdict.kind : `${verdict.kind} ${verdict.reason}`;
}
