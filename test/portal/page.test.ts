// The page without a browser: what it says, and that nothing a user can choose becomes markup.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Identity } from '../../src/core/identity.ts';
import { authenticated, rejected, unavailable } from '../../src/core/verdict.ts';
import { HEADER, startPortal } from './setup.ts';

const HOSTILE = `"><script>alert(1)</script>'&lt;`;
const ESCAPED = '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;lt;';
const letIn =
  (identity: Partial<Identity> = {}) =>
  () =>
    authenticated({ identity: { username: 'ldap:alice', groups: ['ldap:devs'], extra: {}, ...identity } });
const FORM = { username: 'alice', password: 'wonderland', lifetime: '4h' };

void describe('the page', () => {
  void test('asks for username, password and a lifetime up to the longest', async (t) => {
    const { text, status } = await (await startPortal(t)).ask('/');
    assert.equal(status, 200);
    assert.match(text, /^<!doctype html>\n<html lang="en">/);
    for (const name of ['username', 'password', 'lifetime']) assert.match(text, new RegExp(`<label for="${name}">`));
    const options = [...text.matchAll(/<option value="(\w+)"( selected)?>([^<]+)</g)].map((found) => found.slice(1));
    assert.deepEqual(options, [
      ['1h', undefined, '1 hour'],
      ['4h', undefined, '4 hours'],
      ['8h', ' selected', '8 hours'],
      ['12h', undefined, '12 hours'],
      ['24h', undefined, '1 day'],
    ]);
  });

  void test('shows who signed in, until when, the token, and the commands of each system', async (t) => {
    const portal = await startPortal(t, { check: letIn() });
    const { text, status } = await portal.submit(FORM, { 'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)' });
    assert.equal(status, 200);
    assert.match(text, /<bdi>ldap:alice<\/bdi>/);
    assert.match(text, /<li><bdi>ldap:devs<\/bdi><\/li>/);
    assert.match(text, /<time datetime="2030-01-01T04:00:00Z">2030-01-01 04:00:00 UTC<\/time>/);
    const token = /<code id="token">([^<]+)</.exec(text)?.[1] ?? '';
    assert.equal((await portal.issuer.inspect(token)).kind, 'authenticated');
    assert.deepEqual(text.match(/<summary>\w+/g), ['<summary>macOS', '<summary>Linux', '<summary>Windows']);
    assert.match(text, /<details name="system" open><summary>Windows/);
    assert.equal(text.match(/kubectl config set-credentials/g)?.length, 3);
    assert.equal(text.match(/kubectl config set-context --current/g)?.length, 3);
    assert.equal(text.split(token).length, 2, 'the token is there once: no command line has it');
    assert.doesNotMatch(text, /wonderland/);
  });

  void test('leads with what most people do next, and then says who they are', async (t) => {
    const { text } = await (await startPortal(t, { check: letIn() })).submit(FORM);
    const order = ['You are signed in', 'Give your token to kubectl', 'Your token</h2>', 'Who you are to Kubernetes'];
    const places = order.map((words) => text.indexOf(words));
    assert.ok(!places.includes(-1));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.match(text, /As <strong><bdi>ldap:alice<\/bdi><\/strong>, until <time datetime="[^"]+">[^<]+ UTC<\/time>/);
  });

  void test('folds a long list of groups', async (t) => {
    const groups = Array.from({ length: 30 }, (_, index) => `group-${index}`);
    const { text } = await (await startPortal(t, { check: letIn({ groups }) })).submit(FORM);
    const [shown = '', folded = ''] = text.split('<details class="more">');
    assert.equal(shown.match(/<li>/g)?.length, 8);
    assert.match(folded, /^<summary>22 more<\/summary><ul>/);
    assert.equal(folded.match(/<li>/g)?.length, 22);
  });

  void test('puts the token into a user of this portal, and into its context', async (t) => {
    const publicURL = new URL('https://[2001:db8::1]:8443/auth/');
    const { text } = await (await startPortal(t, { check: letIn(), settings: { publicURL } })).submit(FORM);
    const user = '&#39;kube-auth-broker-token@[2001:db8::1]:8443/auth&#39;';
    assert.equal(text.split(`set-credentials ${user} --token `).length, 4);
    assert.equal(text.split(`set-context --current --user ${user}`).length, 4);
  });

  void test('says that there are no groups', async (t) => {
    const { text } = await (await startPortal(t, { check: letIn({ groups: [] }) })).submit(FORM);
    assert.match(text, /<dt>Groups<\/dt><dd>none<\/dd>/);
  });

  void test('escapes what comes from the directory', async (t) => {
    const portal = await startPortal(t, { check: letIn({ username: HOSTILE, groups: [HOSTILE] }) });
    const { text } = await portal.submit(FORM);
    assert.equal(text.split(ESCAPED).length, 4);
    assert.doesNotMatch(text, /alert\(1\)<\/script>/);
  });

  void test('escapes what was typed, keeps it after a refusal, and never the password', async (t) => {
    const portal = await startPortal(t, { check: () => rejected('wrong-password') });
    const { text, status } = await portal.submit({ ...FORM, username: HOSTILE, password: 'hunter2-canary' });
    assert.equal(status, 401);
    assert.ok(text.includes(`value="${ESCAPED}"`));
    assert.match(text, /<option value="4h" selected>/);
    assert.match(
      text,
      /role="alert" id="notice"><strong>The username or the password is not right\.<\/strong>.*review <code>review-1<\/code>/,
    );
    assert.doesNotMatch(text, /hunter2|WWW-Authenticate/);
    assert.match(text, /<input id="password"[^>]* aria-invalid="true" aria-describedby="notice" autofocus>/);
    assert.match(text, /<input id="username"[^>]* aria-invalid="true" aria-describedby="notice">/);
  });

  void test('says that it could not tell, and that the password may be right', async (t) => {
    const portal = await startPortal(t, { check: () => unavailable('timeout') });
    const { text, status } = await portal.submit(FORM);
    assert.equal(status, 503);
    assert.match(text, /could not be checked right now\. It may still be right/);
    assert.match(text, /<code>review-1<\/code>/);
  });

  const faults: readonly { name: string; fields: Record<string, string>; want: number }[] = [
    { name: 'a lifetime that is too long', fields: { ...FORM, lifetime: '48h' }, want: 400 },
    { name: 'a lifetime that is none', fields: { ...FORM, lifetime: '<b>' }, want: 400 },
    { name: 'no password', fields: { username: 'alice' }, want: 403 },
    { name: 'nothing', fields: {}, want: 403 },
  ];
  for (const { name, fields, want } of faults) {
    void test(`comes again: ${name}, ${want}`, async (t) => {
      const portal = await startPortal(t, { check: letIn() });
      const { text, status } = await portal.submit(fields);
      assert.equal(status, want);
      assert.match(text, /role="alert"/);
      assert.deepEqual(portal.checked, []);
      const isLifetime = want === 400;
      assert.equal(/<select id="lifetime"[^>]* aria-invalid="true"[^>]* autofocus>/.test(text), isLifetime);
      assert.equal(text.match(/ autofocus/g)?.length, 1);
    });
  }

  void test('comes again for a form with a field twice', async (t) => {
    const portal = await startPortal(t, { check: letIn() });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = 'username=a&username=b&password=c';
    assert.equal((await portal.ask('/', { method: 'POST', headers, body })).status, 400);
    assert.deepEqual(portal.checked, []);
  });
});

