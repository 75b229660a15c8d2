// What people see who log in with kubectl at a kube-apiserver that asks the broker: who they are, and what they may do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { spellingsIn } from '../../support/sinks.ts';
import { people } from '../rig/slapd-data.ts';
import { waitFor } from '../rig/wait.ts';
import { OIDC_AUDIENCE } from '../support/broker-providers.ts';
import { LOGGED_OUT, startWorld, type UserInfo, VERSIONS, type World, worldMissing } from './broker-world.ts';
import { API_AUDIENCE } from './control-plane.ts';
import { clusterKey, createTokenReview, serviceAccountToken } from './token-review.ts';

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
const base64 = (text: string, encoding: 'base64' | 'base64url' = 'base64') => Buffer.from(text).toString(encoding);

/** With the groups in one order and the credential's id checked and taken out, since it differs in every run. */
function comparable(who: UserInfo | string): unknown {
  if (typeof who === 'string') return who;
  const { [CREDENTIAL_ID]: id, ...extra } = who.extra;
  assert.match(String(id), /^BROKER=[\w-]{43}$/);
  return { ...who, groups: who.groups.toSorted(), extra };
}

const identity = (username: string, uid: string, groups: readonly string[], extra: UserInfo['extra']) => ({
  username,
  uid,
  groups: [...groups, 'system:authenticated'].toSorted(),
  extra,
});

