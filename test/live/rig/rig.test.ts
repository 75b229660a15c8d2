// Proves that every real server of the rig does what the live tests rely on, before a broker is blamed for anything.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Agent, request } from 'undici';
import { run } from './command.ts';
import { type Nginx, nginxMissing, startNginx } from './nginx.ts';
import { type OpenidProvider, startOpenidProvider } from './openid-provider.ts';
import { makePki, type Pki } from './pki.ts';
import { prometheusMissing, promtoolCheckMetrics, startPrometheus } from './prometheus.ts';
import { type Slapd, slapdMissing, startSlapd } from './slapd.ts';
import { everyone, people, SERVICE } from './slapd-data.ts';
import { temporaryFolder } from './temp.ts';
import { freeze, takeDown } from './undo.ts';
import { waitFor } from './wait.ts';

let pki: Pki;
before(() => {
  pki = makePki(temporaryFolder('pki'));
});

void describe('OpenLDAP', { skip: slapdMissing() }, () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd({ pki, users: 100 });
  });
  after(() => slapd.stop());
  const whoami = async (dn: string, password: string, url?: string) =>
    (await slapd.tool('ldapwhoami', ['-D', dn, '-w', password], url)).exitCode;

  for (const one of everyone) {
    void test(`${one.uid} binds over ldaps`, async () => assert.equal(await whoami(one.dn, one.password), 0));
  }

  void test('StartTLS works on the port that speaks plain LDAP', async () => {
    const startTls = ['-ZZ', '-D', people.alice.dn, '-w', people.alice.password];
    assert.equal((await slapd.tool('ldapwhoami', startTls, slapd.ldapUrl)).exitCode, 0);
  });

  void test('three wrong passwords lock an account, and the bind count tells how many arrived', async () => {
    const { dn, password } = people.carol;
    const earlier = slapd.binds(dn);
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((wrong) => whoami(dn, wrong))), [49, 49, 49]);
    assert.equal(await whoami(dn, password), 49);
    assert.equal(slapd.binds(dn) - earlier, 4);
    const { pwdFailureTime, pwdAccountLockedTime } = await slapd.operationalAttributes(dn);
    assert.equal(pwdFailureTime?.length, 3);
    assert.equal(pwdAccountLockedTime?.length, 1);
    await slapd.ldapmodify(`dn: ${dn}\nchangetype: modify\ndelete: pwdAccountLockedTime\n`);
    assert.equal(await whoami(dn, password), 0);
  });

  void test('memberOf names the direct groups only, and a change is in the audit log', async () => {
    const { memberOf = [] } = await slapd.operationalAttributes(people.alice.dn);
    assert.deepEqual(new Set(memberOf.map((dn) => dn.split(',')[0])), new Set(['cn=devs', 'cn=loop-a']));
    assert.match(slapd.auditLog(), /^dn: cn=devs,/m);
  });

  const faults = [
    ['busy', 51],
    ['unavailable', 52],
    ['unwilling', 53],
    ['operationsError', 1],
    ['dead', 254],
  ] as const;
  for (const [fault, want] of faults) {
    void test(`a bind as cn=${fault} ends with ${want}`, async () => {
      assert.equal(await whoami(`cn=${fault},ou=faults,dc=itest,dc=test`, 'x'), want);
    });
  }

  void test('the service account finds a person by a login that needs escaping, and an anonymous search finds nothing', async () => {
    const search = ['-LLL', '-b', 'dc=itest,dc=test', '(uid=o\\28d\\29d\\2a\\5cball)', 'dn'];
    const found = await slapd.tool('ldapsearch', ['-D', SERVICE.dn, '-w', SERVICE.password, ...search]);
    assert.match(found.stdout, /^dn: uid=o\(d\)d/m);
    assert.equal((await slapd.tool('ldapsearch', search)).exitCode, 32);
  });

  void test('a suspended server is silent, a stopped one refuses, and a started one has the same port', async (t) => {
    freeze(t, slapd);
    const silent = await run('timeout', [
      '0.3',
      'ldapwhoami',
      '-x',
      '-H',
      slapd.ldapUrl,
      '-D',
      people.bob.dn,
      '-w',
      'x',
    ]);
    assert.equal(silent.exitCode, 124);
    slapd.resume();
    await takeDown(t, slapd);
    assert.equal(await whoami(people.bob.dn, people.bob.password), 255);
    await slapd.start();
    assert.equal(await whoami('uid=user99,ou=people,dc=itest,dc=test', 'pw-user99'), 0);
  });
});

async function get(url: string, userPass = 'alice:pw-alice', client?: { cert: Buffer; key: Buffer }) {
  const dispatcher = new Agent({ connect: { ca: readFileSync(pki.caFile), ...client } });
  const headers = { authorization: `Basic ${Buffer.from(userPass).toString('base64')}` };
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers });
    return { status: statusCode, text: await body.text() };
  } finally {
    await dispatcher.close();
  }
}

