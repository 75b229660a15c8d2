// A changed file is taken over while reviews go on; a broken one leaves the last good configuration in force.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connect } from 'node:tls';
import { authority, type Broker, startBroker } from '../support/broker.ts';
import { issueLoopback } from '../support/certificates.ts';
import { movesOf } from '../support/metric-series.ts';
import { until } from '../support/settled.ts';
import { usersFile } from '../support/users-file.ts';
import { startUpstreams } from './upstreams.ts';

const STAFF = { name: 'staff', type: 'users', options: { file: 'users.yaml' } };
const ALICE = { username: 'alice', password: 'wonderland' };

const start = (t: Parameters<typeof startBroker>[0], config: object = {}): Promise<Broker> =>
  startBroker(t, { files: { 'users.yaml': usersFile(ALICE) }, config: { ...config, providers: [STAFF] } });

const RELOADED = {
  'config_reloads_total{result="success"}': 1,
  config_last_reload_success_timestamp_seconds: 1,
};
const KEPT = { 'config_reloads_total{result="failure"}': 1 };

const username = async (broker: Broker, token: string): Promise<string | undefined> =>
  (await broker.review(token)).user?.username;

void describe('a reload', () => {
  void test('takes over a users file that changed, and forgets its old verdicts', async (t) => {
    const broker = await start(t);
    assert.equal(await username(broker, 'alice:wonderland'), 'staff:alice');
    await broker.moved();
    broker.write('users.yaml', usersFile({ username: 'alice', password: 'looking-glass' }));
    await broker.reloaded(1);
    assert.deepEqual(broker.logged('configuration reloaded').length, 1);
    assert.deepEqual(await broker.moved(), { ...movesOf({ others: RELOADED }), cache_entries: -1 });
    assert.deepEqual(await broker.review('alice:wonderland'), { authenticated: false });
    assert.equal(await username(broker, 'alice:looking-glass'), 'staff:alice');
  });

  void test('happens on SIGHUP, and a changed configuration serves no verdict of the old one', async (t) => {
    const broker = await start(t);
    await broker.review('alice:wonderland');
    broker.configure({ providers: [{ ...STAFF, claimMappings: { username: { claim: 'username', prefix: 'new:' } } }] });
    broker.process.signal('SIGHUP');
    assert.equal(await username(broker, 'alice:wonderland'), 'new:alice');
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'authenticated ok': 2 },
        cache: { miss: 2 },
        providers: { 'staff authenticated ok': 2 },
        up: { staff: 1 },
        entries: 1,
        others: RELOADED,
      }),
    );
  });

  void test('sends a changed client secret from then on', async (t) => {
    const upstreams = await startUpstreams(t, { idp: { token: { active: true, sub: '1' } } });
    const { given, entries, idp } = upstreams;
    const files = { ...given.files, 'client-secret': 'an old one' };
    const broker = await startBroker(t, { ...given, files, config: { providers: [entries.idp] } });
    assert.match((await broker.review('token')).error ?? '', /unavailable/);
    broker.write('client-secret', `${given.files['client-secret']}\n`);
    await broker.reloaded(1);
    assert.equal((await broker.review('token')).authenticated, true);
    assert.equal(idp.asked('/introspect').length, 2);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'unavailable client-refused': 1, 'authenticated ok': 1 },
        cache: { miss: 2 },
        providers: { 'idp unavailable client-refused': 1, 'idp authenticated ok': 1 },
        up: { idp: 1 },
        entries: 1,
        others: RELOADED,
      }),
    );
  });

  void test('presents a renewed certificate to new connections, while the open ones go on', async (t) => {
    const broker = await start(t);
    await broker.review('alice:wonderland');
    const before = await presented(broker.origin);
    const renewed = issueLoopback(authority, { notAfter: new Date(Date.now() + 7_200_000) });
    broker.write('tls/tls.crt', renewed.cert);
    broker.write('tls/tls.key', renewed.key);
    await broker.reloaded(1);
    assert.equal(await username(broker, 'alice:wonderland'), 'staff:alice');
    assert.notEqual(await presented(broker.origin), before);
    const others = { ...RELOADED, tls_certificate_not_after_seconds: 1 };
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'authenticated ok': 2 },
        cache: { miss: 2 },
        providers: { 'staff authenticated ok': 2 },
        up: { staff: 1 },
        entries: 1,
        others,
      }),
    );
  });

  const broken = [
    { name: 'YAML that is none', text: 'providers: [', says: /broker\.yaml:1:\d+: / },
    {
      name: 'an unknown key',
      text: 'provider: []',
      says: /broker\.yaml:1:1: provider: unknown key \(did you mean \\"providers\\"\?\)/,
    },
  ];
  for (const { name, text, says } of broken) {
    void test(`keeps the last good configuration over ${name}, and recovers`, async (t) => {
      const broker = await start(t);
      await broker.review('alice:wonderland');
      await broker.moved();
      broker.write('broker.yaml', text);
      broker.process.signal('SIGHUP');
      assert.equal(await username(broker, 'alice:wonderland'), 'staff:alice');
      const hit = { reviews: { 'authenticated ok': 1 }, cache: { hit: 1 } };
      assert.deepEqual(await broker.moved(), movesOf({ ...hit, others: KEPT }));
      const [line, ...more] = broker.logged('configuration not reloaded, the last good one stays in force');
      assert.match(JSON.stringify(line?.['errors']), says);
      assert.deepEqual([line?.['level'], more], ['error', []]);
      broker.configure({ providers: [STAFF] });
      await broker.reloaded(2);
      assert.deepEqual(await broker.moved(), { ...movesOf({ others: RELOADED }), cache_entries: -1 });
    });
  }

  void test('refuses a pair of files that do not belong together, and the old pair stays', async (t) => {
    const broker = await start(t);
    const before = await presented(broker.origin);
    broker.write('tls/tls.key', issueLoopback(authority).key);
    broker.process.signal('SIGHUP');
    assert.equal(await presented(broker.origin), before);
    assert.deepEqual(await broker.moved(), movesOf({ others: KEPT }));
  });

  void test('refuses another address with one sentence, because a listener cannot move', async (t) => {
    const broker = await start(t);
    broker.configure({ webhook: { address: '127.0.0.1:1' }, providers: [STAFF] });
    broker.process.signal('SIGHUP');
    const [line] = broker.logged('configuration not reloaded, the last good one stays in force');
    assert.deepEqual(line?.['errors'], ['webhook.address cannot change while the broker runs; restart it']);
    assert.deepEqual(await broker.moved(), movesOf({ others: KEPT }));
  });

  void test('lets a review that is under way finish with the providers it began with', async (t) => {
    const upstreams = await startUpstreams(t, { web: { wanda: 'web-pass' } });
    const { entries, given, web } = upstreams;
    const files = { ...given.files, 'users.yaml': usersFile(ALICE) };
    const broker = await startBroker(t, {
      ...given,
      files,
      config: { providers: [{ ...entries.web, timeout: '4s' }] },
    });
    await web.breakWith('hangs');
    const review = broker.review('wanda:web-pass');
    await until('the upstream is asked', () => web.exchanges() === 1);
    broker.configure({ providers: [STAFF] });
    broker.process.signal('SIGHUP');
    assert.equal(await username(broker, 'alice:wonderland'), 'staff:alice');
    assert.deepEqual(broker.process.waits(), [5500], 'the old providers close once every review must be over');
    broker.process.passWaits(5500);
    assert.match((await review).error ?? '', /unavailable/);
  });
});

/** The fingerprint of the certificate that a new connection sees. */
function presented(origin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(origin).port), host: '127.0.0.1', ca: authority.cert }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
