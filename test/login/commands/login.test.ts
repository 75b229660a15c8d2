// What kubectl gets from its credential plugin, and what people are asked.

import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { assertNoToken, credential, execInfo, loginWorld, newParent, PASSWORD, V1, V1BETA1 } from './setup.ts';

const HOUR_MS = 3_600_000;
const typed = [`${PASSWORD}\r`];
const wrong = ['wrong-one\r', 'wrong-two\r', 'wrong-three\r', 'wrong-four\r'];

void describe('signing in', () => {
  for (const version of [V1, V1BETA1]) {
    void test(`${version.slice(29)}: one ExecCredential of that version, that ends 30 s before the token`, async (t) => {
      const world = await loginWorld(t);
      const before = Date.now();
      const ran = await world.login({ typed, execInfo: execInfo(true, version) });
      const { apiVersion, kind, status } = credential(ran);
      assert.deepEqual([apiVersion, kind, status.token], [version, 'ExecCredential', world.portal.standing()[0]]);
      const skewMs = before + HOUR_MS - Date.parse(status.expirationTimestamp ?? '');
      assert.ok(skewMs >= 29_000 && skewMs < 33_000, `${skewMs}`);
      assert.match(
        ran.stderr,
        /^Password of alice at http:\/\/localhost:\d+: \n.*: signed in as demo:alice until \S+Z\n$/,
      );
      assert.equal(ran.raw, false);
    });
  }

  void test('the next command is not asked and gets the same token', async (t) => {
    const world = await loginWorld(t);
    const first = credential(await world.login({ typed }));
    const second = await world.login({ execInfo: execInfo(false) });
    assert.deepEqual(credential(second), first);
    assert.deepEqual([second.stderr, world.portal.signIns()], ['', 1]);
  });

  void test('by hand, without kubectl, it prints v1', async (t) => {
    const world = await loginWorld(t);
    assert.equal(credential(await world.login({ typed, execInfo: '' })).apiVersion, V1);
  });

  void test('without --username the name is asked for, and remembered apart', async (t) => {
    const world = await loginWorld(t);
    const args = ['--server', `${world.portal.origin}/`];
    const { stderr } = await world.login({ typed: ['alice\n', ...typed], args });
    assert.match(stderr, /^Username at [^ ]+: Password of alice at /);
    assert.equal((await world.login({ args })).code, 0);
    assert.equal((await world.login()).code, 1, 'another key');
  });

  void test('while standard input is something else the terminal of the process is asked', async (t) => {
    const world = await loginWorld(t);
    const ran = await world.login({ typedAtTty: typed, execInfo: '' });
    assert.equal(credential(ran).status.token, world.portal.standing()[0]);
  });

  void test('the lifetime is handed on as it was written', async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed, args: ['--server', world.portal.origin, '--username', 'alice', '--lifetime', '1h30m'] });
    const body: unknown = JSON.parse(world.portal.http.seen[0]?.body ?? '');
    assert.deepEqual(body, { username: 'alice', password: PASSWORD, lifetime: '1h30m' });
  });

  void test('over TLS with the authority of --ca, and with no other', async (t) => {
    const authority = makeAuthority('the right one');
    const world = await loginWorld(t, { tls: issueLoopback(authority) });
    const files = { right: join(world.cacheHome, 'right.crt'), wrong: join(world.cacheHome, 'wrong.crt') };
    writeFileSync(files.right, authority.cert);
    writeFileSync(files.wrong, makeAuthority('another').cert);
    const args = ['--server', world.portal.origin, '--username', 'alice'];
    for (const given of [args, [...args, '--ca', files.wrong]]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const ran = await world.login({ typed, args: given });
      assert.deepEqual([ran.code, ran.stdout], [3, '']);
      assert.match(ran.stderr, /the certificate of https:.* is not trusted: \w+; --ca FILE/);
    }
    assert.equal(world.portal.signIns(), 0);
    assert.equal((await world.login({ typed, args: [...args, '--ca', files.right] })).code, 0);
  });

  void test('neither cache nor output holds the password, and the token is in one file of its owner', async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed: ['Canary-wrong-1\r', ...typed] });
    const leaks = [PASSWORD, 'Canary-wrong-1'].flatMap((secret) => world.sinks().leaksOf(secret));
    assert.deepEqual(leaks, []);
    assert.equal(statSync(world.folder).mode & 0o777, 0o700);
    const modes = ['json', 'asked'].flatMap((ending) => world.files(ending)).map((file) => statSync(file).mode & 0o777);
    assert.deepEqual(modes, [0o600, 0o600]);
    assert.deepEqual([world.files('').length, world.files('lock')], [2, []]);
  });
});

