// `check --connect` for the shared store: is it reached, does it take the password, may the broker do what it needs.

import type { ProbeReport } from '../core/provider.ts';
import type { OutageReason } from '../core/reasons.ts';
import { faultWords } from './kept-connection.ts';
import type { RedisConnection } from './redis.ts';
import type { SharedSettings } from './shared.ts';

interface Right {
  readonly name: string;
  /** For a key that no broker uses. */
  readonly command: (key: string) => readonly string[];
}

/** Everything that a broker asks of the store, in the order in which an operator grants it. */
const RIGHTS: readonly Right[] = [
  { name: 'write', command: (key) => ['SET', key, '1', 'PX', '10000'] },
  { name: 'read', command: (key) => ['GETRANGE', key, '0', '10'] },
  { name: 'count by script', command: (key) => ['EVAL', "return redis.call('ZCARD', KEYS[1])", '1', `${key}:set`] },
  { name: 'publish', command: (key) => ['PUBLISH', `${key}:channel`, ''] },
];

/** Errors that a wrong configuration causes, in place of an outage: waiting does not mend them. */
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** Steps `shared: …`; ends with the first that failed. Never throws. */
export async function probeShared(
  { redis, keyPrefix }: SharedSettings,
  randomBytes: (size: number) => Buffer,
  report: ProbeReport,
): Promise<void> {
  const step = `shared: connect to ${redis.urls.map(({ host }) => host).join(', ')} (${redis.mode})`;
  let connection: RedisConnection;
  try {
    connection = await (await import('./redis.ts')).connectRedis(redis, () => undefined);
  } catch (error) {
    return report({ step, ...failure(error) });
  }
  report({ step, result: 'ok' });
  try {
    await probeRights(connection, `${keyPrefix}check:${randomBytes(12).toString('base64url')}`, report);
  } finally {
    connection.close();
  }
}

async function probeRights(connection: RedisConnection, key: string, report: ProbeReport): Promise<void> {
  for (const { name, command } of RIGHTS) {
    const step = `shared: ${name}`;
    try {
      // oxlint-disable-next-line no-await-in-loop -- the first right that is missing ends it
      await connection.send(key, command(key));
    } catch (error) {
      return report({ step, ...failure(error) });
    }
    report({ step, result: 'ok' });
  }
}

function failure(error: unknown): { result: 'failed'; detail: string; reason?: OutageReason } {
  const word = faultWords(error);
  if (REFUSED.test(word)) return { result: 'failed', detail: `${word}: ${cureOf(word)}` };
  return { result: 'failed', detail: `${word}: ${cureOf(word)}`, reason: 'connection-failed' };
}

function cureOf(word: string): string {
  if (word === 'WRONGPASS' || word === 'NOAUTH')
    return 'compare shared.redis.username and password with the ACL of the store';
  if (word === 'NOPERM') return 'grant the ACL user ~PREFIX* &PREFIX* +@read +@write +@scripting +@pubsub +@connection';
  if (word === 'READONLY') return 'the server is a replica; name the master, or use mode sentinel';
  if (word === 'OOM' || word === 'MISCONF') return 'the store takes no writes; read its log';
  if (REFUSED.test(word)) return 'TLS failed; compare shared.redis.tls.caFile and the name in the certificate';
  return 'is the store running, and does a firewall let the broker in?';
}
