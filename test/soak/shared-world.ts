// Several brokers, one directory, and one store behind a proxy that misbehaves on command.

import { randomBytes, randomUUID, sign } from 'node:crypto';
import { systemClock } from '../../src/core/seams.ts';
import { Secret } from '../../src/core/secret.ts';
import { newKey } from '../../src/issuer/new-key.ts';
import { openShared, type SharedSettings } from '../../src/stores/shared.ts';
import { type SharedRevocations, sharedRevocations } from '../../src/stores/shared-revocations.ts';
import { type FaultyProxy, startFaultyProxy } from '../live/rig/faults.ts';
import { makePki } from '../live/rig/pki.ts';
import { type Redis, redisMissing, startRedis } from '../live/rig/redis.ts';
import { type Slapd, slapdMissing, startSlapd } from '../live/rig/slapd.ts';
import { temporaryFolder } from '../live/rig/temp.ts';
import { waitFor } from '../live/rig/wait.ts';
import { type Broker, startBroker } from '../live/support/broker.ts';
import { ldapProvider, secretsOf } from '../live/support/broker-providers.ts';
import { testSeams } from '../support/seams.ts';

export interface SharedWorld {
  readonly slapd: Slapd;
  readonly redis: Redis;
  /** Between every broker and the store. */
  readonly way: FaultyProxy;
  readonly brokers: readonly Broker[];
  /** Those that answer at the moment. */
  serving(): readonly Broker[];
  /** Kills the last broker, which forgets what it counted, and starts it again; it serves when this resolves. */
  restartLast(): Promise<void>;
  restarts(): number;
  /** A token that the brokers issued, and its `jti`. */
  issue(): IssuedToken;
  /** As `issuer revoke` and the portal do; false while the store is lost. */
  revoke(token: IssuedToken): Promise<boolean>;
  stop(): Promise<void>;
}

export interface IssuedToken {
  readonly token: string;
  readonly jti: string;
}

export interface SharedWorldOptions {
  readonly brokers: number;
  readonly users: number;
  /** Wrong passwords for which a broker asks the directory. */
  readonly maxFailedPasswords: number;
  /** Wrong passwords after which the directory locks an account. */
  readonly lockedAfter: number;
}

const KEY_PREFIX = 'kab:';
const ISSUER = { name: 'https://broker.corp.example', audience: 'kubernetes' } as const;

export function sharedWorldMissing(): string | false {
  return slapdMissing() || redisMissing();
}

export async function startSharedWorld(options: SharedWorldOptions): Promise<SharedWorld> {
  const pki = makePki(temporaryFolder('pki'));
  const [slapd, redis] = await Promise.all([
    startSlapd({ pki, users: options.users, maxFailures: options.lockedAfter }),
    startRedis({ config: ['dir /proc', 'save 3600 1000000', 'stop-writes-on-bgsave-error no'] }),
  ]);
  const way = await startFaultyProxy(redis.port);
  const key = newKey('EdDSA', randomBytes).secret;
  const sharedKey = randomBytes(32).toString('base64');
  const env = { ...secretsOf(), SHARED_KEY: sharedKey, SIGNING_KEY: key };
  const launch = (): Promise<Broker> =>
    startBroker({
      pki,
      env,
      providers: [ldapProvider(slapd), { name: 'issued', type: 'issued' }],
      settings: settingsOf(options, way.port),
    });
  const brokers = await Promise.all(Array.from({ length: options.brokers }, launch));
  await Promise.all(brokers.map((broker) => waitFor('the store', () => hasStore(broker))));
  const revoker = revokerAt(way.port, sharedKey);
  let starting: Broker | undefined;
  let restarts = 0;
  return {
    slapd,
    redis,
    way,
    brokers,
    serving: () => brokers.filter((broker) => broker !== starting),
    restartLast: async () => {
      starting = brokers.at(-1);
      restarts += 1;
      await starting?.kill();
      await starting?.start();
      starting = undefined;
    },
    restarts: () => restarts,
    issue: () => issuedWith(key),
    revoke: ({ jti }) => revoker.add({ jti }),
    stop: async () => {
      revoker.close();
      await Promise.all(brokers.map((broker) => broker.stop()));
      await way.stop();
      redis.resume();
      await Promise.all([redis.stop(), slapd.stop()]);
    },
  };
}

function settingsOf({ maxFailedPasswords }: SharedWorldOptions, storePort: number): Readonly<Record<string, unknown>> {
  return {
    shared: { redis: { urls: [`redis://127.0.0.1:${storePort}`] }, key: { env: 'SHARED_KEY' } },
    issuer: {
      ...ISSUER,
      keys: [{ id: 'a', algorithm: 'EdDSA', privateKey: { env: 'SIGNING_KEY' } }],
      revocations: 'shared',
      revocationsFile: `${temporaryFolder('snapshot')}/revocations.json`,
    },
    cache: { authenticatedTTL: '5s', rejectedTTL: '1s' },
    // Longer than any soak, so that no failure is ever forgotten.
    limits: { failedPasswords: { max: maxFailedPasswords, window: '1h' } },
  };
}

/** Revokes without the start of a program, which may take longer than a fault lasts. */
function revokerAt(port: number, sharedKey: string): SharedRevocations {
  const settings: SharedSettings = {
    redis: { urls: [new URL(`redis://127.0.0.1:${port}`)], mode: 'single' },
    keyPrefix: KEY_PREFIX,
    timeoutMs: 1000,
    key: new Secret(sharedKey),
    verdicts: false,
    revocationsMaxAgeMs: 60_000,
  };
  const store = openShared(settings, { asked: () => undefined, up: () => undefined }, testSeams());
  const seams = { ...store, ask: store.askPatiently, clock: systemClock, keyPrefix: KEY_PREFIX };
  const nothing = { entries: [], ageMs: Number.POSITIVE_INFINITY };
  const revocations = sharedRevocations({ ...seams, snapshot: nothing, learnt: () => undefined });
  return {
    ...revocations,
    close: () => {
      revocations.close();
      store.close();
    },
  };
}

export async function hasStore(broker: Broker): Promise<true | undefined> {
  return (await broker.metric('authbroker_shared_state_up')) === 1 || undefined;
}

function issuedWith(pem: string): IssuedToken {
  const jti = randomUUID();
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER.name, aud: ISSUER.audience, sub: 'ldap:alice', groups: [], endpoint: '/authenticate' };
  const header = { alg: 'EdDSA', kid: 'a', typ: 'JWT' };
  const payload = { ...claims, iat, nbf: iat, exp: iat + 3600, jti };
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return { jti, token: `${text}.${sign(null, Buffer.from(text), pem).toString('base64url')}` };
}