void describe('who is asked again', () => {
  void test('a wrong password: twice more, then it is over', async (t) => {
    const world = await loginWorld(t);
    const ran = await world.login({ typed: wrong });
    assert.deepEqual([ran.code, ran.stdout, ran.prompts, world.portal.signIns()], [1, '', 3, 3]);
    assert.equal(ran.stderr.match(/^kube-auth-broker login: wrong username or password$/gm)?.length, 2);
    assert.match(ran.stderr, /login: not signed in to http:\S+: wrong username or password\n$/);
  });

  void test("the broker's own words for a refusal are shown, harmless for a terminal", async (t) => {
    const world = await loginWorld(t);
    world.portal.answerWith({ status: 401, body: '{"error":"Your password has expired.\\u001b[2J"}' });
    const ran = await world.login({ typed: wrong });
    assert.equal(ran.stderr.split('Your password has expired.\\u001b[2J\n').length, 4);
  });

  void test('the third password may be right', async (t) => {
    const world = await loginWorld(t);
    assert.equal((await world.login({ typed: [...wrong.slice(0, 2), ...typed] })).code, 0);
  });

  void test('a blank password is sent nowhere', async (t) => {
    const world = await loginWorld(t);
    const ran = await world.login({ typed: ['\r', '  \r', '\r'] });
    assert.deepEqual([ran.code, ran.prompts, world.portal.requests()], [1, 3, []]);
  });

  void test('Ctrl-C ends it', async (t) => {
    const world = await loginWorld(t);
    const ran = await world.login({ typed: ['half\u0003'] });
    assert.deepEqual([ran.code, ran.prompts, ran.raw], [130, 1, false]);
    assert.match(ran.stderr, /nothing was entered/);
  });

  void test('kubectl runs it again after a refusal: the same parent is not asked twice', async (t) => {
    const world = await loginWorld(t);
    const machine = newParent();
    assert.equal((await world.login({ typed: wrong, machine })).prompts, 3);
    for (const laterMs of [0, 4000, 8000, 12_000]) {
      // oxlint-disable-next-line no-await-in-loop -- each rerun is a moment after the one before
      const again = await world.login({ typed, machine, laterMs });
      assertNoToken(again, 1, /asked for a moment ago/);
    }
    assert.equal((await world.login({ typed, machine, laterMs: 18_000 })).code, 0, 'much later');
  });

  void test('another command is asked at once', async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed: wrong });
    assert.equal((await world.login({ typed })).code, 0);
  });

  void test('who began before somebody else gave up is not asked either, nor are its reruns', async (t) => {
    const world = await loginWorld(t);
    const machine = { ...newParent(), startedAt: Date.now() };
    await world.login({ typed: wrong });
    assertNoToken(await world.login({ typed, machine }), 1, /asked for a moment ago/);
    assertNoToken(await world.login({ typed, machine: { ...machine, startedAt: Date.now() + 1 } }), 1, /a moment ago/);
  });
});

void describe('without a terminal', () => {
  const rows = [
    { name: 'there is none', given: { execInfo: '' } },
    { name: 'kubectl did not pass one on', given: { execInfo: execInfo(false), typed, typedAtTty: typed } },
  ];
  for (const { name, given } of rows) {
    void test(`${name}: one line, and nobody is asked`, async (t) => {
      const world = await loginWorld(t);
      const ran = await world.login(given);
      assertNoToken(ran, 1, /no terminal .* first run on one: kubectl auth whoami\n$/);
      assert.deepEqual(world.portal.requests(), []);
    });
  }
});

void describe('a token that is remembered', () => {
  void test('is asked about, and replaced when it was revoked', async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed });
    world.portal.revokeAll();
    const ran = await world.login({ typed });
    assert.equal(credential(ran).status.token, world.portal.standing()[0]);
    assert.equal(ran.prompts, 1);
  });

  void test('is forgotten when it was revoked and nobody can be asked', async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed });
    world.portal.revokeAll();
    assert.equal((await world.login()).code, 1);
    assert.deepEqual(world.files('json'), []);
  });

  const down = [503, 500, 302, 404];
  for (const status of down) {
    void test(`is used while the broker answers ${status}`, async (t) => {
      const world = await loginWorld(t);
      await world.login({ typed });
      world.portal.answerWith({ status, headers: { location: `${world.portal.origin}/whoami` } });
      assert.equal((await world.login()).code, 0);
    });
  }

  void test('is used while the broker is away', async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed });
    await world.portal.close();
    assert.equal((await world.login()).code, 0);
  });

  void test('counts as over 30 s before its end', async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed });
    assert.equal((await world.login({ laterMs: HOUR_MS - 40_000 })).code, 0);
    assert.equal((await world.login({ laterMs: HOUR_MS - 29_000 })).code, 1);
  });

  void test('that is new and ends at once has no end for kubectl', async (t) => {
    const world = await loginWorld(t, { lifetimeMs: 20_000 });
    const ran = await world.login({ typed });
    assert.equal(credential(ran).status.expirationTimestamp, undefined);
    assert.match(ran.stderr, /check the clock/);
  });
});