void describe('nginx', { skip: nginxMissing() }, () => {
  let nginx: Nginx;
  before(async () => {
    nginx = await startNginx({ pki });
  });
  after(() => nginx.stop());
  const answers = [
    ['/ok', 'alice:pw-alice', 200],
    ['/ok', 'alice:wrong', 401],
    ['/ok', 'jürgen:pä:ßwörd', 200],
    ['/204', 'bob:pw-bob', 204],
    ['/403', 'alice:pw-alice', 403],
    ['/403-after-auth', 'alice:pw-alice', 403],
    ['/403-after-auth', 'alice:wrong', 401],
    ['/e500', 'alice:pw-alice', 500],
    ['/e503', 'alice:pw-alice', 503],
    ['/e429', 'alice:pw-alice', 429],
    ['/basic-auth/user1/pass1', 'user1:pass2', 401],
  ] as const;
  for (const [path, userPass, want] of answers) {
    void test(`${path} answers ${want} to ${userPass}, in clear and over TLS`, async () => {
      assert.equal((await get(nginx.plainUrl + path, userPass)).status, want);
      assert.equal((await get(nginx.tlsUrl + path, userPass)).status, want);
    });
  }

  void test('/basic-auth/user1/pass1 says who authenticated', async () => {
    const { status, text } = await get(`${nginx.tlsUrl}/basic-auth/user1/pass1`, 'user1:pass1');
    assert.deepEqual([status, JSON.parse(text)], [200, { authenticated: true, user: 'user1' }]);
  });

  void test('/reset ends the connection without an answer', () => assert.rejects(get(`${nginx.plainUrl}/reset`)));

  void test('mutual TLS demands a client certificate, and the log names it', async () => {
    const { certFile, keyFile } = pki.client('broker');
    assert.equal((await get(`${nginx.mutualTlsUrl}/ok`)).status, 400);
    const client = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    assert.equal((await get(`${nginx.mutualTlsUrl}/ok`, undefined, client)).status, 200);
    const last = (await nginx.requests()).at(-1);
    assert.deepEqual([last?.uri, last?.status, last?.user, last?.client], ['/ok', 200, 'alice', 'CN=broker']);
  });

  void test('a redirect leads to the thief, who notes the credential that is brought along', async () => {
    const { headers, body } = await request(`${nginx.plainUrl}/redir-out`);
    await body.dump();
    await get(String(headers['location']));
    assert.equal(nginx.thefts().at(-1)?.authorization, `Basic ${Buffer.from('alice:pw-alice').toString('base64')}`);
  });
});

void describe('the OpenID provider', () => {
  let provider: OpenidProvider;
  before(async () => {
    provider = await startOpenidProvider({ pki });
  });
  after(() => provider.stop());
  const introspect = (token: string) => provider.post('/token/introspection', { token });

  void test('an opaque token is active with its groups until it is revoked', async () => {
    const token = await provider.token({ username: 'alice', resource: 'urn:itest:opaque' });
    const { body } = await introspect(token);
    assert.ok(typeof body === 'object' && body !== null && 'groups' in body && 'aud' in body && 'iss' in body);
    assert.deepEqual([body.groups, body.aud, body.iss], [['devs', 'eng'], 'urn:itest:opaque', provider.issuer]);
    await provider.revoke(token);
    assert.deepEqual((await introspect(token)).body, { active: false });
  });

  void test('a short-lived token expires', async () => {
    const token = await provider.token({ username: 'bob', resource: 'urn:itest:short' });
    await waitFor('the token to expire', async () =>
      JSON.stringify((await introspect(token)).body) === '{"active":false}' ? true : undefined,
    );
  });

  void test('a JWT is refused at introspection, and a wrong password gets no token', async () => {
    const token = await provider.token({ username: 'alice', resource: 'urn:itest:jwt' });
    assert.equal((await introspect(token)).status, 400);
    await assert.rejects(provider.token({ username: 'alice', password: 'wrong' }), /invalid_grant/);
  });
});

void describe('Prometheus', { skip: prometheusMissing() }, () => {
  void test('scrapes a target and answers a query', async (t) => {
    const page = '# HELP kab_rig_total What the rig counts.\n# TYPE kab_rig_total counter\nkab_rig_total{a="b"} 42\n';
    const target = createServer((_, response) => response.end(page));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      target.closeAllConnections();
      target.close();
    });
    const address = target.address();
    assert.ok(typeof address === 'object' && address !== null);
    const prometheus = await startPrometheus({ target: `127.0.0.1:${address.port}` });
    t.after(() => prometheus.stop());
    assert.equal((await prometheus.targetHealth()).health, 'up');
    const [sample] = await prometheus.query('kab_rig_total');
    assert.deepEqual([sample?.labels['a'], sample?.value], ['b', 42]);
    assert.equal((await promtoolCheckMetrics(page)).exitCode, 0);
    assert.equal((await promtoolCheckMetrics('foo{ 1\n')).exitCode, 1);
  });
});
