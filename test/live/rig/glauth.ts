// A real GLAuth: a directory whose people and posix groups stand in its configuration file.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { program } from '../apiserver/programs.ts';
import type { Pki } from './pki.ts';
import { type ServerProcess, startProcess } from './process.ts';
import { fileForServer, keyPairForServer, temporaryFolder } from './temp.ts';
import { freePort, waitForPort } from './wait.ts';

export const GLAUTH_SUFFIX = 'dc=glauth,dc=test';
export const GLAUTH_SERVICE = {
  dn: `cn=kube-auth-broker,ou=services,${GLAUTH_SUFFIX}`,
  password: 'svc-secret',
} as const;

export interface Glauth {
  readonly ldapsUrl: string;
  readonly caFile: string;
  log(): string;
  stop(): Promise<void>;
}

/** `alice` (devs, ops, and eng, which includes devs), `gone` (disabled); their passwords are `pw-<name>`. */
export async function startGlauth(pki: Pki): Promise<Glauth> {
  const folder = temporaryFolder('glauth');
  const port = await freePort();
  const { certFile, keyFile } = keyPairForServer(folder, pki.server);
  const config = fileForServer(folder, 'glauth.cfg', configuration(port, certFile, keyFile));
  const server: ServerProcess = startProcess({
    name: 'glauth',
    command: program('glauth'),
    args: ['-c', config],
    directory: folder,
    unprivileged: true,
    env: { HOME: join(folder) },
  });
  await waitForPort(port, server);
  return {
    ldapsUrl: `ldaps://127.0.0.1:${port}`,
    caFile: pki.caFile,
    log: () => server.output(),
    stop: () => server.stop(),
  };
}

function configuration(port: number, certFile: string, keyFile: string): string {
  return `
[ldap]
  enabled = false
[ldaps]
  enabled = true
  listen = "127.0.0.1:${port}"
  cert = "${certFile}"
  key = "${keyFile}"
[api]
  enabled = false
[backend]
  datastore = "config"
  baseDN = "${GLAUTH_SUFFIX}"
[behaviors]
  IgnoreCapabilities = false
${group('devs', 5501)}
${group('services', 5502)}
${group('ops', 5503)}
${group('eng', 5504, 'includegroups = [5501]')}
${user('alice', 5001, 5501, 'othergroups = [5503]')}
${user('gone', 5002, 5501, 'disabled = true')}
${user('kube-auth-broker', 5003, 5502, '[[users.capabilities]]\naction = "search"\nobject = "*"', GLAUTH_SERVICE.password)}
`;
}

function group(name: string, number: number, more = ''): string {
  return `[[groups]]\nname = "${name}"\ngidnumber = ${number}\n${more}\n`;
}

function user(name: string, number: number, primaryGroup: number, more: string, password = `pw-${name}`): string {
  const hash = createHash('sha256').update(password).digest('hex');
  const lines = [
    `name = "${name}"`,
    `uidnumber = ${number}`,
    `primarygroup = ${primaryGroup}`,
    `passsha256 = "${hash}"`,
  ];
  return ['[[users]]', ...lines, more, ''].join('\n');
}
