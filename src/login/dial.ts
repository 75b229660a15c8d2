// A connection to the portal. Every `kubectl` waits for it, so nothing of TLS is loaded for plain HTTP, and no authority in vain.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { errorCode } from '../text/error-code.ts';
import { type Environment, hostOf, portOf, proxyFor, tunnel } from '../upstream/http/proxy.ts';

export interface Dial {
  readonly server: URL;
  /** PEM; replaces the authorities of Node.js and of the operating system. */
  readonly ca: string | undefined;
  /** For HTTPS_PROXY and NO_PROXY; plain HTTP goes to a loopback address alone, so to no proxy. */
  readonly env: Environment;
}

/** Rejects with the error of the socket, a ProxyFault, or an AbortError; a connection that is not ready yet is closed then. */
export async function dial({ server, ca, env }: Dial, signal: AbortSignal): Promise<Socket> {
  const address = { host: hostOf(server), port: portOf(server) };
  if (server.protocol === 'http:') return ready(connect(address), 'connect', signal);
  const proxy = proxyFor(server, env);
  const tls = await import('node:tls');
  const { trustIn } = await import('../upstream/http/tls.ts');
  // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED in the environment would turn verification off.
  const always = { rejectUnauthorized: true, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const;
  const open = async (trust: ConnectionOptions): Promise<Socket> => {
    const servername = isIP(address.host) === 0 ? address.host : '';
    const through = proxy && { socket: await tunnel(proxy, server, signal) };
    return ready(tls.connect({ ...always, ...trust, ...address, ...through, servername }), 'secureConnect', signal);
  };
  if (ca !== undefined) return open(trustIn(ca));
  try {
    return await open({});
  } catch (error) {
    if (!UNKNOWN_AUTHORITY.has(errorCode(error) ?? '')) throw error;
    return open(trustIn(systemFile() ?? tls.getCACertificates('system')));
  }
}

/** Nothing was sent yet when one of these comes, and the operating system may know an authority that Node does not. */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Where Linux keeps the authorities of the system in one file (the list of Go's crypto/x509, root_linux.go). */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** OpenSSL reads this text in a third of the time in which Node lists the same authorities. SSL_CERT_FILE is OpenSSL's own. */
function systemFile(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  for (const path of [process.env['SSL_CERT_FILE'] ?? [], SYSTEM_FILES].flat()) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // Another distribution has it elsewhere.
    }
  }
  return undefined;
}

async function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
