// Writes slapd.conf and the LDIF files of the live OpenLDAP.
import { join } from 'node:path';
import type { KeyPair } from './pki.ts';
import {
  everyone,
  FAULTS_BASE,
  GROUPS,
  groups,
  ldifRecord,
  PEOPLE,
  POSIX_GROUPS,
  personRecord,
  posixGroups,
  ROOT,
  SERVICE,
  SUFFIX,
} from './slapd-data.ts';

/** `cn=<name>,ou=faults,…` answers a search and a bind so. */
export const FAULTS = {
  busy: '0x33',
  unavailable: '0x34',
  unwilling: '0x35',
  operationsError: '0x01',
  timelimit: '0x03',
  sizelimit: '0x04',
  adminlimit: '0x0b',
  slow: '0x00 sleeptime=8',
  slowbusy: '0x33 sleeptime=3',
  referral: '0x0a ref="ldap://127.0.0.1:1/"',
  dead: '0x00 flags=disconnect',
} as const;

/** Adds what Active Directory calls its accounts, with the EQUALITY rules that OpenLDAP's own msuser.schema lacks. */
export const SCHEMA = `
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.100.1 NAME 'accountStatus' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.100.2 NAME 'itestAccount' AUXILIARY MAY ( sAMAccountName $ userPrincipalName $ accountStatus ) )
`;

export interface SlapdConfig {
  readonly folder: string;
  readonly caFile: string;
  readonly server: KeyPair;
  readonly anonymousRead: boolean;
  readonly serviceLimits: string | undefined;
  readonly dynamicGroups: boolean;
}

/** As the page of the provider says. */
const DYNAMIC_GROUPS = ['overlay dynlist', 'dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames'];

export function slapdConf(config: SlapdConfig): string {
  const { folder, caFile, server, anonymousRead, serviceLimits, dynamicGroups } = config;
  const schemaNames = ['core', 'cosine', 'inetorgperson', 'nis', 'dyngroup'];
  const schemas = schemaNames.map((name) => `include /etc/ldap/schema/${name}.schema`);
  const modules = ['back_mdb', 'memberof', 'refint', 'ppolicy', 'retcode', 'auditlog', 'dynlist'];
  return [
    ...schemas,
    `include ${join(folder, 'itest.schema')}`,
    'modulepath /usr/lib/ldap',
    ...modules.map((name) => `moduleload ${name}`),
    `pidfile ${join(folder, 'slapd.pid')}`,
    `TLSCACertificateFile ${caFile}`,
    `TLSCertificateFile ${server.certFile}`,
    `TLSCertificateKeyFile ${server.keyFile}`,
    'database mdb',
    `suffix "${SUFFIX}"`,
    `rootdn "${ROOT.dn}"`,
    `rootpw ${ROOT.password}`,
    `directory ${join(folder, 'db')}`,
    'maxsize 268435456',
    'dbnosync',
    'index objectClass,uid,mail,sAMAccountName,userPrincipalName,member,memberOf,memberUid eq',
    'access to attrs=userPassword by anonymous auth by * none',
    `access to * by dn.exact="${SERVICE.dn}" read by self read by ${anonymousRead ? 'anonymous read' : '* none'}`,
    ...(serviceLimits === undefined ? [] : [`limits dn.exact="${SERVICE.dn}" ${serviceLimits}`]),
    ...(dynamicGroups ? DYNAMIC_GROUPS : []),
    'overlay memberof',
    'overlay refint',
    'refint_attributes member',
    'overlay ppolicy',
    `ppolicy_default "cn=default,ou=policies,${SUFFIX}"`,
    // Without it a locked account looks like a wrong password.
    'ppolicy_use_lockout',
    'overlay auditlog',
    `auditlog ${join(folder, 'audit.ldif')}`,
    'overlay retcode',
    `retcode-parent "${FAULTS_BASE}"`,
    ...Object.entries(FAULTS).map(([name, result]) => `retcode-item "cn=${name}" ${result}`),
    '',
  ].join('\n');
}

/** What slapadd loads before the start: everything except groups, whose memberOf only a running server computes. */
export function accountsLdif(maxFailures: number, bulkUsers: number): string {
  const policies = `ou=policies,${SUFFIX}`;
  return [
    ldifRecord(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'itest', o: 'itest' }),
    ...[PEOPLE, GROUPS, POSIX_GROUPS, `ou=svc,${SUFFIX}`, policies].map(unitRecord),
    policyRecord(`cn=default,${policies}`, maxFailures),
    ldifRecord(SERVICE.dn, {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: 'svc',
      userPassword: SERVICE.password,
    }),
    ...everyone.map(personRecord),
    ...bulkRecords(bulkUsers),
  ].join('');
}

function unitRecord(dn: string): string {
  return ldifRecord(dn, { objectClass: 'organizationalUnit', ou: /^ou=([^,]+)/.exec(dn)?.[1] ?? '' });
}

function policyRecord(dn: string, maxFailures: number): string {
  return ldifRecord(dn, {
    objectClass: ['device', 'pwdPolicy'],
    cn: 'default',
    pwdAttribute: 'userPassword',
    pwdLockout: 'TRUE',
    pwdMaxFailure: maxFailures,
    pwdLockoutDuration: 3600,
    pwdFailureCountInterval: 0,
  });
}

export const BULK_GROUP = `cn=bulk,${GROUPS}`;

/** user0, user1, … with the passwords pw-user0, …, all members of one group; memberOf is given, as slapadd computes none. */
function bulkRecords(count: number): string[] {
  if (count === 0) return [];
  const dns = Array.from({ length: count }, (_, index) => `uid=user${index},${PEOPLE}`);
  const users = dns.map((dn, index) =>
    ldifRecord(dn, {
      objectClass: ['inetOrgPerson', 'itestAccount'],
      uid: `user${index}`,
      cn: `User ${index}`,
      sn: String(index),
      mail: `user${index}@itest.test`,
      sAMAccountName: `user${index}`,
      userPassword: `pw-user${index}`,
      memberOf: BULK_GROUP,
    }),
  );
  return [...users, ldifRecord(BULK_GROUP, { objectClass: 'groupOfNames', cn: 'bulk', member: dns })];
}

/** What ldapadd loads after the start; children before parents is no problem to groupOfNames. */
export function groupsLdif(): string {
  const named = Object.values(groups).map(({ dn, cn, members }) =>
    ldifRecord(dn, { objectClass: 'groupOfNames', cn, member: members }),
  );
  const posix = Object.values(posixGroups).map(({ cn, gidNumber, memberUid }) =>
    ldifRecord(`cn=${cn},${POSIX_GROUPS}`, { objectClass: 'posixGroup', cn, gidNumber, memberUid }),
  );
  return [...named, ...posix].join('');
}
