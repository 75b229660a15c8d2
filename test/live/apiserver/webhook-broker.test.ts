// What kube-apiserver's own client, decoder and cache make of the broker's answers: how many calls each one costs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePki, type Pki } from '../rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { takeDown } from '../rig/undo.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { ldapProvider, secretsOf } from '../support/broker-providers.ts';
import { VERSIONS } from './broker-world.ts';
import { API_AUDIENCE } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { requirePrograms } from './programs.ts';
import { serviceAccountToken } from './token-review.ts';
import { type ProbeAnswer, type ProbeRequest, probe } from './webhook-probe.ts';

interface Row {
  readonly name: string;
  readonly given: Omit<ProbeRequest, 'webhookKubeconfig' | 'version'>;
  /** Of the last of the reviews. */
  readonly want: Pick<ProbeAnswer, 'authenticated' | 'calls' | 'httpStatuses'>;
}

const KIB = 1024;
const remembered = { authenticated: false, calls: 1, httpStatuses: [200] };
const refusedByHttp = { authenticated: false, calls: 1, httpStatuses: [413] };

/** Each is reviewed three times in a row: one call means that kube-apiserver remembers the refusal. */
const refused: readonly (readonly [string, string | Uint8Array])[] = [
  ['a wrong password', 'bob:wrong'],
  ['an unknown user', 'nobody:wrong'],
  ['an empty token', ''],
  ['an empty password', 'alice:'],
  ['a blank password', 'alice:  '],
  ['an empty username', ':pw-alice'],
  ['a control character in the username', 'al\u0001ice:pw-alice'],
  ['a NUL in the password', 'alice:pw\0alice'],
  ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe, 0x3a, 0xff)],
  ['a bootstrap token', 'abcdef.0123456789abcdef'],
  ['an opaque token that nobody takes', 'Zm9vYmFyYmF6'],
  ['a token over limits.tokenBytes', `alice:${'x'.repeat(17 * KIB)}`],
  ['a password of a thousand < over its limit, six bytes each on the wire', `alice:${'<'.repeat(2 * KIB)}`],
];

const rows: readonly Row[] = [
  ...refused.map(([name, token]) => ({
    name: `${name} is one call and remembered`,
    given: { token, reviews: 3 },
    want: remembered,
  })),
  {
    name: 'a body over limits.bodyBytes is one call with 413',
    given: { token: 'x'.repeat(200 * KIB) },
    want: refusedByHttp,
  },
  {
    name: 'a token of 900 kB that grows to 5.4 MB on the wire is one call with 413',
    given: { token: '<'.repeat(900 * KIB) },
    want: refusedByHttp,
  },
  {
    name: 'the largest token that the TokenReview API takes, 18 MB on the wire, is one call with 413',
    given: { token: '<'.repeat(3 * KIB * KIB) },
    want: refusedByHttp,
  },
  {
    name: 'an accepted token is one call for five reviews',
    given: { token: 'alice:pw-alice', reviews: 5 },
    want: { authenticated: true, calls: 1, httpStatuses: [200] },
  },
  {
    name: 'twenty reviews at once are one call',
    given: { token: 'carol:pw-carol', reviews: 20, parallel: true },
    want: { authenticated: true, calls: 1, httpStatuses: [200] },
  },
  {
    name: 'without a cache in kube-apiserver every review is one call',
    given: { token: 'alice:pw-alice', reviews: 3, cacheTTL: '0s' },
    want: { authenticated: true, calls: 3, httpStatuses: [200, 200, 200] },
  },
];

const gist = ({ authenticated, calls, httpStatuses }: ProbeAnswer) => ({ authenticated, calls, httpStatuses });

for (const version of VERSIONS) {
  const skip = requirePrograms('webhook-probe') || slapdMissing();
  void describe(`kube-apiserver's webhook client and the broker, version ${version}`, { skip }, () => {
    const folder = temporaryFolder('webhook-broker');
    const webhookKubeconfig = join(folder, 'kubeconfig');
    let pki: Pki;
    let slapd: Slapd;
    let broker: Broker;
    before(async () => {
      pki = makePki(join(folder, 'pki'));
      slapd = await startSlapd({ pki });
      const endpoints = [{ path: '/authenticate', audiences: [API_AUDIENCE] }];
      broker = await startBroker({ pki, providers: [ldapProvider(slapd)], endpoints, env: secretsOf() });
      writeKubeconfig(webhookKubeconfig, { server: broker.webhookUrl, caFile: pki.caFile, client: broker.client });
    });
    after(async () => {
      await broker?.stop();
      await slapd?.stop();
    });

    const ask = async (request: Omit<ProbeRequest, 'webhookKubeconfig' | 'version'>) => {
      const audiences = [API_AUDIENCE];
      const answers = await probe({ audiences, apiAudiences: audiences, ...request, version, webhookKubeconfig });
      const last = answers.at(-1);
      assert.ok(last !== undefined);
      return last;
    };

    for (const { name, given, want } of rows) {
      void it(name, async () => {
        const last = await ask(given);
        assert.deepEqual(gist(last), want, last.error);
        if (!last.httpStatuses.includes(413)) assert.deepEqual(last.strictErrors, []);
      });
    }

    void it('a ServiceAccount token of another cluster is one call and remembered', async () => {
      const token = await serviceAccountToken({ expiresInS: 3600 });
      assert.deepEqual(gist(await ask({ token, reviews: 3 })), remembered);
    });

    void it('every field of an accepted answer is understood by a strict decoder', async () => {
      const { user, audiences, strictErrors } = await ask({
        token: 'alice:pw-alice',
        audiences: [API_AUDIENCE, 'vault'],
      });
      assert.deepEqual(strictErrors, []);
      assert.deepEqual(audiences, [API_AUDIENCE]);
      assert.equal(user?.username, 'ldap:alice');
      assert.match(user?.uid ?? '', /^[\da-f-]{36}$/);
      assert.deepEqual(user?.groups?.toSorted(), ['ldap:all', 'ldap:devs', 'ldap:eng', 'ldap:loop-a', 'ldap:loop-b']);
      const keys = [
        'authentication.kubernetes.io/credential-id',
        'example.org/department',
        'kube-auth-broker/provider',
      ];
      assert.deepEqual(Object.keys(user?.extra ?? {}).toSorted(), keys);
    });

    void it('for an audience that is not the cluster the right password is refused, and that is remembered', async () => {
      const vault = { token: 'alice:pw-alice', audiences: ['vault'], apiAudiences: [API_AUDIENCE], reviews: 3 };
      assert.deepEqual(gist(await ask(vault)), remembered);
    });

    void it('a review without audiences is answered without audiences', async () => {
      const last = await ask({ token: 'alice:pw-alice', audiences: [], apiAudiences: [] });
      assert.deepEqual([last.authenticated, last.audiences, last.strictErrors], [true, undefined, []]);
    });

    void it('an outage is one call for each review, never remembered, with words that name nothing but the review', async (t) => {
      await takeDown(t, slapd);
      const last = await ask({ token: 'juergen:pw', reviews: 3 });
      assert.deepEqual(gist(last), { authenticated: false, calls: 3, httpStatuses: [200, 200, 200] });
      assert.deepEqual(last.strictErrors, []);
      assert.match(last.error ?? '', /^authentication is unavailable, review [\da-f]{10}-[\da-z]+$/);
    });
  });
}
