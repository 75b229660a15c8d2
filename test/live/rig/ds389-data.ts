// The people and groups of the live 389 Directory Server: a tree of its own, and one laid out as FreeIPA's.
import { ldifRecord } from './slapd-data.ts';

export const DS_SUFFIX = 'dc=itest,dc=test';
export const DS_ROOT = { dn: 'cn=Directory Manager', password: 'root-secret' } as const;
export const DS_SERVICE = {
  dn: `uid=kube-auth-broker,cn=sysaccounts,cn=etc,${DS_SUFFIX}`,
  password: 'svc-secret',
} as const;

/** As in FreeIPA. */
export const IPA_USERS = `cn=users,cn=accounts,${DS_SUFFIX}`;
export const IPA_GROUPS = `cn=groups,cn=accounts,${DS_SUFFIX}`;

/** The server hands out as many entries at once, and less than one user's groups. */
export const DS_SIZE_LIMIT = 100;
export const MANY_GROUPS = 150;

/** Locks at three wrong passwords; memberOf is transitive, as in FreeIPA. */
export const DS_CONFIG = [
  modify('cn=config', {
    'nsslapd-listenhost': 'localhost',
    'nsslapd-securelistenhost': 'localhost',
    'nsslapd-sizelimit': DS_SIZE_LIMIT,
    passwordLockout: 'on',
    passwordMaxFailure: 3,
    passwordUnlock: 'off',
  }),
  modify('cn=MemberOf Plugin,cn=plugins,cn=config', {
    'nsslapd-pluginEnabled': 'on',
    memberOfAutoAddOC: 'nsMemberOf',
  }),
].join('');

function modify(dn: string, values: Readonly<Record<string, string | number>>): string {
  const changes = Object.entries(values).map(([name, value]) => `replace: ${name}\n${name}: ${value}\n`);
  return `dn: ${dn}\nchangetype: modify\n${changes.join('-\n')}\n`;
}

const container = (dn: string): string =>
  added(dn, { objectClass: 'nsContainer', cn: /^cn=([^,]+)/.exec(dn)?.[1] ?? '' });

const person = (uid: string, more: Readonly<Record<string, string>> = {}): string =>
  added(`uid=${uid},${IPA_USERS}`, {
    objectClass: ['inetOrgPerson', 'inetUser'],
    uid,
    cn: uid,
    sn: uid,
    userPassword: `pw-${uid}`,
    ...more,
  });

const group = (cn: string, member: readonly string[], below = IPA_GROUPS): string =>
  added(`cn=${cn},${below}`, { objectClass: ['groupOfNames', 'nsMemberOf'], cn, member });

type Values = Parameters<typeof ldifRecord>[1];

function added(dn: string, values: Values): string {
  return ldifRecord(dn, { changetype: 'add', ...values });
}

const user = (uid: string): string => `uid=${uid},${IPA_USERS}`;

/** devs is in eng; `cn=8f6e…` is what FreeIPA has for a rule about hosts: memberOf names it, and it is no group. */
export const DS_DATA = [
  container(`cn=etc,${DS_SUFFIX}`),
  container(`cn=sysaccounts,cn=etc,${DS_SUFFIX}`),
  container(`cn=accounts,${DS_SUFFIX}`),
  container(IPA_USERS),
  container(IPA_GROUPS),
  container(`cn=hbac,${DS_SUFFIX}`),
  added(DS_SERVICE.dn, {
    objectClass: ['account', 'simpleSecurityObject'],
    uid: 'kube-auth-broker',
    userPassword: DS_SERVICE.password,
  }),
  `dn: ${DS_SUFFIX}\nchangetype: modify\nadd: aci\n`,
  `aci: (targetattr!="userPassword")(version 3.0; acl "services read"; allow (read,search,compare)`,
  ` userdn="ldap:///${DS_SERVICE.dn}";)\n\n`,
  ...['alice', 'lea', 'carol', 'many'].map((uid) => person(uid)),
  person('gone', { nsAccountLock: 'TRUE' }),
  group('devs', [user('alice')]),
  group('eng', [`cn=devs,${IPA_GROUPS}`, user('carol')]),
  group('8f6e7f2c-rule', [`cn=devs,${IPA_GROUPS}`], `cn=hbac,${DS_SUFFIX}`),
  ...Array.from({ length: MANY_GROUPS }, (_, index) => group(`many-${index}`, [user('many')])),
].join('');
