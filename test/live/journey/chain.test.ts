// One configuration, three kinds of upstream: who is asked, who is not, and what an outage of each one means.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { people } from '../rig/slapd-data.ts';
import { freeze, misbehave, takeDown } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import { inFlight } from '../support/in-flight.ts';
import { outcomeOf, type ReviewAnswer } from '../support/review.ts';
import { type ChainWorld, chainMissing, ORDERED, startChain } from './chain-world.ts';

const USERS = 10_000;
const DISTINCT = 1000;
const AT_ONCE = 16;
const RECOVERED_WITHIN_MS = 5000;
/** A circuit opens when ten calls are known at least, and half of them have failed. */
const OPENS_A_CIRCUIT = 12;

/** Who was let in, else the whole answer. */
const nameOf = ({ status, text }: ReviewAnswer) => status.user?.username ?? text;

void describe('a chain of nginx, OpenLDAP and an OpenID provider', { skip: chainMissing() }, () => {
  let world: ChainWorld;
  before(async () => {
    world = await startChain({ users: USERS });
  });
  after(() => world?.stop());

  const ask = (token: string, path?: string) => world.broker.review(token, path === undefined ? {} : { path });
  const asked = (provider: string) => world.broker.metric('authbroker_provider_requests_total', { provider });
  const requestLines = async () =>
    (await world.broker.metrics()).split('\n').filter((line) => line.startsWith('authbroker_provider_requests_total'));
  /** Which providers were asked and what they said, without those that had no part in it. */
  const verdictsOf = async (review: () => Promise<unknown>): Promise<readonly string[]> => {
    const earlier = new Set(await requestLines());
    await review();
    const labels = /provider="(?<provider>.*?)",verdict="(?<verdict>.*?)",reason="(?<reason>.*?)"/;
    return (await requestLines())
      .filter((line) => !earlier.has(line))
      .map((line) => labels.exec(line)?.groups ?? {})
      .filter(({ reason }) => reason !== 'wrong-kind' && reason !== 'no-match')
      .map(({ provider, verdict, reason }) => `${provider} ${verdict} ${reason}`)
      .toSorted();
  };

  const accepted = [
    { name: 'a partner', given: 'alice@partners.example:pw-alice', want: 'web:alice' },
    { name: 'a partner beyond ASCII', given: 'jürgen@partners.example:pä:ßwörd', want: 'web:jürgen' },
    { name: 'somebody in the directory', given: 'carol@corp.example:pw-carol', want: 'ldap:carol' },
    {
      name: 'a name that breaks filters',
      given: `${people.odd.uid}@corp.example:pw-odd`,
      want: `ldap:${people.odd.uid}`,
    },
  ];
  for (const { name, given, want } of accepted) {
    void it(`lets in the one whose owner knows them: ${name}`, async () =>
      assert.equal(nameOf(await ask(given)), want));
  }

  void it('lets in whoever has a token of the OpenID provider, and asks nobody else about it', async () => {
    const token = await world.tokenOf('jürgen');
    const verdicts = await verdictsOf(async () => {
      const { status } = await ask(token);
      assert.deepEqual([status.user?.username, status.user?.groups], ['oidc:jürgen', ['oidc:Böb 東京, (R\\D)']]);
    });
    assert.deepEqual(verdicts, ['corp-idp authenticated ok']);
  });

  const refused = [
    { name: 'a partner', given: 'bob@partners.example:wrong', want: ['partners rejected wrong-password'] },
    {
      name: 'an unknown partner',
      given: 'carol@partners.example:pw-carol',
      want: ['partners rejected wrong-password'],
    },
    { name: 'the directory', given: 'bob@corp.example:wrong', want: ['corp-ldap rejected wrong-password'] },
    { name: 'an unknown name there', given: 'mallory@corp.example:x', want: ['corp-ldap rejected user-not-found'] },
    { name: 'a name without an owner', given: 'carol:pw-carol', want: [] },
  ];
  for (const { name, given, want } of refused) {
    void it(`refuses after asking only the owner: ${name}`, async () => {
      assert.deepEqual(await verdictsOf(async () => assert.equal(outcomeOf(await ask(given)), 'rejected')), want);
    });
  }

  void it('without matches the first that knows the name decides, and the next is asked by abstention only', async () => {
    assert.equal(nameOf(await ask('alice:pw-alice', ORDERED)), 'web:alice');
    const carol = await verdictsOf(async () =>
      assert.equal(nameOf(await ask('carol:pw-carol', ORDERED)), 'ldap:carol'),
    );
    assert.deepEqual(carol, ['any-ldap authenticated ok', 'any-web abstained not-authenticated']);
    const wrong = await verdictsOf(async () => assert.equal(outcomeOf(await ask('carol:wrong', ORDERED)), 'rejected'));
    assert.deepEqual(wrong, ['any-ldap rejected wrong-password', 'any-web abstained not-authenticated']);
  });

  void describe('with one of them gone', () => {
    interface Row {
      readonly name: string;
      readonly provider: string;
      readonly down: (t: TestContext) => Promise<void>;
      readonly up: () => Promise<void>;
      /** A credential that is asked about for the first time. */
      readonly fresh: (n: number) => string;
    }
    let counter = 0;
    /** Nobody in nginx has another password, so a wrong one must be told from an outage. */
    const rows: readonly Row[] = [
      {
        name: 'nginx',
        provider: 'partners',
        down: (t) => misbehave(t, world.way, { kind: 'refuse' }),
        up: () => world.way.set({ kind: 'pass' }),
        fresh: (n) => `nobody${n}@partners.example:wrong`,
      },
      {
        name: 'OpenLDAP',
        provider: 'corp-ldap',
        down: (t) => takeDown(t, world.slapd),
        up: () => world.slapd.start(),
        fresh: (n) => `user${n}@corp.example:pw-user${n}`,
      },
      {
        name: 'the OpenID provider',
        provider: 'corp-idp',
        down: (t) => takeDown(t, world.openid),
        up: () => world.openid.start(),
        fresh: (n) => `opaque-token-${n}`,
      },
    ];
    beforeEach(() => {
      counter += 100;
    });

    for (const { name, provider, down, up, fresh } of rows) {
      void it(`${name}: unavailable and never refused, shown in readyz and metrics, over within 5 s`, async (t) => {
        await down(t);
        const tokens = Array.from({ length: OPENS_A_CIRCUIT }, (_, index) => fresh(counter + index));
        for (const token of tokens) {
          // oxlint-disable-next-line no-await-in-loop -- a circuit opens on failures in a row
          assert.equal(outcomeOf(await ask(token)), 'unavailable');
        }
        const { status, text } = await world.broker.readyz();
        assert.equal(status, 200, 'another replica could not reach it either');
        assert.match(
          text,
          new RegExp(`^\\[-\\]provider/${provider} failed: connection-refused.*circuit (open|half-open)`, 'm'),
        );
        assert.equal(await world.broker.metric('authbroker_provider_up', { provider }), 0);
        assert.notEqual(await world.broker.metric('authbroker_provider_circuit_state', { provider }), 0);
        await up();
        const [first = ''] = tokens;
        const settled = await waitFor(
          `an answer of ${name}`,
          async () => {
            const outcome = outcomeOf(await ask(first));
            return outcome === 'unavailable' ? undefined : outcome;
          },
          RECOVERED_WITHIN_MS,
        );
        assert.equal(settled, provider === 'corp-ldap' ? 'authenticated' : 'rejected');
        assert.equal(await world.broker.metric('authbroker_provider_up', { provider }), 1);
        assert.equal(await world.broker.metric('authbroker_provider_circuit_state', { provider }), 0);
        assert.match((await world.broker.readyz()).text, new RegExp(`^\\[\\+\\]provider/${provider} ok$`, 'm'));
      });
    }

    void it('everybody else goes on working, and a token issued after the return is taken', async (t) => {
      await takeDown(t, world.slapd);
      assert.equal(nameOf(await ask('bob@partners.example:pw-bob')), 'web:bob');
      assert.equal(nameOf(await ask(await world.tokenOf('alice'))), 'oidc:alice');
      assert.equal(outcomeOf(await ask('user500@corp.example:pw-user500')), 'unavailable');
      await world.slapd.start();
    });

    void it('in the ordered chain the next still decides for whom it knows, and an unknown name stays undecided', async (t) => {
      await misbehave(t, world.way, { kind: 'refuse' });
      assert.equal(nameOf(await ask('user600:pw-user600', ORDERED)), 'ldap:user600');
      assert.equal(outcomeOf(await ask('unheard-of:pw', ORDERED)), 'unavailable');
      await world.way.set({ kind: 'pass' });
      const settled = await waitFor('nginx to be asked again', async () => {
        const outcome = outcomeOf(await ask('unheard-of:pw', ORDERED));
        return outcome === 'unavailable' ? undefined : outcome;
      });
      assert.equal(settled, 'rejected');
    });

    void it('a frozen directory is unavailable within the review deadline, and is over within 5 s', async (t) => {
      freeze(t, world.slapd);
      const began = performance.now();
      assert.equal(outcomeOf(await ask('user700@corp.example:pw-user700')), 'unavailable');
      assert.ok(performance.now() - began < 5000);
      world.slapd.resume();
      const back = async () =>
        nameOf(await ask('user700@corp.example:pw-user700')) === 'ldap:user700' ? true : undefined;
      await waitFor('user700 to be let in', back, RECOVERED_WITHIN_MS);
    });
  });

  void it('1,000 of 10,000 users log in, 16 at a time, and none fails', async () => {
    const users = Array.from({ length: DISTINCT }, (_, index) => `user${1000 + index * 9}`);
    const earlier = await asked('corp-ldap');
    const answers = await inFlight(users, AT_ONCE, (user) => ask(`${user}@corp.example:pw-${user}`));
    assert.deepEqual(
      answers.map(nameOf),
      users.map((user) => `ldap:${user}`),
    );
    assert.deepEqual(new Set(answers.flatMap(({ status }) => status.user?.groups)), new Set(['ldap:bulk']));
    assert.equal((await asked('corp-ldap')) - earlier, DISTINCT);
  });
});
