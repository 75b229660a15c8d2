// Security requirement 1 against the running program at its most verbose: no secret comes out anywhere, in any spelling.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Agent, request } from 'undici';
import { createSinks, type Sinks } from '../../support/sinks.ts';
import { nginxMissing } from '../rig/nginx.ts';
import { slapdMissing } from '../rig/slapd.ts';
import { outcomeOf } from '../support/review.ts';
import { type CanaryWorld, INLINE_SECRET, RIGHT, ROUTES, startCanaryWorld, WRONG } from './canary-world.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');
/** A JWT that nobody here issued; its signature is what makes it worth stealing. */
const jwtOf = (iss: string, signature: string) =>
  [base64url('{"alg":"ES256"}'), base64url(JSON.stringify({ iss, sub: 'x' })), base64url(signature)].join('.');

void describe('secrets and the running broker at log level debug', { skip: nginxMissing() || slapdMissing() }, () => {
  let world: CanaryWorld;
  let agent: Agent;
  let sinks: Sinks;
  let tokens: readonly string[];
  before(async () => {
    world = await startCanaryWorld();
    sinks = createSinks();
    tokens = [await world.issued('alice'), await world.issued('bob')];
    const [cert, key] = [world.broker.client.certFile, world.broker.client.keyFile].map((file) => readFileSync(file));
    agent = new Agent({ connect: { ca: readFileSync(world.broker.caFile), cert, key } });
  });
  after(async () => {
    await agent?.destroy();
    await world?.stop();
  });

  /** What the broker says to it, kept for the search. */
  const say = async (token: string, path = '/authenticate') => {
    const answer = await world.broker.review(token, { path });
    sinks.add(`answer at ${path}`, answer.text);
    return outcomeOf(answer);
  };
  const raw = async (path: string, options: { readonly body?: string; readonly headers?: Record<string, string> }) => {
    const headers = { 'content-type': 'application/json', ...options.headers };
    const url = new URL(path, world.broker.webhookUrl);
    const answer = await request(url, { dispatcher: agent, method: 'POST', headers, body: options.body ?? '{}' });
    sinks.add(
      `raw answer at ${path}`,
      `${answer.statusCode} ${JSON.stringify(answer.headers)} ${await answer.body.text()}`,
    );
    return answer.statusCode;
  };
  const collect = async (when: string) => {
    sinks.add(`stdout and stderr ${when}`, world.broker.output());
    sinks.add(`/metrics ${when}`, await world.broker.metrics());
    sinks.add(`/readyz ${when}`, (await world.broker.readyz()).text);
  };

  void it('right and wrong passwords, in every form, at every upstream', async () => {
    for (const path of ROUTES) {
      for (const [name, password] of RIGHT) {
        for (const spell of [String, base64, base64url]) {
          // oxlint-disable-next-line no-await-in-loop -- one login after the other
          const outcome = await say(spell(`${name}:${password}`), path);
          if (path === '/authenticate') assert.equal(outcome, 'authenticated', `${name} at ${path}`);
        }
        // oxlint-disable-next-line no-await-in-loop -- one login after the other
        for (const wrong of WRONG) assert.notEqual(await say(`${name}:${wrong}`, path), 'authenticated');
      }
    }
  });

  void it('a password where the name belongs, and passwords that no upstream is asked about', async () => {
    // Only a secret without a colon is the whole name when it is typed there.
    for (const password of [...RIGHT.map(([, right]) => right), ...WRONG]) {
      const odd = [
        `${password}:${password}`,
        `${password}:`,
        `:${password}`,
        `a\u0001b:${password}`,
        `a:${password}\0`,
      ];
      for (const token of [...odd, `a:${password.repeat(200)}`, `a:${password.repeat(2000)}`]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        assert.notEqual(await say(token), 'authenticated');
      }
    }
  });

  void it('tokens: accepted, revoked, unknown, of strangers, of service accounts', async () => {
    const [alice = '', bob = ''] = tokens;
    assert.equal(await say(alice), 'authenticated');
    await world.revoke(bob);
    assert.equal(await say(bob), 'rejected');
    const issuers = ['https://stranger.example', 'kubernetes/serviceaccount', world.issuer];
    for (const token of [WRONG[0], ...issuers.map((iss) => jwtOf(iss, WRONG[0]))]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      assert.notEqual(await say(token), 'authenticated');
    }
  });

  void it('requests that are no TokenReview, with secrets in the path, the query, the headers, the body and the status', async () => {
    const [[, secret] = ['', '']] = RIGHT;
    const spec = { token: `canary-user:${secret}` };
    const version = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' };
    const statuses = [
      await raw(`/${encodeURIComponent(secret)}`, {}),
      await raw(`/authenticate?token=${encodeURIComponent(secret)}`, {
        body: JSON.stringify({ ...version, spec }).slice(0, -1),
      }),
      await raw('/authenticate', {
        headers: { authorization: `Bearer ${base64(secret)}`, cookie: `t=${base64(secret)}` },
      }),
      await raw('/authenticate', { headers: { 'content-type': `text/${base64url(secret)}` }, body: secret }),
      await raw('/authenticate', { body: JSON.stringify({ ...version, kind: secret, spec }) }),
      await raw('/authenticate', { body: JSON.stringify({ ...version, spec: { token: [secret] } }) }),
      await raw('/authenticate', { body: JSON.stringify({ ...version, spec: { token: 'x', audiences: { secret } } }) }),
      await raw('/authenticate', {
        body: JSON.stringify({ ...version, spec, status: { error: secret }, metadata: { name: secret } }),
      }),
    ];
    assert.deepEqual(statuses, [404, 400, 400, 415, 400, 400, 400, 200]);
  });

  void it('outages of every upstream, refused and frozen', async () => {
    await world.gone(async () => {
      for (const path of ROUTES) {
        for (const [name] of RIGHT) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          for (const wrong of WRONG) assert.notEqual(await say(`${name}-away:${wrong}`, path), 'authenticated');
        }
      }
      assert.equal(await say(`${WRONG[0]}-away`), 'unavailable');
      await collect('during the outage');
    });
  });

  void it('explain, check, and a configuration with a secret written into it', async () => {
    const [alice = ''] = tokens;
    for (const token of [...RIGHT.map(([name, password]) => `${name}:${password}`), alice, `canary-user:${WRONG[0]}`]) {
      for (const format of ['text', 'json']) {
        // oxlint-disable-next-line no-await-in-loop -- one process after the other
        const { stdout, stderr } = await world.broker.cli('explain', ['-o', format], token);
        assert.notEqual(stdout, '');
        sinks.add(`explain -o ${format}`, stdout + stderr);
      }
    }
    const check = await world.broker.cli('check', ['--connect']);
    assert.match(check.stdout + check.stderr, /corp-ldap/);
    sinks.add('check --connect', check.stdout + check.stderr);
    const line = await world.broker.reload(world.withInlineSecret);
    assert.match(line.msg, /not reloaded/);
    const bad = await world.broker.cli('check', []);
    assert.equal(bad.exitCode, 2);
    sinks.add('check of the bad file', bad.stdout + bad.stderr);
  });

  void it('are nowhere in what the program gave out until its end', async () => {
    await collect('before the end');
    await world.broker.term();
    sinks.add('stdout and stderr after the end', world.broker.output());
    assert.ok(world.broker.lines('provider').length > 0, 'the log is not at debug');
    const secrets = [...RIGHT.map(([, password]) => password), ...WRONG, ...tokens, ...world.ownSecrets, INLINE_SECRET];
    assert.deepEqual(
      secrets.flatMap((secret) => sinks.leaksOf(secret).map((leak) => `${secret}: ${leak}`)),
      [],
    );
  });

  void it('would be found by this search if they were there', () => {
    const [[name, password] = ['', '']] = RIGHT;
    const found = createSinks();
    found.add('a page', `Basic ${base64(`${name}:${password}`)} ${encodeURIComponent(password)}`);
    assert.ok(found.leaksOf(password).length >= 2);
  });
});