for (const version of VERSIONS) {
  void describe(`kubectl logs in through the broker, webhook version ${version}`, { skip: worldMissing() }, () => {
    let world: World;
    let opaque: string;
    before(async () => {
      world = await startWorld({ version, cacheTTL: '1m' });
      opaque = await world.openid.token({ username: 'alice', resource: OIDC_AUDIENCE });
    });
    after(() => world?.stop());

    const uidOf = async (dn: string) => (await world.slapd.operationalAttributes(dn))['entryUUID']?.[0] ?? '';
    const asked = () => world.broker.metric('authbroker_provider_requests_total');

    void it('a password in clear is exactly the mapped user of the directory', async () => {
      const groups = ['ldap:all', 'ldap:devs', 'ldap:eng', 'ldap:loop-a', 'ldap:loop-b'];
      const extra = { 'example.org/department': ['42'], 'kube-auth-broker/provider': ['corp-ldap'] };
      const want = identity('ldap:alice', await uidOf(people.alice.dn), groups, extra);
      assert.deepEqual(comparable(await world.whoami('alice:pw-alice')), want);
    });

    void it('base64 and base64url of the same password are the same user with the same credential id', async () => {
      const plain = await world.whoami('alice:pw-alice');
      assert.deepEqual(await world.whoami(base64('alice:pw-alice')), plain);
      assert.deepEqual(await world.whoami(base64('alice:pw-alice', 'base64url')), plain);
      assert.equal(typeof plain, 'object');
    });

    void it('a name and a password beyond ASCII, with colons, arrive as they are', async () => {
      const { uid, password, dn } = people.juergen;
      const want = identity('ldap:jürgen', await uidOf(dn), ['ldap:all'], {
        'kube-auth-broker/provider': ['corp-ldap'],
      });
      for (const token of [`${uid}:${password}`, base64(`${uid}:${password}`)]) {
        // oxlint-disable-next-line no-await-in-loop -- one login after the other
        assert.deepEqual(comparable(await world.whoami(token)), want);
      }
    });

    void it('an opaque token of the OpenID provider is exactly its mapped subject', async () => {
      const extra = { 'kube-auth-broker/provider': ['corp-idp'] };
      const want = identity('oidc:alice', 'alice', ['oidc:devs', 'oidc:eng'], extra);
      assert.deepEqual(comparable(await world.whoami(opaque)), want);
    });

    void it('a wrong password is logged out after one call, and the second try is answered by kube-apiserver', async () => {
      const binds = world.slapd.binds(people.bob.dn);
      const reviews = await world.broker.reviewsDuring(async () => {
        assert.equal(await world.whoami('bob:wrong-canary-7Q'), LOGGED_OUT);
        assert.equal(await world.whoami('bob:wrong-canary-7Q'), LOGGED_OUT);
      });
      assert.deepEqual(
        reviews.map(({ verdict, reason }) => [verdict, reason]),
        [['rejected', 'wrong-password']],
      );
      assert.equal(world.slapd.binds(people.bob.dn) - binds, 1);
    });

    void it('roles are given to mapped groups: alice in devs may list namespaces, carol may not', async () => {
      // Of the built-in roles only cluster-admin has rules here: a controller, which is not there, fills in the others.
      const role = ['create', 'clusterrole', 'see-namespaces', '--verb=get,list', '--resource=namespaces'];
      const binding = ['create', 'clusterrolebinding', 'devs', '--clusterrole=see-namespaces', '--group=ldap:devs'];
      for (const command of [role, binding]) {
        // oxlint-disable-next-line no-await-in-loop -- the binding names the role
        assert.deepEqual((await world.plane.kubectl(command)).stderr, '');
      }
      const list = ['get', 'namespaces', '-o', 'name'];
      const allowed = await waitFor('the binding to count', async () => {
        const result = await world.plane.kubectl(list, { token: 'alice:pw-alice' });
        return result.status === 0 ? result : undefined;
      });
      assert.match(allowed.stdout, /^namespace\/default$/m);
      const forbidden = await world.plane.kubectl(list, { token: 'carol:pw-carol' });
      assert.equal(forbidden.status, 1);
      assert.match(forbidden.stderr, /Forbidden.*User "ldap:carol" cannot list resource "namespaces"/);
    });

    void it('a TokenReview for the API server is granted, for another audience it is not', async () => {
      const own = await createTokenReview(world.plane, 'alice:pw-alice');
      assert.deepEqual([own.authenticated, own.user?.username], [true, 'ldap:alice']);
      const named = await createTokenReview(world.plane, 'alice:pw-alice', [API_AUDIENCE, 'vault']);
      assert.deepEqual([named.authenticated, named.audiences], [true, [API_AUDIENCE]]);
      const vault = await createTokenReview(world.plane, 'alice:pw-alice', ['vault']);
      assert.notEqual(vault.authenticated, true);
      assert.equal(vault.user?.username, undefined);
    });

    void it('an OAuth token for an audience of the provider is good for the API server, and for nobody else', async () => {
      const own = await createTokenReview(world.plane, opaque, [API_AUDIENCE, 'vault']);
      assert.deepEqual([own.authenticated, own.audiences], [true, [API_AUDIENCE]]);
      const others = await createTokenReview(world.plane, opaque, ['vault', OIDC_AUDIENCE]);
      assert.notEqual(others.authenticated, true);
      const short = await world.openid.token({ username: 'alice', resource: 'urn:itest:short' });
      assert.equal(await world.whoami(short), LOGGED_OUT, 'a token for another audience');
    });

    void it('a valid ServiceAccount token never reaches the broker', async () => {
      assert.equal((await world.plane.kubectl(['create', 'serviceaccount', 'robot'])).status, 0);
      const { stdout } = await world.plane.kubectl(['create', 'token', 'robot']);
      const reviews = await world.broker.reviewsDuring(async () => {
        const who = await world.whoami(stdout.trim());
        assert.equal(typeof who === 'string' ? who : who.username, 'system:serviceaccount:default:robot');
      });
      assert.deepEqual(reviews, []);
    });

    const foreign = [
      { name: 'an expired one of this cluster', given: { expiresInS: -3600, own: true } },
      { name: 'one of another cluster with the same issuer', given: { expiresInS: 3600 } },
      {
        name: 'one of another cluster with the long default issuer',
        given: { expiresInS: 3600, issuer: 'https://kubernetes.default.svc.cluster.local' },
      },
      { name: 'a legacy one of another cluster', given: { expiresInS: 3600, issuer: 'kubernetes/serviceaccount' } },
    ];
    for (const { name, given } of foreign) {
      void it(`a ServiceAccount token costs no upstream call: ${name}`, async () => {
        const { own, ...claims } = { own: false, ...given };
        const token = await serviceAccountToken({ ...claims, ...(own && { key: clusterKey(world.plane) }) });
        const [upstream, binds] = [await asked(), world.slapd.binds()];
        const reviews = await world.broker.reviewsDuring(async () =>
          assert.equal(await world.whoami(token), LOGGED_OUT),
        );
        assert.deepEqual(
          reviews.map(({ reason }) => reason),
          ['ignored-issuer'],
        );
        assert.deepEqual([await asked(), world.slapd.binds()], [upstream, binds]);
      });
    }

    void it("kube-apiserver's log at -v=4 holds no password and no token", () => {
      const log = readFileSync(world.plane.logFile, 'utf8');
      assert.match(log, /"HTTP"|authentication-token-webhook-version/);
      const secrets = ['pw-alice', 'pw-carol', people.juergen.password, 'wrong-canary-7Q', opaque];
      assert.deepEqual(
        secrets.flatMap((secret) => spellingsIn(log, secret)),
        [],
      );
    });
  });
}
