// A real OpenLDAP with password policy, memberOf, an audit log and faults on demand.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, run, runOrThrow } from './command.ts';
import { findServer, requireServer } from './installed.ts';
import type { KeyPair, Pki } from './pki.ts';
import { type ServerProcess, startProcess } from './process.ts';
import { accountsLdif, groupsLdif, SCHEMA, slapdConf } from './slapd-config.ts';
import { ROOT } from './slapd-data.ts';
import { copyForServer, fileForServer, giveToServer, keyPairForServer, subfolder, temporaryFolder } from './temp.ts';
import { freePort, waitForPort } from './wait.ts';

const CANDIDATES = ['/usr/sbin/slapd', 'slapd'];

/** For a test's `skip`. */
export function slapdMissing(): string | false {
  return requireServer('slapd', CANDIDATES) || requireServer('ldap-utils', ['ldapwhoami']);
}

export interface SlapdOptions {
  readonly pki: Pki;
  /** Instead of `pki.server`: one that clients should refuse. */
  readonly certificate?: KeyPair;
  /** Wrong passwords until an account is locked for an hour; default 3. */
  readonly maxFailures?: number;
  /** Lets a search without a bind see everything except passwords; default false. */
  readonly anonymousRead?: boolean;
  /** How many more people user0, user1, … there are; all are in the group `cn=bulk`. */
  readonly users?: number;
  /** Lines `limits …` of slapd.conf, behind who they are for: `size.soft=100 size.hard=100` for the service account. */
  readonly serviceLimits?: string;
  /** The overlay dynlist with its documented line: groups of a memberURL show and match `member`. */
  readonly dynamicGroups?: boolean;
}

export interface Slapd {
  /** Also speaks StartTLS. */
  readonly ldapPort: number;
  readonly ldapsPort: number;
  readonly ldapUrl: string;
  readonly ldapsUrl: string;
  readonly caFile: string;
  /** As the root DN; throw when slapd refuses. */
  ldapadd(ldif: string): Promise<void>;
  ldapmodify(ldif: string): Promise<void>;
  /** Runs a tool of ldap-utils against ldaps:// (or the given URL) and never throws on a refusal. */
  tool(name: string, args: readonly string[], url?: string): Promise<CommandResult>;
  /** What the server itself keeps about an entry, such as pwdFailureTime and pwdAccountLockedTime. */
  operationalAttributes(dn: string): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Every change that was made, as LDIF; the rig's own are the groups and what ldapadd and ldapmodify sent. */
  auditLog(): string;
  /** How many simple binds reached the server, of one DN or of all; refused ones count. */
  binds(dn?: string): number;
  log(): string;
  /** Freezes the server: connections are accepted by the kernel, and nothing answers. */
  suspend(): void;
  resume(): void;
  stop(): Promise<void>;
  /** Again, on the same ports and with the same data. */
  start(): Promise<void>;
}

/** Starts with the data of slapd-data.ts, in about 0.2 s (10,000 users: 1 s). */
export async function startSlapd(options: SlapdOptions): Promise<Slapd> {
  const folder = await prepareDatabase(options);
  const ports = { ldap: await freePort(), ldaps: await freePort() };
  const urls = { ldap: `ldap://127.0.0.1:${ports.ldap}`, ldaps: `ldaps://127.0.0.1:${ports.ldaps}` };
  const launch = async (): Promise<ServerProcess> => {
    const server = startProcess({
      name: 'slapd',
      command: slapdBinary(),
      args: ['-f', join(folder, 'slapd.conf'), '-h', `${urls.ldap} ${urls.ldaps}`, '-d', 'stats'],
      directory: folder,
      unprivileged: true,
    });
    await waitForPort(ports.ldaps, server);
    return server;
  };
  let server = await launch();
  const tool = (name: string, args: readonly string[], url = urls.ldaps) =>
    run(name, ['-x', '-H', url, ...args], { env: { LDAPTLS_CACERT: options.pki.caFile } });
  const change = async (name: string, ldif: string): Promise<void> => {
    const file = fileForServer(folder, 'change.ldif', ldif);
    await runOrThrow(name, ['-x', '-H', urls.ldap, '-D', ROOT.dn, '-w', ROOT.password, '-f', file]);
  };
  await change('ldapadd', groupsLdif());
  return {
    ldapPort: ports.ldap,
    ldapsPort: ports.ldaps,
    ldapUrl: urls.ldap,
    ldapsUrl: urls.ldaps,
    caFile: options.pki.caFile,
    ldapadd: (ldif) => change('ldapadd', ldif),
    ldapmodify: (ldif) => change('ldapmodify', ldif),
    tool,
    operationalAttributes: (dn) => readOperational(urls.ldap, dn),
    auditLog: () => readIfThere(join(folder, 'audit.ldif')),
    binds: (dn) => countBinds(server.output(), dn),
    log: () => server.output(),
    suspend: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    stop: () => server.stop(),
    start: async () => {
      if (server.hasExited()) server = await launch();
    },
  };
}

function slapdBinary(): string {
  return findServer(CANDIDATES) ?? 'slapd';
}

async function prepareDatabase(options: SlapdOptions): Promise<string> {
  const folder = temporaryFolder('slapd');
  subfolder(folder, 'db', 0o700);
  fileForServer(folder, 'itest.schema', SCHEMA);
  const conf = slapdConf({
    folder,
    caFile: copyForServer(folder, options.pki.caFile),
    server: keyPairForServer(folder, options.certificate ?? options.pki.server),
    anonymousRead: options.anonymousRead ?? false,
    serviceLimits: options.serviceLimits,
    dynamicGroups: options.dynamicGroups ?? false,
  });
  const confFile = fileForServer(folder, 'slapd.conf', conf);
  const ldif = fileForServer(folder, 'accounts.ldif', accountsLdif(options.maxFailures ?? 3, options.users ?? 0));
  await runOrThrow('/usr/sbin/slapadd', ['-q', '-f', confFile, '-l', ldif], { unprivileged: true });
  giveToServer(folder);
  return folder;
}

async function readOperational(url: string, dn: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const root = ['-x', '-H', url, '-D', ROOT.dn, '-w', ROOT.password];
  const ldif = await runOrThrow('ldapsearch', [...root, '-LLL', '-o', 'ldif-wrap=no', '-b', dn, '-s', 'base', '+']);
  const found: Record<string, string[]> = {};
  for (const [, name, base64, value] of ldif.matchAll(/^(\w+):(:?) (.*)$/gm)) {
    if (name === undefined || value === undefined || name === 'dn') continue;
    (found[name] ??= []).push(base64 === ':' ? Buffer.from(value, 'base64').toString() : value);
  }
  return found;
}

/** The stats log prints a bind's DN before it is evaluated; the rig's own root binds are not counted. */
function countBinds(log: string, dn: string | undefined): number {
  const all = [...log.matchAll(/ BIND dn="(.*)" method=128$/gm)].map((match) => (match[1] ?? '').toLowerCase());
  return all.filter((one) => (dn === undefined ? one !== ROOT.dn : one === dn.toLowerCase())).length;
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
