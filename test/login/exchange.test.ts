// One exchange with a portal: what it sends once, whom it trusts, and how it ends when the other side misbehaves.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { exchange } from '../../src/login/exchange.ts';
import { errorWord } from '../../src/text/error-code.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { startFakeHttp } from '../support/fake-http.ts';
import { startFakePortal } from '../support/fake-portal.ts';
import { listenOn } from '../support/listening.ts';

const ask = { method: 'GET', path: 'whoami', headers: {}, timeoutMs: 5000 } as const;
const run = promisify(execFile);
const PROCESS = join(import.meta.dirname, 'sign-in-process.ts');

void describe('an exchange', () => {
  void test('goes below the path of the server and follows no redirect', async (t) => {
    const http = await startFakeHttp({
      handler: ({ path }) => ({ status: 302, headers: { location: '/elsewhere' }, body: path }),
    });
    t.after(() => http.close());
    const answer = await exchange({ server: new URL('/prefix/', http.origin), ca: undefined, env: {} }, ask);
    assert.deepEqual(answer, { status: 302, text: '/prefix/whoami' });
  });

  const faults = [
    { name: 'an endless answer', given: () => endless(), want: 'EMSGSIZE' },
    {
      name: 'an answer that stops',
      given: () => raw('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
      want: 'TimeoutError',
    },
    { name: 'no answer at all', given: () => raw(''), want: 'TimeoutError' },
    { name: 'what is no HTTP', given: () => raw('SSH-2.0-OpenSSH\r\n'), want: 'HPE_INVALID_CONSTANT' },
  ];
  for (const { name, given, want } of faults) {
    void test(`ends with ${want} for ${name}`, async (t) => {
      const listening = await listenOn(given());
      t.after(() => listening.close());
      const server = new URL(`http://localhost:${listening.port}`);
      const timeoutMs = want === 'TimeoutError' ? 200 : 5000;
      const fault = await exchange({ server, ca: undefined, env: {} }, { ...ask, timeoutMs }).catch(errorWord);
      assert.equal(fault, want);
    });
  }

  const trusted = [
    { name: 'one that OpenSSL finds in SSL_CERT_FILE', given: 'SSL_CERT_FILE', want: 'signed-in' },
    { name: 'one that Node finds in NODE_EXTRA_CA_CERTS', given: 'NODE_EXTRA_CA_CERTS', want: 'signed-in' },
    { name: 'one that nobody names', given: 'NO_SUCH_VARIABLE', want: 'unknown' },
  ];
  for (const { name, given, want } of trusted) {
    void test(`meets an authority, ${name}: ${want}`, async (t) => {
      const authority = makeAuthority('Corp');
      const folder = mkdtempSync(join(tmpdir(), 'broker-exchange-'));
      writeFileSync(join(folder, 'ca.pem'), authority.cert);
      const portal = await startFakePortal({ passwords: { alice: 'right' }, tls: issueLoopback(authority) });
      t.after(async () => {
        rmSync(folder, { recursive: true });
        await portal.close();
      });
      const env = {
        ...process.env,
        NODE_EXTRA_CA_CERTS: '',
        SSL_CERT_FILE: '/dev/null',
        [given]: join(folder, 'ca.pem'),
      };
      const { stdout } = await run(process.execPath, [PROCESS, portal.origin, join(folder, 'cache'), 'right'], { env });
      assert.match(stdout, new RegExp(`"kind":"${want}"`));
      assert.equal(portal.signIns(), want === 'signed-in' ? 1 : 0);
    });
  }
});

function raw(text: string): Server {
  return createServer((socket) => void socket.on('error', () => undefined).write(text));
}

function endless(): Server {
  return createServer((socket) => {
    const more = (): void => {
      while (socket.writable && socket.write(`100000\r\n${'x'.repeat(0x10_00_00)}\r\n`));
    };
    socket.on('error', () => undefined).on('drain', more);
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    more();
  });
}
