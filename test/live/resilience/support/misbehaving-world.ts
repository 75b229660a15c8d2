// One program before upstreams whose manners a test switches; each provider has an endpoint of its own.

import { issueLoopback } from '../../../support/certificates.ts';
import { CLIENT_ID, CLIENT_SECRET, jsonAnswer } from '../../../support/fake-authorization-server.ts';
import { basicAuth, type FakeHandler, type FakeHttp, startFakeHttp } from '../../../support/fake-http.ts';
import { type FakeLdap, startFakeLdap } from '../../../support/fake-ldap.ts';
import { encodeResult } from '../../../support/fake-ldap-codec.ts';
import { fakePerson } from '../../../support/fake-ldap-data.ts';
import { startThief, type Thief } from '../../rig/thief.ts';
import type { GoClient } from './go-client.ts';
import { startAnyTls, tlsManners } from './misbehaving.ts';
import { authority, type Program, startProgram } from './program.ts';
import { apiServerOf } from './world.ts';

export const PASSWORD = 'correct horse Qx7';
export const TOKEN = 'opaque-token-Qx7';

export interface MisbehavingWorld {
  readonly program: Program;
  readonly client: GoClient;
  readonly thief: Thief;
  /** `/web` and `/idp` ask it for everything while there is one, and answer as they should without. */
  setHttp(manner: FakeHandler | undefined): void;
  readonly directory: FakeLdap;
  /** Appends bytes in clear to its answer to StartTLS. */
  readonly forged: FakeLdap;
  /** Endpoints whose upstream nobody should trust: `/web-0`, `/idp-0`, `/ldap-0` is the first of `tlsManners`. */
  readonly untrusted: readonly string[];
  stop(): Promise<void>;
}

type Entry = { readonly name: string; readonly type: string; readonly options: object };

export async function startMisbehavingWorld(): Promise<MisbehavingWorld> {
  const tls = issueLoopback(authority);
  const state: { manner: FakeHandler | undefined } = { manner: undefined };
  const switched =
    (good: FakeHandler): FakeHandler =>
    (...asked) =>
      (state.manner ?? good)(...asked);
  const thief = await startThief();
  const web = await startFakeHttp({
    tls,
    handler: switched(basicAuth(new Map([['wanda', PASSWORD]]), () => ({ status: 200 }))),
  });
  const idp = await startFakeHttp({ tls, handler: switched(introspection) });
  const directory = await startFakeLdap({ tls, users: [fakePerson('dora', PASSWORD)] });
  const injected = encodeResult(1, 'bind', { code: 0 });
  const forged = await startFakeLdap({ tls, startTLS: true, users: [fakePerson('dora', PASSWORD)], injected });
  const doubtful = await startDoubtful();
  const entries: readonly Entry[] = [
    webEntry('web', web),
    { ...webEntry('portal', web), options: { ...webEntry('portal', web).options, canary: true } },
    idpEntry('idp', idp),
    ldapEntry('ldap', directory.url),
    ldapEntry('forged', forged.url, { startTLS: true }),
    ...doubtful.entries,
  ];
  const program = await startProgram({
    files: { 'ca.crt': authority.cert, 'client-secret': CLIENT_SECRET },
    env: { NODE_OPTIONS: '--max-old-space-size=128' },
    config: {
      providers: entries,
      cache: { authenticatedTTL: '0s', rejectedTTL: '0s' },
      webhook: { endpoints: entries.map(({ name }) => ({ path: `/${name}`, providers: [name] })) },
    },
  });
  const client = apiServerOf(program);
  return {
    program,
    client,
    thief,
    directory,
    forged,
    setHttp: (manner) => {
      state.manner = manner;
    },
    untrusted: doubtful.entries.map(({ name }) => `/${name}`),
    stop: async () => {
      client.close();
      await program.stop();
      await Promise.all([thief.stop(), web.close(), idp.close(), directory.close(), forged.close(), doubtful.close()]);
    },
  };
}

const introspection: FakeHandler = ({ body }) =>
  jsonAnswer({ active: new URLSearchParams(body).get('token') === TOKEN, sub: '1', username: 'ida' });

const TLS = { caFile: 'ca.crt' };

function webEntry(name: string, { origin }: Pick<FakeHttp, 'origin'>) {
  return { name, type: 'http-basic', options: { url: `${origin}/`, canary: false, tls: TLS } };
}

function idpEntry(name: string, { origin }: Pick<FakeHttp, 'origin'>): Entry {
  const options = { introspectionEndpoint: `${origin}/`, clientID: CLIENT_ID, clientSecret: { file: 'client-secret' } };
  return { name, type: 'oidc-introspection', options: { ...options, tls: TLS } };
}

function ldapEntry(name: string, url: string, change: object = {}): Entry {
  const userSearch = { baseDN: 'ou=people,dc=example,dc=org', filter: '(uid={username})' };
  return { name, type: 'ldap', options: { urls: [url], tls: TLS, userSearch, ...change } };
}

/** A server of each TLS manner for each kind of provider. */
async function startDoubtful(): Promise<{ readonly entries: readonly Entry[]; close(): Promise<void> }> {
  const started = Object.values(tlsManners(authority)).map(async (options, index) => {
    const [http, ldap] = await Promise.all([startAnyTls(options, 'http'), startAnyTls(options, 'ldap')]);
    const origin = `https://localhost:${http.port}`;
    const entries = [
      webEntry(`web-${index}`, { origin }),
      idpEntry(`idp-${index}`, { origin }),
      ldapEntry(`ldap-${index}`, `ldaps://localhost:${ldap.port}`),
    ];
    return { entries, close: () => Promise.all([http.close(), ldap.close()]) };
  });
  const servers = await Promise.all(started);
  return {
    entries: servers.flatMap(({ entries }) => entries),
    close: async () => {
      await Promise.all(servers.map(({ close }) => close()));
    },
  };
}
