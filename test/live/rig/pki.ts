// Makes the certificates that real servers and clients of the live tests present, with openssl, anew for every run.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and its private key, both PEM, as absolute or `dir`-relative file names. */
export interface KeyPair {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Pki {
  /** The authority of `server`, `wrongHost` and `expired`. */
  readonly caFile: string;
  /** Good for `localhost`, `127.0.0.1` and `::1`. */
  readonly server: KeyPair;
  /** By the same authority, but good for `elsewhere.itest.test` only. */
  readonly wrongHost: KeyPair;
  /** By the same authority and for the right hosts, but its `notAfter` was yesterday. */
  readonly expired: KeyPair;
  /** The authority of every `client`; another one than `caFile`, so trust in servers never makes a client. */
  readonly clientCA: KeyPair;
  /** A self-made authority and a server for the right hosts under it, which nobody else trusts. */
  readonly stranger: KeyPair & { readonly caFile: string };
  /** A client certificate with `name` as CN; `organizations` are its `O`, which kube-apiserver takes for groups. */
  client(name: string, organizations?: readonly string[]): KeyPair;
}

const EXTENSIONS = `
[req]
distinguished_name = empty
prompt = no
[empty]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
[wrongHost]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.itest.test
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
`;

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

interface LeafRequest {
  readonly name: string;
  readonly subject: string;
  readonly section: 'server' | 'wrongHost' | 'client';
  readonly days: number;
}

/** Writes a whole PKI below `dir` (made if missing), EC P-256, in about 0.3 s. Throws with openssl's own words. */
export function makePki(dir: string): Pki {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const config = join(dir, 'openssl.cnf');
  writeFileSync(config, EXTENSIONS);
  const authority = (name: string): KeyPair => makeAuthority(dir, config, name);
  const leaf = (ca: KeyPair, request: LeafRequest): KeyPair => makeLeaf(dir, config, ca, request);

  const ca = authority('ca');
  const clientCA = authority('client-ca');
  const strangerCA = authority('stranger-ca');
  const server = { name: 'server', subject: '/CN=localhost', section: 'server', days: 30 } as const;
  let clients = 0;
  return {
    caFile: ca.certFile,
    server: leaf(ca, server),
    wrongHost: leaf(ca, {
      name: 'wrong-host',
      subject: '/CN=elsewhere.itest.test',
      section: 'wrongHost',
      days: 30,
    }),
    expired: leaf(ca, { ...server, name: 'expired', days: -1 }),
    clientCA,
    stranger: { ...leaf(strangerCA, { ...server, name: 'stranger' }), caFile: strangerCA.certFile },
    client: (name, organizations = []) => {
      clients += 1;
      const subject = [...organizations.map((o) => `/O=${escaped(o)}`), `/CN=${escaped(name)}`].join('');
      return leaf(clientCA, { name: `client-${clients}`, subject, section: 'client', days: 30 });
    },
  };
}

function makeAuthority(dir: string, config: string, name: string): KeyPair {
  const pair = filesOf(dir, name);
  const what = [
    '-x509',
    ...NEW_KEY,
    '-config',
    config,
    '-extensions',
    'ca',
    '-days',
    '30',
    '-subj',
    `/CN=itest ${name}`,
  ];
  openssl(['req', ...what, '-keyout', pair.keyFile, '-out', pair.certFile]);
  return pair;
}

function makeLeaf(dir: string, config: string, ca: KeyPair, request: LeafRequest): KeyPair {
  const pair = filesOf(dir, request.name);
  const csr = join(dir, `${request.name}.csr`);
  openssl(['req', ...NEW_KEY, '-config', config, '-subj', request.subject, '-keyout', pair.keyFile, '-out', csr]);
  const signer = ['-CA', ca.certFile, '-CAkey', ca.keyFile, '-CAcreateserial', '-days', String(request.days)];
  const extensions = ['-extfile', config, '-extensions', request.section];
  openssl(['x509', '-req', '-in', csr, ...signer, ...extensions, '-out', pair.certFile]);
  return pair;
}

function filesOf(dir: string, name: string): KeyPair {
  return { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
}

/** `-subj` ends a part at `/` and joins parts at `+`; a client's name may hold both. */
function escaped(name: string): string {
  return name.replaceAll(/[\\/+]/g, (special) => `\\${special}`);
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