void describe('the page behind a proxy', () => {
  const headers = { 'X-Forwarded-User': 'cooluser', 'X-Forwarded-Groups': 'devs;ops' };

  void test('knows who is there and asks for a lifetime alone', async (t) => {
    const portal = await startPortal(t, { settings: { header: HEADER }, without: 'passwordEndpoint' });
    const { text } = await portal.ask('/', { headers });
    assert.match(text, /You are <strong><bdi>cooluser<\/bdi><\/strong>/);
    assert.doesNotMatch(text, /password|kube-auth-broker login/, 'none is asked, and no plugin could ask for one');
    const answer = await portal.submit({ lifetime: '1h' }, headers);
    assert.equal(answer.status, 200);
    assert.match(answer.text, /<li><bdi>ops<\/bdi><\/li>/);
    assert.doesNotMatch(answer.text, /your password|kube-auth-broker login/);
  });

  void test('lets nobody in who comes past the proxy', async (t) => {
    const portal = await startPortal(t, {
      settings: { header: { ...HEADER, trusted: {} } },
      without: 'passwordEndpoint',
    });
    const { text } = await portal.ask('/', { headers });
    assert.doesNotMatch(text, /<form/);
    assert.match(text, /through the sign-in of your organization/);
    assert.equal((await portal.submit({ lifetime: '1h' }, headers)).status, 403);
    assert.equal((await portal.submit(FORM, headers)).status, 403, 'nor with a password, which nobody here checks');
    assert.deepEqual(portal.checked, []);
  });

  void test('takes a password from whoever comes without the proxy’s word, when both are configured', async (t) => {
    const portal = await startPortal(t, { settings: { header: HEADER }, check: letIn() });
    assert.match((await portal.ask('/')).text, /type="password"/);
    assert.equal((await portal.submit(FORM)).status, 200);
    assert.deepEqual(
      portal.asked.map(({ method }) => method),
      ['password'],
    );
  });
});
