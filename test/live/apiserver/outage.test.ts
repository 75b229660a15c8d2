// What people see at a kube-apiserver while the directory or the broker is away, and how soon it is over afterwards.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { people } from '../rig/slapd-data.ts';
import { freeze, takeDown } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import { OIDC_AUDIENCE } from '../support/broker-providers.ts';
import { LOGGED_OUT, startWorld, VERSIONS, type World, worldMissing } from './broker-world.ts';

/** Far beyond the test: a refusal that kube-apiserver took an outage for would outlast every wait. */
const LONG_TTL = '30m';
const BACK_WITHIN_MS = 10_000;

for (const version of VERSIONS) {
  void describe(`outages behind kube-apiserver, webhook version ${version}`, { skip: worldMissing() }, () => {
    let world: World;
    before(async () => {
      world = await startWorld({ version, cacheTTL: LONG_TTL, slapd: { users: 20 } });
    });
    after(() => world?.stop());

    const nameOf = async (token: string) => {
      const who = await world.whoami(token);
      return typeof who === 'string' ? who : who.username;
    };
    const comesBack = (token: string, username: string) =>
      waitFor(
        `${username} to be let in again`,
        async () => ((await nameOf(token)) === username ? true : undefined),
        BACK_WITHIN_MS,
      );

    void it('with the directory stopped a login is refused at once, and works when it is back', async (t) => {
      assert.equal(await nameOf('user0:pw-user0'), 'ldap:user0');
      await takeDown(t, world.slapd);
      const reviews = await world.broker.reviewsDuring(async () =>
        assert.equal(await nameOf('user1:pw-user1'), LOGGED_OUT),
      );
      assert.deepEqual(
        reviews.map(({ verdict, reason }) => [verdict, reason]),
        [['unavailable', 'connection-refused']],
      );
      assert.equal(await nameOf('user0:pw-user0'), 'ldap:user0', 'kube-apiserver remembers who was let in');
      const opaque = await world.openid.token({ username: 'bob', resource: OIDC_AUDIENCE });
      assert.equal(await nameOf(opaque), 'oidc:bob', 'another provider is not affected');
      await world.slapd.start();
      await comesBack('user1:pw-user1', 'ldap:user1');
    });

    void it('with many logins during the outage, so that the circuit opens, it is over as soon', async (t) => {
      await takeDown(t, world.slapd);
      const users = Array.from({ length: 8 }, (_, index) => `user${index + 2}`);
      const during = await Promise.all(users.map((user) => nameOf(`${user}:pw-${user}`)));
      assert.deepEqual(new Set(during), new Set([LOGGED_OUT]));
      assert.match((await world.broker.readyz()).text, /\[-\]provider\/corp-ldap failed: connection-refused/);
      await world.slapd.start();
      await Promise.all(users.map((user) => comesBack(`${user}:pw-${user}`, `ldap:${user}`)));
      assert.match((await world.broker.readyz()).text, /\[\+\]provider\/corp-ldap ok/);
    });

    void it('with the directory frozen a login is refused within the review deadline, and works when it goes on', async (t) => {
      freeze(t, world.slapd);
      const [review, ...more] = await world.broker.reviewsDuring(async () =>
        assert.equal(await nameOf('user12:pw-user12'), LOGGED_OUT),
      );
      assert.deepEqual([review?.['verdict'], more], ['unavailable', []]);
      const durationMs = review?.['durationMs'];
      assert.ok(typeof durationMs === 'number' && durationMs < 5000, `answered after ${String(durationMs)} ms`);
      world.slapd.resume();
      await comesBack('user12:pw-user12', 'ldap:user12');
    });

    void it('no outage counts against an account of the directory', async () => {
      const { pwdFailureTime } = await world.slapd.operationalAttributes('uid=user1,ou=people,dc=itest,dc=test');
      assert.equal(pwdFailureTime, undefined);
      assert.equal(await nameOf(`alice:${people.alice.password}`), 'ldap:alice');
    });

    void it('with the broker down the client certificate of an administrator works, and a login when it is back', async (t) => {
      t.after(() => world.broker.start());
      await world.broker.kill();
      assert.deepEqual(await world.plane.kubectl(['get', '--raw', '/readyz']), { status: 0, stdout: 'ok', stderr: '' });
      assert.equal((await world.plane.kubectl(['get', 'namespaces'])).status, 0);
      assert.equal(await nameOf('user15:pw-user15'), LOGGED_OUT);
      await world.broker.start();
      await comesBack('user15:pw-user15', 'ldap:user15');
    });
  });
}
