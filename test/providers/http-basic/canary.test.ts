// The canary: no password goes out before a random credential was refused, and one that is accepted takes the provider out.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { httpBasic } from '../../../providers/http-basic.ts';
import { BELIEVED_MS, RENEWED_MS, RETRIED_MS } from '../../../src/upstream/http/canary.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { passwordCredential } from '../../contract/provider-world.ts';
import { type FakeAnswer, type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { optionsOf } from '../../support/options.ts';
import { deadline } from '../../support/patience.ts';
import { steppingClock, testSeams } from '../../support/seams.ts';
import { until } from '../../support/settled.ts';
import { createSinks, type Sinks } from '../../support/sinks.ts';

const ALICE = passwordCredential({ name: 'alice', secret: 'right' });

interface World {
  readonly upstream: FakeHttp;
  readonly clock: ReturnType<typeof steppingClock>;
  readonly sinks: Sinks;
  /** What strangers are answered from now on. */
  welcome(answer: FakeAnswer | 'hangs'): void;
  /** `authenticated`, or the reason. */
  login(signal?: AbortSignal): Promise<string>;
  /** How many credentials of nobody were tried. */
  canaries(): number;
  close(): Promise<void>;
}

function isAlice(authorization = ''): boolean {
  return Buffer.from(authorization.slice('Basic '.length), 'base64').toString() === 'alice:right';
}

/** alice is let in always, strangers as the test says. */
async function open(t: TestContext, first: FakeAnswer | 'hangs' = { status: 401 }): Promise<World> {
  let strangers = first;
  const upstream = await startFakeHttp({
    handler: ({ headers }) => {
      if (isAlice(headers.authorization)) return { status: 200 };
      return strangers === 'hangs' ? 'handled' : strangers;
    },
  });
  const [clock, sinks] = [steppingClock(), createSinks()];
  const options = optionsOf(httpBasic, { url: upstream.origin });
  const provider = httpBasic.open(options, testSeams({ clock, log: sinks.log }));
  t.after(async () => {
    await provider.close();
    await upstream.close();
  });
  return {
    upstream,
    clock,
    sinks,
    welcome: (answer) => {
      strangers = answer;
    },
    login: async (signal = deadline(2500)) => {
      const verdict = await provider.authenticate(reviewOf(ALICE), signal);
      return 'reason' in verdict ? verdict.reason : verdict.kind;
    },
    canaries: () => upstream.seen.filter(({ headers }) => !isAlice(headers.authorization)).length,
    close: () => provider.close(),
  };
}

void describe('the canary', () => {
  void test('flies as soon as the provider is open, before anybody logs in', async (t) => {
    const world = await open(t);
    await until('the canary arrived', () => world.canaries() === 1);
    assert.equal(await world.login(), 'authenticated');
    assert.equal(world.canaries(), 1);
  });

  void test('is another random credential each time', async (t) => {
    const world = await open(t);
    await world.login();
    world.clock.step(BELIEVED_MS);
    await world.login();
    const sent = new Set(world.upstream.seen.map(({ headers }) => headers.authorization));
    assert.equal(sent.size, 3, 'alice and two canaries');
  });

  void test('is shared by reviews that arrive together', async (t) => {
    const world = await open(t);
    assert.deepEqual(
      new Set(await Promise.all(Array.from({ length: 20 }, () => world.login()))),
      new Set(['authenticated']),
    );
    assert.equal(world.canaries(), 1);
  });

  void test('takes out a provider whose upstream accepts it, says so once, and no password is sent', async (t) => {
    const world = await open(t, { status: 200 });
    assert.equal(await world.login(), 'accepts-anything');
    assert.equal(await world.login(), 'accepts-anything');
    world.clock.step(RETRIED_MS);
    assert.equal(await world.login(), 'accepts-anything');
    assert.equal(world.canaries(), 2);
    assert.equal(world.upstream.exchanges(), 2, 'alice was never sent');
    const [line, ...others] = world.sinks.logLines();
    assert.match(line ?? '', /"level":"error".*accepts a random credential.*"provider":"under-test"/);
    assert.deepEqual(others, []);
  });

  void test('brings the provider back once it is refused', async (t) => {
    const world = await open(t, { status: 200 });
    assert.equal(await world.login(), 'accepts-anything');
    world.welcome({ status: 401 });
    assert.equal(await world.login(), 'accepts-anything', 'not tried at every login');
    world.clock.step(RETRIED_MS);
    assert.equal(await world.login(), 'authenticated');
    assert.match(world.sinks.logLines().at(-1) ?? '', /"level":"warn".*back in service/);
  });

  void test('is renewed before it is no longer believed, and nobody waits for it', async (t) => {
    const world = await open(t);
    await world.login();
    world.clock.step(RENEWED_MS);
    world.welcome('hangs');
    assert.equal(await world.login(), 'authenticated');
    await until('the second canary arrived', () => world.canaries() === 2);
    assert.equal(await world.login(), 'authenticated');
    assert.equal(world.canaries(), 2);
  });

  void test('is waited for after a pause, and finds out that the upstream changed', async (t) => {
    const world = await open(t);
    await world.login();
    world.welcome({ status: 204 });
    world.clock.step(BELIEVED_MS);
    assert.equal(await world.login(), 'accepts-anything');
  });

  void test('that could not tell is the reason of the login, and is not remembered', async (t) => {
    const world = await open(t, { status: 503 });
    assert.equal(await world.login(), 'upstream-error');
    world.welcome({ status: 403 });
    assert.equal(await world.login(), 'authenticated');
  });

  void test('that could not tell leaves the last refusal believed to its end', async (t) => {
    const world = await open(t);
    await world.login();
    world.clock.step(RENEWED_MS);
    world.welcome({ status: 503 });
    assert.equal(await world.login(), 'authenticated');
    await until('the second canary arrived', () => world.canaries() === 2);
    assert.equal(await world.login(), 'authenticated');
    world.clock.step(BELIEVED_MS - RENEWED_MS);
    assert.equal(await world.login(), 'upstream-error');
  });

  void test('that hangs does not hold a login beyond its deadline', async (t) => {
    const world = await open(t, 'hangs');
    assert.equal(await world.login(AbortSignal.timeout(100)), 'timeout');
    await world.close();
    await until('its connection is closed', () => world.upstream.connections() === 0);
  });
});
