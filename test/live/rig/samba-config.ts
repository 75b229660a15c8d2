// The domain's names, and the files that start its LDAP server in a network namespace of its own.
import { join } from 'node:path';
import type { KeyPair } from './pki.ts';

export const AD_BASE = 'DC=ad,DC=itest,DC=test';
export const AD_PEOPLE = `OU=People,${AD_BASE}`;
export const AD_GROUPS = `OU=Groups,${AD_BASE}`;
export const AD_ADMIN = { upn: 'Administrator@ad.itest.test', password: 'Adm1n-Passw0rd' } as const;

/** Must agree with samba-provision.py, which makes them. `code` is the sub-code that a bind with the right password gets. */
export const AD_USERS = {
  alice: { cn: 'Alice Adams', upn: 'alice@ad.itest.test', password: 'pw-alice' },
  bob: { cn: 'bob', upn: 'bob@ad.itest.test', password: 'pä:ßwörd' },
  carol: { cn: 'carol', upn: 'carol.cole@corp.example', password: 'pw-carol' },
  /** CN=Müller\2C Jürgen (R\5CD) 李: comma, parentheses, backslash, umlaut and CJK. */
  jmueller: { cn: 'Müller, Jürgen (R\\D) 李', upn: 'jürgen@ad.itest.test', password: 'pw-jmueller' },
  /** In 2,000 groups, many-0000 to many-1999. */
  manygroups: { cn: 'manygroups', upn: 'manygroups@ad.itest.test', password: 'pw-manygroups' },
  disabled: { cn: 'disabled', upn: 'disabled@ad.itest.test', password: 'pw-disabled', code: '533' },
  expired: { cn: 'expired', upn: 'expired@ad.itest.test', password: 'pw-expired', code: '701' },
  mustchange: { cn: 'mustchange', upn: 'mustchange@ad.itest.test', password: 'pw-mustchange', code: '773' },
  oldpassword: { cn: 'oldpassword', upn: 'oldpassword@ad.itest.test', password: 'pw-oldpassword', code: '532' },
  nohours: { cn: 'nohours', upn: 'nohours@ad.itest.test', password: 'pw-nohours', code: '530' },
  otherdesk: { cn: 'otherdesk', upn: 'otherdesk@ad.itest.test', password: 'pw-otherdesk', code: '531' },
  /** Locked by the rig when it starts; a day, or until `unlock`. */
  locked: { cn: 'locked', upn: 'locked@ad.itest.test', password: 'pw-locked', code: '775' },
} as const;

/** `alice` is in all three through devs; rd-tokyo has a CN as odd as jmueller's. */
export const AD_NESTED_GROUPS = ['devs', 'eng', 'all'] as const;
export const AD_ODD_GROUP = { sAMAccountName: 'rd-tokyo', cn: 'R\\D (東京), Ops' } as const;

export interface SambaConfig {
  readonly folder: string;
  readonly server: KeyPair;
  readonly caFile: string;
  readonly strongAuth: boolean;
}

export function sambaConf({ folder, server, caFile, strongAuth }: SambaConfig): string {
  const ad = join(folder, 'ad');
  return [
    '[global]',
    'netbios name = DC1',
    'workgroup = ADITEST',
    'realm = AD.ITEST.TEST',
    'server role = active directory domain controller',
    'server services = ldap',
    `private dir = ${ad}/private`,
    `state directory = ${ad}/state`,
    `lock directory = ${ad}`,
    `cache directory = ${ad}/cache`,
    `binddns dir = ${ad}/bind-dns`,
    `pid directory = ${ad}`,
    `ncalrpc dir = ${ad}/ncalrpc`,
    'interfaces = lo',
    'bind interfaces only = yes',
    `ldap server require strong auth = ${strongAuth ? 'yes' : 'no'}`,
    `tls certfile = ${server.certFile}`,
    `tls keyfile = ${server.keyFile}`,
    `tls cafile = ${caFile}`,
    'tls priority = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1',
    '',
  ].join('\n');
}

/** Samba's ports are fixed, so it has a network of its own; two UNIX sockets lead out of it. */
export function namespaceScript(folder: string): string {
  const bridge = (name: string, port: number) =>
    `socat UNIX-LISTEN:${join(folder, name)},fork,unlink-early,backlog=256 TCP:127.0.0.1:${port} &`;
  return [
    'ip link set lo up',
    bridge('ldap.sock', 389),
    bridge('ldaps.sock', 636),
    `exec samba -s ${join(folder, 'smb.conf')} -M single -i --no-process-group --debug-stdout -d 1`,
    '',
  ].join('\n');
}
