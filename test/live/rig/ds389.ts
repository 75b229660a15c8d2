// A real 389 Directory Server in a folder of its own: no root, no systemd, nothing of the machine's own configuration.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runOrThrow } from './command.ts';
import { DS_CONFIG, DS_DATA, DS_ROOT, DS_SUFFIX } from './ds389-data.ts';
import { requireServer } from './installed.ts';
import { type ServerProcess, startProcess, unprivilegedOwner } from './process.ts';
import { fileForServer, giveToServer, subfolder, temporaryFolder } from './temp.ts';
import { freePort, waitFor, waitForPort } from './wait.ts';

const SERVER = '/usr/sbin/ns-slapd';
const CREATE = '/usr/sbin/dscreate';
/** dscreate belongs to Debian's Python; another one may come first on the PATH. */
const PYTHON = '/usr/bin/python3';
const INSTANCE = 'slapd-kab';

/** For a test's `skip`. */
export function ds389Missing(): string | false {
  return requireServer('389-ds-base', [SERVER]) || requireServer('389-ds-base', [CREATE]);
}

export interface Ds389 {
  /** By name: its certificate, which dscreate makes, is for `localhost`. */
  readonly ldapsUrl: string;
  readonly ldapUrl: string;
  readonly caFile: string;
  /** As the root DN; throws when the server refuses. */
  ldapmodify(ldif: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts with the data of ds389-data.ts, in about 18 s, of which dscreate takes 15. */
export async function startDs389(): Promise<Ds389> {
  const folder = temporaryFolder('ds389');
  const ports = { ldap: await freePort(), ldaps: await freePort() };
  const ldapUrl = `ldap://localhost:${ports.ldap}`;
  await createInstance(folder, ports);
  const config = join(folder, 'etc/dirsrv', INSTANCE);
  const launch = async (): Promise<ServerProcess> => {
    const args = ['-D', config, '-i', join(folder, 'run/kab.pid'), '-d', '0'];
    const started = startProcess({ name: 'ns-slapd', command: SERVER, args, directory: folder, unprivileged: true });
    await waitForPort(ports.ldaps, started);
    return started;
  };
  const ldapmodify = async (ldif: string): Promise<void> => {
    const file = fileForServer(folder, 'change.ldif', ldif);
    await runOrThrow('ldapmodify', ['-x', '-H', ldapUrl, '-D', DS_ROOT.dn, '-w', DS_ROOT.password, '-f', file]);
  };
  let server = await launch();
  await ldapmodify(DS_CONFIG);
  // Plugins are loaded at the start.
  await server.stop();
  server = await launch();
  await ldapmodify(DS_DATA);
  return {
    ldapsUrl: `ldaps://localhost:${ports.ldaps}`,
    ldapUrl,
    caFile: join(config, 'ca.crt'),
    ldapmodify,
    stop: () => server.stop(),
  };
}

/** dscreate starts the server to configure it, and ends it: `start = False`. */
async function createInstance(folder: string, ports: { readonly ldap: number; readonly ldaps: number }): Promise<void> {
  for (const name of ['etc', 'etc/default', 'run', 'shm', 'tmp', 'var', 'share']) subfolder(folder, name);
  mkdirSync(join(folder, 'share/dirsrv/inf'), { recursive: true });
  for (const name of ['config', 'schema']) {
    cpSync(join('/etc/dirsrv', name), join(folder, 'etc/dirsrv', name), { recursive: true });
  }
  fileForServer(join(folder, 'share/dirsrv/inf'), 'defaults.inf', defaultsFor(folder));
  await giveTree(join(folder, 'etc'));
  const answers = fileForServer(folder, 'ds.inf', answersFor(ports));
  await runOrThrow(PYTHON, [CREATE, 'from-file', answers], {
    unprivileged: true,
    env: { PREFIX: folder },
    timeoutMs: 120_000,
  });
  await waitFor('dscreate to end its server', async () => !(await isListening(ports.ldap)) || undefined);
}

/** Where dscreate puts everything, and that there is no systemd; the file's own place is below `PREFIX`. */
function defaultsFor(folder: string): string {
  const { uid, gid } = unprivilegedOwner();
  return readFileSync('/usr/share/dirsrv/inf/defaults.inf', 'utf8')
    .replaceAll(/= \/(?<root>etc|var|run)\b/g, `= ${folder}/$<root>`)
    .replaceAll('= /dev/shm', `= ${folder}/shm`)
    .replace(/^with_systemd = .*$/m, 'with_systemd = 0')
    .replace(/^inst_dir = .*$/m, `inst_dir = ${folder}/var/{instance_name}`)
    .replace(/^tmp_dir = .*$/m, `tmp_dir = ${folder}/tmp`)
    .replace(/^user = .*$/m, `user = ${nameOf('passwd', uid)}`)
    .replace(/^group = .*$/m, `group = ${nameOf('group', gid)}`);
}

/** The name of a number in /etc/passwd or /etc/group. */
function nameOf(file: 'passwd' | 'group', id: number): string {
  const line = readFileSync(`/etc/${file}`, 'utf8')
    .split('\n')
    .find((each) => each.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}

function answersFor({ ldap, ldaps }: { readonly ldap: number; readonly ldaps: number }): string {
  return [
    '[general]',
    'full_machine_name = localhost',
    'strict_host_checking = False',
    'start = False',
    '[slapd]',
    'instance_name = kab',
    `port = ${ldap}`,
    `secure_port = ${ldaps}`,
    `root_password = ${DS_ROOT.password}`,
    'self_sign_cert = True',
    '[backend-userroot]',
    `suffix = ${DS_SUFFIX}`,
    'create_suffix_entry = True',
    'sample_entries = no',
    '',
  ].join('\n');
}

async function giveTree(folder: string): Promise<void> {
  const { uid, gid } = unprivilegedOwner();
  giveToServer(folder);
  await runOrThrow('chown', ['-R', `${uid}:${gid}`, folder]);
}

async function isListening(port: number): Promise<boolean> {
  const search = ['-x', '-H', `ldap://localhost:${port}`, '-s', 'base', '-b', '', '1.1'];
  return (await run('ldapsearch', search)).exitCode === 0;
}
