// A real Active Directory domain controller (Samba), reduced to its LDAP server, on free ports and without root.
import { type CommandResult, run, runOrThrow } from './command.ts';
import { requireNamespaces, requireServer } from './installed.ts';
import type { KeyPair, Pki } from './pki.ts';
import { type ServerProcess, startProcess } from './process.ts';
import { AD_ADMIN, AD_BASE, AD_USERS, namespaceScript, sambaConf } from './samba-config.ts';
import { PYTHON, unpackDomain } from './samba-domain.ts';
import { copyForServer, fileForServer, keyPairForServer, temporaryFolder } from './temp.ts';
import { freePort, waitFor, waitForPort } from './wait.ts';

/** For a test's `skip`. */
export function sambaMissing(): string | false {
  return (
    requireServer('samba', ['/usr/sbin/samba', 'samba']) ||
    requireServer('socat', ['socat']) ||
    requireServer('ldap-utils', ['ldapsearch']) ||
    requireNamespaces()
  );
}

export interface SambaOptions {
  readonly pki: Pki;
  /** Instead of `pki.server`: one that clients should refuse. */
  readonly certificate?: KeyPair;
  /** Refuses a simple bind in clear with result 8, as Active Directory can be told to; default false. */
  readonly strongAuth?: boolean;
}

export interface BindResult {
  /** The LDAP result code: 0, or 49 with a sub-code. */
  readonly code: number;
  /** What Active Directory says behind `data`, such as `52e`; undefined when the bind succeeded. */
  readonly subCode: string | undefined;
}

export interface Samba {
  readonly ldapPort: number;
  readonly ldapsPort: number;
  readonly ldapUrl: string;
  readonly ldapsUrl: string;
  readonly caFile: string;
  /** A simple bind over ldaps:// by ldapsearch (Samba has no whoami); `name` is a DN, a UPN or DOMAIN\name. */
  bind(name: string, password: string): Promise<BindResult>;
  /** As Administrator over ldaps://: LDIF of what the filter finds. */
  search(filter: string, attributes: readonly string[], base?: string): Promise<string>;
  /** samba-tool on the database files; throws when it fails. The running server sees the change at once. */
  sambaTool(args: readonly string[]): Promise<string>;
  /** Three wrong passwords. */
  lock(upn: string): Promise<void>;
  unlock(sAMAccountName: string): Promise<void>;
  log(): string;
  suspend(): void;
  resume(): void;
  stop(): Promise<void>;
  /** Again, on the same ports and with the same data. */
  start(): Promise<void>;
}

/** About 1.5 s from the cached domain; the user `locked` is locked. */
export async function startSamba(options: SambaOptions): Promise<Samba> {
  const folder = await prepareFolder(options);
  const ports = { ldap: await freePort(), ldaps: await freePort() };
  const ldapUrl = `ldap://127.0.0.1:${ports.ldap}`;
  const ldapsUrl = `ldaps://127.0.0.1:${ports.ldaps}`;
  const env = { LDAPTLS_CACERT: options.pki.caFile };
  const admin = ['-x', '-H', ldapsUrl, '-D', AD_ADMIN.upn, '-w', AD_ADMIN.password];
  const bind = async (name: string, password: string) =>
    bindResult(await run('ldapsearch', rootDse(ldapsUrl, name, password), { env }));
  const launch = () =>
    launchServers(folder, ports, async () => (await bind(AD_ADMIN.upn, AD_ADMIN.password)).code === 0);
  let servers = await launch();
  const each = (action: (server: ServerProcess) => void) => () => servers.forEach(action);
  const sambaTool = (args: readonly string[]) =>
    runOrThrow(
      PYTHON,
      ['/usr/bin/samba-tool', ...args, '-s', `${folder}/smb.conf`, '-H', `${folder}/ad/private/sam.ldb`],
      {
        unprivileged: true,
        env: { HOME: folder },
      },
    );
  const lock = async (upn: string): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- concurrent failures may be counted as one
    for (let attempt = 0; attempt < 3; attempt += 1) await bind(upn, 'wrong on purpose');
  };
  await lock(AD_USERS.locked.upn);
  return {
    ldapPort: ports.ldap,
    ldapsPort: ports.ldaps,
    ldapUrl,
    ldapsUrl,
    caFile: options.pki.caFile,
    bind,
    search: (filter, attributes, base = AD_BASE) =>
      runOrThrow('ldapsearch', [...admin, '-LLL', '-o', 'ldif-wrap=no', '-b', base, filter, ...attributes], { env }),
    sambaTool,
    lock,
    unlock: async (sAMAccountName) => void (await sambaTool(['user', 'unlock', sAMAccountName])),
    log: () => servers.map((server) => server.output()).join('\n'),
    suspend: each((server) => server.signal('SIGSTOP')),
    resume: each((server) => server.signal('SIGCONT')),
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
    start: async () => {
      if (servers.some((server) => server.hasExited())) servers = await launch();
    },
  };
}

async function prepareFolder(options: SambaOptions): Promise<string> {
  const folder = temporaryFolder('samba');
  await unpackDomain(folder);
  const server = keyPairForServer(folder, options.certificate ?? options.pki.server);
  const caFile = copyForServer(folder, options.pki.caFile);
  fileForServer(folder, 'smb.conf', sambaConf({ folder, server, caFile, strongAuth: options.strongAuth ?? false }));
  fileForServer(folder, 'namespace.sh', namespaceScript(folder));
  return folder;
}

interface Ports {
  readonly ldap: number;
  readonly ldaps: number;
}

/** An open port proves only that a bridge listens, so the answer to a bind is what is waited for. */
async function launchServers(folder: string, ports: Ports, answers: () => Promise<boolean>): Promise<ServerProcess[]> {
  const server = { directory: folder, unprivileged: true, env: { HOME: folder } };
  const namespaces = ['--user', '--map-root-user', '--net', '--pid', '--fork', '--kill-child'];
  const samba = startProcess({
    ...server,
    name: 'samba',
    command: 'unshare',
    args: [...namespaces, 'bash', `${folder}/namespace.sh`],
  });
  const bridge = (name: keyof Ports) =>
    startProcess({
      ...server,
      name: `bridge-${name}`,
      command: 'socat',
      args: [
        `TCP-LISTEN:${ports[name]},bind=127.0.0.1,fork,reuseaddr,backlog=256`,
        `UNIX-CONNECT:${folder}/${name}.sock`,
      ],
    });
  const ldap = bridge('ldap');
  const ldaps = bridge('ldaps');
  await Promise.all([waitForPort(ports.ldap, ldap), waitForPort(ports.ldaps, ldaps)]);
  await waitFor('Samba to answer a bind', async () => {
    if (samba.hasExited()) throw new Error(`Samba has ended:\n${samba.output()}`);
    return (await answers()) || undefined;
  });
  return [samba, ldap, ldaps];
}

function rootDse(url: string, name: string, password: string): string[] {
  return ['-x', '-H', url, '-D', name, '-w', password, '-LLL', '-s', 'base', '-b', '', 'dnsHostName'];
}

function bindResult(result: CommandResult): BindResult {
  return { code: result.exitCode, subCode: /, data (\w+),/.exec(result.stderr)?.[1] };
}
