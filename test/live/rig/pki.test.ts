// Proves with real TLS handshakes that each certificate of the live rig is refused or accepted for the reason it was made.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { type KeyPair, makePki, type Pki } from './pki.ts';

const dir = mkdtempSync(join(tmpdir(), 'pki-'));
let pki: Pki;

before(() => {
  pki = makePki(dir);
});
after(() => rmSync(dir, { recursive: true }));

const read = (pair: KeyPair) => ({ cert: readFileSync(pair.certFile), key: readFileSync(pair.keyFile) });

/** One handshake on loopback: 'ok', or the code with which the client refused the server. */
async function handshake(pair: KeyPair, host: string): Promise<string> {
  const server = createServer(read(pair), (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  const socket = connect({ host, port, ca: readFileSync(pki.caFile), servername: host === '::1' ? '' : 'localhost' });
  try {
    return await new Promise<string>((resolve) => {
      socket.once('secureConnect', () => resolve('ok'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    socket.destroy();
    server.close();
  }
}

const rows = [
  { name: 'a client accepts the server on 127.0.0.1', leaf: 'server', host: '127.0.0.1', want: 'ok' },
  { name: 'a client accepts the server on ::1', leaf: 'server', host: '::1', want: 'ok' },
  {
    name: 'a client refuses a name that is not on the certificate',
    leaf: 'wrongHost',
    host: '127.0.0.1',
    want: 'ERR_TLS_CERT_ALTNAME_INVALID',
  },
  { name: 'a client refuses yesterday`s certificate', leaf: 'expired', host: '127.0.0.1', want: 'CERT_HAS_EXPIRED' },
  {
    name: 'a client refuses an authority that it does not know',
    leaf: 'stranger',
    host: '127.0.0.1',
    want: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  },
] as const;

for (const { name, leaf, host, want } of rows) {
  void test(name, async () => assert.equal(await handshake(pki[leaf], host), want));
}

void test('client certificates carry the name and the organizations exactly, under their own authority', () => {
  const pair = pki.client('a/b+c\\d', ['system:masters', 'x']);
  const certificate = new X509Certificate(readFileSync(pair.certFile));
  assert.deepEqual({ ...certificate.toLegacyObject().subject }, { O: ['system:masters', 'x'], CN: 'a/b+c\\d' });
  assert.ok(certificate.verify(new X509Certificate(readFileSync(pki.clientCA.certFile)).publicKey));
  assert.notEqual(pki.client('second').certFile, pair.certFile);
});
