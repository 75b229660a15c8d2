// No credential reaches any sink: canaries travel every way through the program at its most talkative.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULT_NAMES } from '../contract/provider-run.ts';
import { FAULTS } from '../contract/provider-world.ts';
import { tokenReview } from '../support/apiserver-client.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { CLIENT_SECRET } from '../support/fake-authorization-server.ts';
import { inOrder } from '../support/settled.ts';
import { createSinks, type Sinks } from '../support/sinks.ts';
import { usersFile } from '../support/users-file.ts';
import { SERVICE, startUpstreams, type Upstreams } from './upstreams.ts';

/** Characters that JSON, URLs and HTML spell differently. */
const canary = (name: string): string => `Kanary-${name}-"7\\<ü&>%/?-end`;

const SECRETS = {
  rightWeb: canary('web'),
  rightDirectory: canary('directory'),
  rightStaff: canary('staff'),
  wrong: canary('wrong'),
  unknownName: canary('typed-into-the-wrong-field'),
  active: 'kanary.active.token.0123456789',
  inactive: 'kanary-inactive-token-0123456789',
  jwt: `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"iss":"https://kanary.example"}').toString('base64url')}.kanary-signature`,
  header: 'kanary-authorization-header',
  path: 'kanary-in-the-path',
  body: 'kanary-in-a-broken-body',
  status: 'kanary-status-sent-along',
  config: 'kanary-inline-in-the-configuration',
  bind: SERVICE.password,
  client: CLIENT_SECRET,
} as const;

const TOKENS = [
  `wanda:${SECRETS.rightWeb}`,
  `dora:${SECRETS.rightDirectory}`,
  `alice:${SECRETS.rightStaff}`,
  `wanda:${SECRETS.wrong}`,
  `dora:${SECRETS.wrong}`,
  `alice:${SECRETS.wrong}`,
  `${SECRETS.unknownName}:x`,
  `wan\nda:${SECRETS.wrong}`,
  `wanda:${SECRETS.wrong}\0`,
  Buffer.from(`wanda:${SECRETS.rightWeb}`).toString('base64'),
  SECRETS.active,
  SECRETS.inactive,
  SECRETS.jwt,
];

const DIRECTORY_USER = 'directory:dora';
/** After which an open circuit lets a review through again. */
const CIRCUIT_OPEN_MS = 1000;
const ROUNDS = 10;

async function start(t: Parameters<typeof startBroker>[0], format: 'json' | 'text') {
  const upstreams = await startUpstreams(t, {
    web: { wanda: SECRETS.rightWeb },
    directory: { dora: SECRETS.rightDirectory },
    idp: { [SECRETS.active]: { active: true, sub: '1', username: 'ida' } },
  });
  const { entries, given } = upstreams;
  const staff = { name: 'staff', type: 'users', options: { file: 'users.yaml' } };
  const providers = [entries.web, entries.directory, entries.idp].map((entry) => ({ ...entry, timeout: '400ms' }));
  const users = usersFile({ username: 'alice', password: SECRETS.rightStaff });
  const config = {
    log: { level: 'debug', format },
    cache: { authenticatedTTL: '0s', rejectedTTL: '0s' },
    limits: { failedPasswords: { max: 250 } },
    providers: [...providers, staff],
  };
  const broker = await startBroker(t, { ...given, files: { ...given.files, 'users.yaml': users }, config });
  return { broker, upstreams, config };
}

void describe('nothing gives a credential away', () => {
  for (const format of ['json', 'text'] as const) {
    void test(`at level debug, as ${format}`, async (t) => {
      const sinks = createSinks();
      const { broker, upstreams, config } = await start(t, format);
      await everyTokenUntil(broker, sinks, DIRECTORY_USER);
      await withEveryFault(broker, upstreams, sinks);
      await oddRequests(broker, sinks);
      brokenReloads(broker, config);
      await inOrder(['/metrics', '/readyz?verbose'], async (path) => sinks.add(path, await broker.get(path)));
      assert.equal(await broker.stop(), 0);
      for (const line of broker.process.log()) sinks.add('log', line);
      sinks.add('stdout', broker.process.stdout());
      sinks.add('stderr', broker.process.stderr());

      const leaks = Object.values(SECRETS).flatMap((secret) => sinks.leaksOf(secret));
      assert.deepEqual(leaks, []);
      assert.notDeepEqual(sinks.leaksOf(DIRECTORY_USER), [], 'the search sees what is there');
      assert.deepEqual(missingReasons(broker), [], 'the journey went every way');
    });
  }
});

