// A directory on loopback that speaks the real protocol, remembers what it saw, and breaks on demand.

import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Fault } from '../contract/provider-world.ts';
import type { TestCertificate } from './certificates.ts';
import type { FakeRequest, FakeSearch } from './fake-ldap-codec.ts';
import { type FakeEntry, fakeRootDse } from './fake-ldap-data.ts';
import { faultyScripts } from './fake-ldap-faults.ts';
import { type FakeLimits, type FakeScript, serve } from './fake-ldap-session.ts';

export interface FakeLdapOptions {
  readonly users: readonly FakeEntry[];
  readonly groups?: readonly FakeEntry[];
  /** Whoever else is an entry: the service account, base DNs. */
  readonly others?: readonly FakeEntry[];
  /** Serves ldaps:// with it, or StartTLS with `startTLS: true`; without it ldap:// in clear. */
  readonly tls?: TestCertificate;
  readonly startTLS?: boolean;
  /** false: StartTLS is refused as unsupported. */
  readonly hasStartTLS?: boolean;
  /** What it presents while it fails the TLS handshake. */
  readonly strangerTls?: TestCertificate;
  /** Bytes that somebody on the way appends to the answer to StartTLS. */
  readonly injected?: Buffer;
  /** DNs that may see every entry; others see their own. Default: everybody sees everything. */
  readonly readers?: readonly string[];
  readonly ignoresSizeLimit?: boolean;
  readonly limits?: FakeLimits;
  /** false: defaults may be written out, as others do. */
  readonly isStrict?: boolean;
  /** What the RootDSE says that it knows; paged results and password policy. */
  readonly supportedControl?: readonly string[];
  /** Answers instead of the directory, for requests for which it does not return undefined. */
  readonly script?: FakeScript;
}

export interface SeenBind {
  readonly dn: string;
  readonly password: string;
  readonly encrypted: boolean;
  readonly controls: readonly string[];
  /** undefined: it was not answered. */
  readonly code: number | undefined;
}

export interface SeenSearch extends FakeSearch {
  readonly boundDn: string;
  readonly encrypted: boolean;
}

export interface FakeLdap {
  /** `ldaps://localhost:port`, or ldap:// without `tls` and with `startTLS`. */
  readonly url: string;
  readonly port: number;
  readonly binds: readonly SeenBind[];
  /** All but the questions for the RootDSE, which any connection may ask. */
  readonly searches: readonly SeenSearch[];
  /** How often the RootDSE was asked for. */
  rootDseReads(): number;
  /** Add, delete, modify and the like: there must never be any. */
  writes(): number;
  /** Requests of every kind so far. */
  exchanges(): number;
  /** Connections accepted so far. */
  accepted(): number;
  /** Connections open now. */
  connections(): number;
  setScript(script: FakeScript | undefined): void;
  breakWith(fault: Fault | undefined): Promise<void>;
  /** Closes the kept connections, as a server does that restarts. */
  readonly dropConnections: () => void;
  /** Says goodbye politely on all connections: the client sees the end of the stream. */
  readonly endConnections: () => void;
  close(): Promise<void>;
}

/** True for the question what the server knows (RFC 4512 §5.1). */
export function isRootDse(request: FakeRequest): boolean {
  return request.op === 'search' && request.baseDN === '' && request.scope === 'base';
}

/** Listens on a free loopback port. */
export async function startFakeLdap(options: FakeLdapOptions): Promise<FakeLdap> {
  const { tls, startTLS = false, strangerTls } = options;
  const log = createLog();
  let { script } = options;
  let certificate = tls;
  const isLdaps = tls !== undefined && !startTLS;
  const rootDse = fakeRootDse(options.supportedControl);
  const onSocket = (socket: Socket): void =>
    serve(socket, isLdaps, {
      entries: [...options.users, ...(options.groups ?? []), ...(options.others ?? []), rootDse],
      script: () => script,
      startTls: startTLS && (options.hasStartTLS ?? true) ? certificate : undefined,
      injected: options.injected,
      readers: options.readers,
      ignoresSizeLimit: options.ignoresSizeLimit ?? false,
      limits: options.limits ?? {},
      isStrict: options.isStrict ?? true,
      seen: log.seen,
    });
  const secure = isLdaps ? createTlsServer({ ...tls, ticketKeys: undefined }, onSocket) : undefined;
  const server = secure ?? createServer(onSocket);
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy()));
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => void server.listen(port, 'localhost', resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    dropConnections();
    await closed;
  };
  return {
    url: `${isLdaps ? 'ldaps' : 'ldap'}://localhost:${port}`,
    port,
    binds: log.binds,
    searches: log.searches,
    rootDseReads: () => log.rootDseReads(),
    writes: () => log.writes(),
    exchanges: () => log.exchanges(),
    accepted: () => accepted,
    connections: () => sockets.size,
    setScript: (next) => {
      script = next;
    },
    breakWith: async (next) => {
      if (next === 'refuses connections') return close();
      script = next === undefined ? options.script : (faultyScripts[next] ?? options.script);
      certificate = (next === 'fails the TLS handshake' && strangerTls) || tls;
      if (certificate !== undefined) secure?.setSecureContext(certificate);
      if (next === undefined || next === 'fails the TLS handshake') dropConnections();
      return server.listening ? undefined : listen(port);
    },
    dropConnections,
    endConnections: () => {
      for (const socket of sockets) socket.end();
    },
    close,
  };
}

function createLog() {
  const binds: SeenBind[] = [];
  const searches: SeenSearch[] = [];
  let exchanges = 0;
  let rootDseReads = 0;
  let writes = 0;
  return {
    binds,
    searches,
    exchanges: () => exchanges,
    rootDseReads: () => rootDseReads,
    writes: () => writes,
    seen: (
      request: FakeRequest,
      { encrypted, boundDn }: { encrypted: boolean; boundDn: string },
      code?: number,
    ): void => {
      exchanges += 1;
      if (request.op === 'bind') {
        const { dn, password, controls } = request;
        binds.push({ dn, password, encrypted, controls, code });
      }
      if (isRootDse(request)) rootDseReads += 1;
      else if (request.op === 'search') searches.push({ ...request, encrypted, boundDn });
      if (request.op === 'write') writes += 1;
    },
  };
}
