// A broker whose memory or traffic somebody else could read does not start, and libraries print nothing.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { exposureOf, type Started } from '../../src/cli/exposure.ts';
import { until } from '../support/settled.ts';
import { usersFile } from '../support/users-file.ts';
import { folderWith } from './setup.ts';

const SOUND: Started = { inspector: undefined, options: ['--disable-sigusr1'], nodeDebug: '' };

void describe('serve', () => {
  const rows: { name: string; given: Partial<Started>; want: RegExp | undefined }[] = [
    { name: 'starts as the image does', given: {}, want: undefined },
    { name: 'not with a debugger', given: { inspector: 'ws://127.0.0.1:9229/x' }, want: /without --inspect/ },
    {
      name: 'not with a file of TLS keys',
      given: { options: ['--enable-source-maps', '--tls-keylog=/tmp/keys'] },
      want: /^--tls-keylog would write secrets to a file/,
    },
    {
      name: 'not with heap snapshots',
      given: { options: ['--heapsnapshot-signal', 'SIGUSR2'] },
      want: /^--heapsnapshot-signal would write/,
    },
    { name: 'not while Node.js prints its traffic', given: { nodeDebug: 'http,tls' }, want: /unset NODE_DEBUG/ },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const sentence = exposureOf({ ...SOUND, ...given });
      if (want === undefined) assert.equal(sentence, undefined);
      else assert.match(sentence ?? '', want);
    });
  }
});

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const CONFIG = `
apiVersion: kube-auth-broker/v1
kind: BrokerConfiguration
webhook: { address: "127.0.0.1:0" }
operations: { address: "127.0.0.1:0" }
providers: [{ name: staff, type: users, options: { file: users.yaml } }]
`;

function start(t: Parameters<typeof folderWith>[0], options: readonly string[], env: NodeJS.ProcessEnv) {
  const files = { 'broker.yaml': CONFIG, 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) };
  const config = `${folderWith(t, files)}/broker.yaml`;
  const child = spawn(process.execPath, [...options, MAIN, 'serve', '--config', config], { env });
  t.after(() => child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  return { child, printed, ended: once(child, 'exit') };
}

void describe('the process', () => {
  void test('ends with one sentence where a debugger may attach', async (t) => {
    const { printed, ended } = start(t, ['--inspect=127.0.0.1:0'], {});
    assert.deepEqual(await ended, [2, null]);
    assert.match(printed.stderr, /^kube-auth-broker serve: a debugger could read .*$/m);
    assert.equal(printed.stdout, '');
  });

  void test('prints nothing of what libraries tell with DEBUG=*, and opens no debugger on SIGUSR1', async (t) => {
    const { child, printed, ended } = start(t, ['--inspect-port=127.0.0.1:0'], { DEBUG: '*' });
    await until('it listens', () => printed.stdout.includes('"listening"'), 20_000);
    const origin = /"webhook":"([^"]+)"/.exec(printed.stdout)?.[1];
    assert.equal((await fetch(`http://${origin}/authenticate?canary-7Q`, { method: 'PUT' })).status, 405);
    child.kill('SIGUSR1');
    await until('both are logged', () => /malformed request[^]*no debugger is opened/.test(printed.stdout));
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
    assert.doesNotMatch(printed.stderr, /canary-7Q|router|express|Debugger/);
  });
});
