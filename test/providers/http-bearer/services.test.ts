// The pages with options to paste: what is pasted lets the right people in with all their groups, and nobody else.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { type Broker, startBroker } from '../../support/broker.ts';
import { type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { type Person, SECRETS, SERVICES, type Service } from './services.ts';

const read = (page: string): string => readFileSync(new URL(`../../../providers/${page}`, import.meta.url), 'utf8');

/** The first block of a page, with the address of the fake in place of the service's. */
function pasted({ page, origin }: Service, upstream: FakeHttp): readonly object[] {
  const block = /```yaml\n(providers:[^]*?)```/.exec(read(page))?.[1] ?? '';
  return parse(block.replaceAll(origin, upstream.origin)).providers;
}

interface World {
  readonly broker: Broker;
  readonly upstream: FakeHttp;
  readonly people: Map<string, Person>;
  /** Reason of the last review, by its log line. */
  readonly reason: () => unknown;
}

async function open(t: TestContext, service: Service): Promise<World> {
  const people = new Map<string, Person>();
  const upstream = await startFakeHttp({ handler: service.handler(people) });
  t.after(() => upstream.close());
  const config = { providers: pasted(service, upstream), cache: { authenticatedTTL: 0, rejectedTTL: 0 } };
  const broker = await startBroker(t, { files: SECRETS, config });
  return { broker, upstream, people, reason: () => broker.logged('review').at(-1)?.['reason'] };
}

for (const service of SERVICES) {
  const { token, app, scope, username, groups, perPage } = service;
  const octocat: Person = {
    id: 583_231,
    login: 'octocat',
    groups: ['justice-league', 'owls', 'zebras'],
    app,
    scopes: scope === undefined ? [] : [scope],
  };

  void describe(`what ${service.page} says to paste`, () => {
    void test('lets a person in with all groups', async (t) => {
      const { broker, people, upstream } = await open(t, service);
      people.set(token, octocat);
      const { user } = await broker.review(token);
      assert.deepEqual([user?.username, user?.uid, user?.groups], [username, '583231', groups]);
      if (perPage !== undefined) assert.ok(upstream.seen.some(({ path }) => path.includes('page=2')));
    });

    void test('keeps name and uid when the login is renamed', async (t) => {
      const { broker, people } = await open(t, service);
      people.set(token, { ...octocat, login: 'monalisa' });
      const { user } = await broker.review(token);
      assert.deepEqual([user?.username, user?.uid], [username, '583231']);
    });

    void test('keeps everybody else out', async (t) => {
      const { broker, people, reason } = await open(t, service);
      assert.deepEqual(await broker.review(token), { authenticated: false });
      assert.equal(reason(), 'token-not-found');
      people.set(token, { ...octocat, fate: 'blocked' });
      assert.deepEqual(await broker.review(token), { authenticated: false });
      assert.equal(reason(), 'forbidden');
    });

    void test("keeps the tokens of somebody else's application out", { skip: app === 'any' }, async (t) => {
      const { broker, people, reason } = await open(t, service);
      const { app: _none, ...ownToken } = octocat;
      for (const person of [{ ...octocat, app: 'somebody-elses' }, ownToken]) {
        people.set(token, person);
        // oxlint-disable-next-line no-await-in-loop -- one review after the other
        assert.deepEqual(await broker.review(token), { authenticated: false });
        assert.equal(reason(), 'wrong-audience');
      }
    });

    void test('lets nobody in with fewer groups', { skip: scope === undefined }, async (t) => {
      const { broker, people, reason } = await open(t, service);
      people.set(token, { ...octocat, scopes: [] });
      assert.deepEqual(await broker.review(token), { authenticated: false });
      assert.equal(reason(), 'mapping-failed');
    });

    void test('takes no limit for a refusal', async (t) => {
      const { broker, people, reason } = await open(t, service);
      for (const fate of ['limited', 'secondary limit'] as const) {
        people.set(token, { ...octocat, fate });
        // oxlint-disable-next-line no-await-in-loop -- one review after the other
        assert.match((await broker.review(token)).error ?? '', /unavailable/);
        assert.equal(reason(), 'rate-limited');
      }
    });

    void test('shows the token to nobody whom it does not belong to', async (t) => {
      const { broker, upstream } = await open(t, service);
      for (const other of [
        'glpat-a_token',
        'ghp_another',
        'alice:wonderland',
        'eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.x',
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one review after the other
        await broker.review(other);
        const isSent = upstream.seen.some((request) => JSON.stringify(request).includes(other));
        if (service.page !== 'openid-userinfo.md') assert.equal(isSent, false, other);
      }
    });
  });
}
