// The provider contract, for each way in which an ldap provider proves a password.

import { ldap } from '../../providers/ldap.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { type Account, type ProviderContract, passwordCredential } from '../contract/provider-world.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { startFakeLdap } from '../support/fake-ldap.ts';
import { fakeGroup, fakePerson } from '../support/fake-ldap-data.ts';
import { BASES, BIND, GROUPS, PEOPLE, parsedOptions, SERVICE, TLS, tls } from './ldap/open-ldap.ts';

const strangerTls = issueLoopback(makeAuthority('a stranger'));

interface Variant {
  readonly name: string;
  readonly wrongSecret: ProviderContract['wrongSecret'];
  readonly startTLS?: boolean;
  readonly options: object;
  /** Without a service account everybody sees only the own entry. */
  readonly readers?: readonly string[];
}

const rejected = { kind: 'rejected', reason: 'wrong-password' } as const;
const search = { bind: BIND, userSearch: { baseDN: PEOPLE } };
const userDN = `uid={username},${PEOPLE}`;
const variants: readonly Variant[] = [
  { name: 'ldap, search then bind,', wrongSecret: rejected, options: search },
  {
    name: 'ldap with StartTLS and a group search',
    wrongSecret: rejected,
    startTLS: true,
    options: { ...search, groupSearch: { baseDN: GROUPS } },
  },
  { name: 'ldap, direct bind with a service account,', wrongSecret: rejected, options: { bind: BIND, userDN } },
  {
    name: 'ldap, direct bind as the user alone,',
    wrongSecret: { kind: 'abstained', reason: 'not-authenticated' },
    options: { userDN },
    readers: [],
  },
];

for (const { name, wrongSecret, startTLS = false, options, readers = [SERVICE.dn] } of variants) {
  providerContract({
    name,
    accepts: 'password',
    wrongSecret,
    faults: { 'answers with an error of its own': 'directory-error' },
    open: async (accounts, seams) => {
      const users = accounts.map(person);
      const groups = [
        fakeGroup(
          'everybody',
          users.map(({ dn }) => dn),
        ),
      ];
      const others = [SERVICE, ...BASES];
      const upstream = await startFakeLdap({ users, groups, others, tls, startTLS, strangerTls, readers });
      const written = { urls: [upstream.url], startTLS, tls: TLS, ...options };
      return {
        provider: ldap.open(parsedOptions(written), seams),
        upstream,
        credentialOf: passwordCredential,
        claimsOf: (account) => ({
          subject: `uuid-of-${account.name}`,
          attributes: { username: account.name, groups: ['everybody'], mail: `mail of ${account.name}` },
        }),
        close: () => upstream.close(),
      };
    },
  });
}

function person({ name, secret }: Account) {
  return fakePerson(name, secret, { mail: `mail of ${name}`, memberOf: `cn=everybody,${GROUPS}` });
}
