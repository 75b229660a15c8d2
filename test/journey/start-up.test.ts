// A start that cannot succeed ends with sentences and exit code 2.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCli } from '../../src/cli/run.ts';
import { listenOn } from '../support/listening.ts';
import { testProcess } from '../support/test-process.ts';
import { usersFile } from '../support/users-file.ts';

const HEAD = 'apiVersion: kube-auth-broker/v1\nkind: BrokerConfiguration\n';
const STAFF = 'providers: [{ name: staff, type: users, options: { file: users.yaml } }]\n';
const FREE = 'operations: { address: "127.0.0.1:0" }\n';

interface Ended {
  readonly code: number;
  readonly stderr: string;
  readonly stdout: string;
}

/** Runs `serve` with this configuration until it ends by itself. */
async function ended(t: { after(end: () => void): void }, yaml: string): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'broker-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'users.yaml'), usersFile({ username: 'alice', password: 'wonderland' }));
  writeFileSync(join(folder, 'broker.yaml'), yaml);
  const program = testProcess();
  const code = await runCli(['serve', '--config', join(folder, 'broker.yaml')], program.seams);
  return { code, stderr: program.stderr().replaceAll(`${folder}/`, ''), stdout: program.stdout() };
}

void describe('serve ends with exit code 2', () => {
  void test('and one sentence when the port is in use', async (t) => {
    const other = await listenOn(createServer());
    t.after(() => other.close());
    const webhook = `webhook: { address: "localhost:${other.port}" }\n`;
    assert.deepEqual(await ended(t, HEAD + webhook + FREE + STAFF), {
      code: 2,
      stdout: '',
      stderr: `kube-auth-broker serve: cannot listen on localhost:${other.port}: the port is in use; stop the other program or change the address\n`,
    });
  });

  void test('and the same when it is the port of operations, with nothing left open', async (t) => {
    const other = await listenOn(createServer());
    t.after(() => other.close());
    const addresses = `webhook: { address: "127.0.0.1:0" }\noperations: { address: "localhost:${other.port}" }\n`;
    const { code, stderr } = await ended(t, HEAD + addresses + STAFF);
    assert.deepEqual([code, stderr.split('\n').length], [2, 2]);
  });

  void test('and every error of the configuration at once, each with its place', async (t) => {
    const { code, stdout, stderr } = await ended(
      t,
      `${HEAD}webhook: { address: "0.0.0.0:8443" }
cache: { authenticatedTTL: 1 hour, rejectTTL: 10s }
providers:
  - { name: Staff, type: user, options: { file: users.yaml } }
  - { name: web, type: http-basic, options: { url: "http://login.corp.example/" } }
  - { name: web, type: users, options: { file: nobody.yaml } }
`,
    );
    assert.deepEqual([code, stdout], [2, '']);
    const lines = stderr.trim().split('\n');
    const wanted = [
      /^broker\.yaml:3:\d+: webhook\.address: 0\.0\.0\.0 is not a loopback address/,
      /^broker\.yaml:4:\d+: cache\.authenticatedTTL: is not a duration; write for example /,
      /^broker\.yaml:4:\d+: cache\.rejectTTL: unknown key \(did you mean "rejectedTTL"\?\)$/,
      /^broker\.yaml:6:\d+: providers\[0\]\.type: must be one of users, .* \(did you mean "users"\?\)$/,
      /^broker\.yaml:7:\d+: providers\[1\]\.options\.url: must use https: /,
      /^broker\.yaml:8:\d+: providers\[2\]\.name: web is there already; every name must be unique$/,
      /^broker\.yaml:8:\d+: providers\[2\]\.options\.file: cannot read nobody\.yaml: no such file$/,
      /^7 errors in broker\.yaml$/,
    ];
    assert.equal(lines.length, wanted.length, stderr);
    wanted.forEach((want, index) => assert.match(lines[index] ?? '', want));
  });

  const usages = [
    { name: 'without --config', args: ['serve'], says: /^kube-auth-broker serve: --config is required; see --help\n$/ },
    {
      name: 'for an unknown option',
      args: ['serve', '--confg', 'x'],
      says: /^kube-auth-broker serve: Unknown option '--confg'.*; see --help\n$/,
    },
    {
      name: 'for an unknown command',
      args: ['server'],
      says: /^kube-auth-broker: there is no command "server" \(did you mean "serve"\?\); see --help\n$/,
    },
    {
      name: 'for a file that is not there',
      args: ['serve', '--config', 'nowhere.yaml'],
      says: /^nowhere\.yaml:1:1: cannot read the configuration: no such file\n1 error in nowhere\.yaml\n$/,
    },
  ];
  for (const { name, args, says } of usages) {
    void test(`and one sentence ${name}`, async () => {
      const program = testProcess();
      assert.equal(await runCli(args, program.seams), 2);
      assert.match(program.stderr(), says);
    });
  }
});
