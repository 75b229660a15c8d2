// The people and groups of the live OpenLDAP: ordinary ones, and those whose names break careless filters and DNs.
export const SUFFIX = 'dc=itest,dc=test';
export const PEOPLE = `ou=people,${SUFFIX}`;
export const GROUPS = `ou=groups,${SUFFIX}`;
export const POSIX_GROUPS = `ou=posix,${SUFFIX}`;
/** Entries below this DN answer with an LDAP fault, to searches and to binds (see FAULTS in slapd-config.ts). */
export const FAULTS_BASE = `ou=faults,${SUFFIX}`;
export const SERVICE = { dn: `cn=svc,ou=svc,${SUFFIX}`, password: 'svc-secret' } as const;
export const ROOT = { dn: `cn=root,${SUFFIX}`, password: 'root-secret' } as const;

export interface Person {
  readonly dn: string;
  readonly uid: string;
  readonly cn: string;
  readonly sn: string;
  readonly password: string;
  readonly mail: string;
  readonly sAMAccountName: string;
  readonly userPrincipalName: string;
}

/** `password` is `pw-<id>`; the RDN is uid, unless the person is there for the sake of another DN. */
function person(id: string, values: Partial<Person> = {}): Person {
  return {
    dn: `uid=${id},${PEOPLE}`,
    uid: id,
    cn: id,
    sn: id,
    password: `pw-${id}`,
    mail: `${id}@itest.test`,
    sAMAccountName: id,
    userPrincipalName: `${id}@itest.test`,
    ...values,
  };
}

export const people = {
  alice: person('alice', { cn: 'Alice Adams', sn: 'Adams' }),
  /** Umlaut, CJK, parentheses, comma and backslash in attribute values; shares a mail address with carol. */
  bob: person('bob', { cn: 'Böb 東京 (Ops), R\\D', sn: 'Müller', mail: 'shared@itest.test' }),
  carol: person('carol', { cn: 'Carol Cole', sn: 'Cole', mail: 'shared@itest.test' }),
  /** A login and a password beyond ASCII; the colon in the password must not split it. */
  juergen: person('jürgen', { cn: 'Jürgen Groß', sn: 'Groß', password: 'pä:ßwörd', mail: 'juergen@itest.test' }),
  /** A login that only finds its entry when a filter escapes `(`, `)`, `*` and `\`. */
  odd: person('o(d)d*\\ball', { dn: `uid=o(d)d*\\5Cball,${PEOPLE}`, password: 'pw-odd', mail: 'odd@itest.test' }),
  /** The RDN is a cn with comma, parentheses, backslash and CJK: the DN must be escaped where it is filled in. */
  smith: person('jsmith', { dn: `cn=Smith\\2C John (R\\5CD) 李,${PEOPLE}`, cn: 'Smith, John (R\\D) 李', sn: 'Smith' }),
} as const;

export const everyone: readonly Person[] = Object.values(people);

interface Group {
  readonly dn: string;
  readonly cn: string;
  readonly members: readonly string[];
}

function group(cn: string, members: readonly string[], rdn = cn): Group {
  return { dn: `cn=${rdn},${GROUPS}`, cn, members };
}

const dnOf = (cn: string): string => `cn=${cn},${GROUPS}`;

/** devs is in eng is in all; loop-a and loop-b contain each other. */
export const groups = {
  devs: group('devs', [people.alice.dn, people.bob.dn, people.smith.dn]),
  eng: group('eng', [dnOf('devs'), people.carol.dn]),
  all: group('all', [dnOf('eng'), people.juergen.dn]),
  loopA: group('loop-a', [people.alice.dn, dnOf('loop-b')]),
  loopB: group('loop-b', [dnOf('loop-a'), people.odd.dn]),
  odd: group('R\\D (東京), Ops', [people.bob.dn, people.odd.dn], 'R\\5CD (東京)\\2C Ops'),
} as const;

/** posixGroup has no member DNs: membership is the uid as IA5String, so that jürgen cannot be in one. */
export const posixGroups = {
  unixAdmins: { cn: 'unix-admins', gidNumber: 4001, memberUid: ['alice', 'carol'] },
  unixUsers: { cn: 'unix-users', gidNumber: 4002, memberUid: ['alice', 'bob', 'carol', people.odd.uid, 'jsmith'] },
} as const;

type Values = string | number | Uint8Array | readonly string[];

/** One LDIF record; every value is base64, so that no value needs quoting rules. */
export function ldifRecord(dn: string, attributes: Readonly<Record<string, Values>>): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value: string | number | Uint8Array) => {
      const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
      return `${name}:: ${bytes.toString('base64')}`;
    }),
  );
  return [`dn:: ${Buffer.from(dn).toString('base64')}`, ...lines, '', ''].join('\n');
}

/** Not valid UTF-8, so that a broker which turns values into strings is found out. */
export const PHOTO = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x80, 0xfe]);

export function personRecord(one: Person): string {
  const { dn, password, ...attributes } = one;
  return ldifRecord(dn, {
    objectClass: ['inetOrgPerson', 'itestAccount'],
    ...attributes,
    userPassword: password,
    ...(dn === people.alice.dn ? { jpegPhoto: PHOTO, departmentNumber: '42', accountStatus: 'active' } : {}),
  });
}
