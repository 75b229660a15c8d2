// The real upstreams behind a program under test, each with a misbehaving proxy on the way.

import { type FaultyProxy, startFaultyProxy } from '../../rig/faults.ts';
import { type Nginx, nginxMissing, startNginx } from '../../rig/nginx.ts';
import { makePki } from '../../rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../../rig/slapd.ts';
import { temporaryFolder } from '../../rig/temp.ts';
import { basicProvider, type LdapEntry, ldapProvider, secretsOf } from '../../support/broker-providers.ts';
import { type GoClient, goClient } from './go-client.ts';
import { authority, KUBE_APISERVER, type Program, type ProgramConfig, startProgram } from './program.ts';

export interface World {
  readonly slapd: Slapd;
  readonly nginx: Nginx;
  /** Before slapd, and before nginx. */
  readonly ldapWay: FaultyProxy;
  readonly webWay: FaultyProxy;
  readonly program: Program;
  readonly client: GoClient;
  stop(): Promise<void>;
}

export function worldMissing(): string | false {
  return slapdMissing() || nginxMissing();
}

export interface WorldOptions {
  readonly users?: number;
  readonly maxFailures?: number;
  /** Sections of the configuration beside `providers`. */
  readonly settings?: ProgramConfig;
  readonly nodeOptions?: string;
  /** Of the entry of the directory. */
  readonly ldap?: Readonly<Record<string, unknown>>;
  /** Entries made of that of the directory, in its place; each is asked at `/<its name>`, the first at `/authenticate` too. */
  readonly directories?: (entry: LdapEntry) => readonly LdapEntry[];
}

/** `/authenticate` asks the directory, `/web` nginx; both over TLS through their proxies. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { users = 50, maxFailures } = options;
  const pki = makePki(temporaryFolder('pki'));
  const [slapd, nginx] = await Promise.all([
    startSlapd({ pki, users, ...(maxFailures !== undefined && { maxFailures }) }),
    startNginx({ pki }),
  ]);
  const ldapWay = await startFaultyProxy(slapd.ldapsPort);
  const webWay = await startFaultyProxy(nginx.tlsPort);
  const stopUpstreams = async (): Promise<void> => {
    await Promise.all([ldapWay.stop(), webWay.stop()]);
    slapd.resume();
    nginx.resume();
    await Promise.all([slapd.stop(), nginx.stop()]);
  };
  try {
    const config = configOf(options, { slapd, nginx, ldapWay, webWay }, pki.caFile);
    const env = { ...secretsOf(), NODE_OPTIONS: options.nodeOptions ?? '' };
    const program = await startProgram({ config, env });
    const client = apiServerOf(program);
    const stop = async (): Promise<void> => {
      client.close();
      await program.stop();
      await stopUpstreams();
    };
    return { slapd, nginx, ldapWay, webWay, program, client, stop };
  } catch (error) {
    await stopUpstreams();
    throw error;
  }
}

function configOf(
  { settings, ldap, directories = (entry) => [entry] }: WorldOptions,
  { slapd, nginx, ldapWay, webWay }: Pick<World, 'slapd' | 'nginx' | 'ldapWay' | 'webWay'>,
  caFile: string,
): ProgramConfig {
  const asked = directories(ldapProvider({ ...slapd, ldapsUrl: `ldaps://127.0.0.1:${ldapWay.port}` }, ldap));
  return {
    providers: [...asked, basicProvider({ ...nginx, tlsUrl: `https://127.0.0.1:${webWay.port}` }, caFile)],
    webhook: {
      endpoints: [
        { path: '/authenticate', providers: asked.slice(0, 1).map(({ name }) => name) },
        ...asked.map(({ name }) => ({ path: `/${name}`, providers: [name] })),
        { path: '/web', providers: ['partners'] },
      ],
    },
    ...settings,
  };
}

/** An API server with its client certificate. */
export function apiServerOf(program: Program): GoClient {
  return goClient({ port: () => program.webhookPort, tls: { ca: authority.cert, ...KUBE_APISERVER } });
}