async function everyToken(broker: Broker, sinks: Sinks): Promise<void> {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${SECRETS.header}` };
  await Promise.all(
    TOKENS.map(async (token) => {
      const review: object = JSON.parse(tokenReview(token));
      const body = JSON.stringify({ ...review, status: { user: { username: SECRETS.status }, error: SECRETS.status } });
      sinks.add('answer', await broker.send(`/authenticate?token=${SECRETS.path}`, { headers, body }));
    }),
  );
}

/** Again until the log says this: on a busy machine the short time-out may have come before the answer. */
async function everyTokenUntil(broker: Broker, sinks: Sinks, logged: string): Promise<void> {
  await everyToken(broker, sinks);
  for (let round = 1; round < ROUNDS && !broker.process.log().join('').includes(logged); round += 1) {
    broker.process.later(CIRCUIT_OPEN_MS);
    // oxlint-disable-next-line no-await-in-loop -- one round after the other
    await everyToken(broker, sinks);
  }
}

/** The fakes echo what they were sent wherever an answer leaves room for it. */
async function withEveryFault(broker: Broker, upstreams: Upstreams, sinks: Sinks): Promise<void> {
  const fakes = [upstreams.web, upstreams.directory, upstreams.idp];
  await inOrder([...FAULT_NAMES, undefined], async (fault) => {
    await Promise.all(fakes.map((fake) => fake.breakWith(fault)));
    await everyTokenUntil(broker, sinks, fault === undefined ? DIRECTORY_USER : FAULTS[fault]);
    sinks.add('/readyz', await broker.get('/readyz?verbose'));
    broker.process.later(CIRCUIT_OPEN_MS);
  });
}

async function oddRequests(broker: Broker, sinks: Sinks): Promise<void> {
  const text = { 'Content-Type': SECRETS.header };
  const requests = [
    { path: '/authenticate', body: `{"spec":{"token":"${SECRETS.body}` },
    { path: '/authenticate', body: JSON.stringify({ kind: SECRETS.body, apiVersion: SECRETS.body }) },
    { path: '/authenticate', body: tokenReview('x').replace('"x"', `["${SECRETS.body}"]`) },
    { path: '/authenticate', body: SECRETS.body.repeat(10_000) },
    { path: '/authenticate', body: SECRETS.body, headers: text },
    { path: `/${SECRETS.path}`, body: SECRETS.body },
    { path: `/%${SECRETS.path}`, body: SECRETS.body },
  ];
  await inOrder(requests, async ({ path, ...request }) => sinks.add('refusal', await broker.send(path, request)));
}

/** People write secrets where only references belong; the error must not repeat them. */
function brokenReloads(broker: Broker, config: Parameters<Broker['configure']>[0]): void {
  const client = { issuer: 'https://idp.example', clientID: 'x', clientSecret: SECRETS.config };
  broker.configure({ ...config, providers: [{ name: 'idp', type: 'oidc-introspection', options: client }] });
  broker.process.signal('SIGHUP');
  const url = `https://user:${SECRETS.config}@host.example/`;
  broker.configure({ ...config, providers: [{ name: 'web', type: 'http-basic', options: { url } }] });
  broker.process.signal('SIGHUP');
  broker.write('users.yaml', `- username: alice\n  passwordHash: ${SECRETS.config}\n`);
  broker.configure(config);
  broker.process.signal('SIGHUP');
  broker.write('broker.yaml', `clientSecret: "${SECRETS.config}\n`);
  broker.process.signal('SIGHUP');
}

/** Reasons that the canaries must have met on their way. */
const MET = [
  'wrong-password',
  'malformed-username',
  'malformed-password',
  'foreign-issuer',
  'connection-refused',
  'tls-failed',
  'timeout',
  'oversize-answer',
  'malformed-answer',
  'upstream-error',
  'directory-error',
  'not-json',
  'oversize-body',
  'the last good one stays in force',
];

function missingReasons(broker: Broker): readonly string[] {
  const all = broker.process.log().join('');
  return MET.filter((reason) => !all.includes(reason));
}
