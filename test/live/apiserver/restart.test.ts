// Brokers are restarted while people work: with two of them behind one address nobody notices.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { waitFor } from '../rig/wait.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { ldapProvider, secretsOf } from '../support/broker-providers.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { LOGGED_OUT, startWorld, VERSIONS, type World, worldMissing } from './broker-world.ts';

const USERS = 2000;
const AT_ONCE = 2;

for (const version of VERSIONS) {
  void describe(`restarts behind kube-apiserver, webhook version ${version}`, { skip: worldMissing() }, () => {
    let world: World;
    let second: Broker;
    let balancer: Balancer;
    let nextUser = 0;
    before(async () => {
      world = await startWorld({
        version,
        // Every call of the loop is a user of its own, so that none is answered from kube-apiserver's memory.
        cacheTTL: '2s',
        slapd: { users: USERS },
        webhookPort: async (broker) => {
          balancer = await startBalancer([broker]);
          return balancer.port;
        },
      });
    });
    after(async () => {
      await balancer?.stop();
      await second?.stop();
      await world?.stop();
    });

    const logIn = async (): Promise<string> => {
      const user = `user${nextUser}`;
      nextUser += 1;
      const who = await world.whoami(`${user}:pw-${user}`);
      if (typeof who === 'string') return who;
      return who.username === `ldap:${user}` ? 'in' : `${user} became ${who.username}`;
    };

    /** Logs users in, one after the other on each of two terminals, until the work is done; what each of them saw. */
    const during = async (work: () => Promise<void>): Promise<readonly string[]> => {
      const seen: string[] = [];
      const state = { isDone: false };
      const terminal = async () => {
        // oxlint-disable-next-line no-await-in-loop -- a person types one command after the other
        while (!state.isDone) seen.push(await logIn());
      };
      const terminals = Promise.all(Array.from({ length: AT_ONCE }, terminal));
      await work().finally(() => {
        state.isDone = true;
      });
      await terminals;
      return seen;
    };

    void it('a single broker answers until it stops accepting, and again when it is back', async () => {
      const seen = await during(async () => {
        await world.broker.restart();
        await waitFor('a login after the restart', async () => ((await logIn()) === 'in' ? true : undefined));
      });
      assert.equal(seen[0], 'in');
      assert.deepEqual(
        seen.filter((outcome) => outcome !== 'in' && outcome !== LOGGED_OUT),
        [],
      );
      // Whatever reached the broker was answered with what the directory says: nothing was cut off in the middle.
      assert.deepEqual(
        world.broker.lines('review').filter(({ verdict }) => verdict !== 'authenticated'),
        [],
      );
    });

    void it('with a second broker behind the same address no login fails while each of them is restarted', async () => {
      const providers = [ldapProvider(world.slapd)];
      second = await startBroker({ pki: world.pki, providers, env: secretsOf() });
      await balancer.use([world.broker, second]);
      const seen = await during(async () => {
        await world.broker.restart();
        await second.restart();
      });
      assert.deepEqual(
        seen.filter((outcome) => outcome !== 'in'),
        [],
      );
      assert.ok(seen.length > 10, `only ${seen.length} logins in all that time`);
      const reviewed = [world.broker, second].map((broker) => broker.lines('review').length);
      assert.ok(
        reviewed.every((count) => count > 0),
        `reviews of each broker: ${reviewed.join(', ')}`,
      );
    });
  });
}
