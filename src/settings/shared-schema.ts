// The section `shared`: the store that several brokers remember in, and the key that seals what lies there.

import { z } from 'zod';
import { isLoopbackHost } from '../core/listening.ts';
import type { Secret } from '../core/secret.ts';
import type { SharedSettings } from '../stores/shared.ts';
import type { Fields } from './provider-module.ts';
import type { Section } from './section.ts';
import { ALWAYS, soundness } from './soundness.ts';

const MIN_KEY_BYTES = 32;
const DAY_MS = 24 * 3_600_000;

/** `shared{redis{urls,mode,masterName,username,password,tls,keyPrefix,timeout},key,verdicts,revocationsMaxAge}`. */
export function sharedField(fields: Fields) {
  return fields.object({
    redis: redisField(fields),
    key: fields
      .secret()
      .superRefine(longEnough)
      .describe('At least 32 random bytes, the same on every broker: seals values, keys fingerprints.'),
    verdicts: z
      .boolean()
      .default(true)
      .describe('Share remembered verdicts; false: failed passwords and revocations alone. Default true.'),
    revocationsMaxAge: fields
      .duration({ minMs: 1000, maxMs: DAY_MS })
      .prefault('5m')
      .describe('How old the last known revocations may get while the store is lost: 1s to 24h, default 5m.'),
  });
}

function redisField(fields: Fields) {
  const block = fields.object({
    urls: z.array(z.string().transform(storeUrl)).min(1).describe('One server, or those of Sentinel or a cluster.'),
    mode: z.enum(['single', 'sentinel', 'cluster']).default('single').describe('Default single.'),
    masterName: z.string().min(1).optional().describe('What Sentinel calls the master.'),
    username: z.string().min(1).optional(),
    password: fields.secret().optional(),
    tls: fields.upstreamTls().optional(),
    keyPrefix: z
      .string()
      .regex(/^[\w:.-]{0,64}$/, 'must be at most 64 letters, digits, ":", "_", "." or "-"')
      .default('kab:')
      .describe('In front of every key and channel. Default kab:'),
    timeout: fields
      .duration({ minMs: 1, maxMs: 1000 })
      .prefault('50ms')
      .describe('Of one question; later is as if it were lost: 1ms to 1s, default 50ms.'),
  });
  return block.superRefine((given, context) => {
    const sound = soundness(context);
    const fail = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
    const isSentinel = sound('mode') && given.mode === 'sentinel';
    if (isSentinel && given.masterName === undefined) fail('masterName', 'is required with mode sentinel');
    if (sound('mode') && !isSentinel && given.masterName !== undefined) fail('masterName', 'needs mode sentinel');
    if (given.username !== undefined && given.password === undefined) fail('username', 'needs password');
    if (given.tls === undefined || !sound('urls') || given.urls.some(({ protocol }) => protocol === 'rediss:')) return;
    fail('tls', 'needs a url that starts with rediss');
  }, ALWAYS);
}

/** Plain `redis:` would carry the password in clear. */
function storeUrl(text: string, context: z.core.$RefinementCtx): URL {
  const url = URL.parse(text);
  const fault = url === null ? URL_FORM : urlFault(url);
  if (url !== null && fault === undefined) return url;
  context.addIssue({ code: 'custom', message: fault ?? URL_FORM });
  return z.NEVER;
}

const URL_FORM = 'must be an address such as rediss://valkey-0.corp.example:6379';

function urlFault({ protocol, hostname, username, password, pathname, search, hash }: URL): string | undefined {
  if (!/^rediss?:$/.test(protocol) || hostname === '') return URL_FORM;
  if (username !== '' || password !== '') return 'must not contain a user or a password; use username and password';
  if (!/^\/?$/.test(pathname) || search !== '' || hash !== '') return 'must end after the host and port';
  if (protocol === 'redis:' && !isLoopbackHost(hostname)) {
    return 'must use rediss: plain redis sends the password in clear, and is allowed to a loopback host only';
  }
  return undefined;
}

function longEnough(key: Secret, context: z.core.$RefinementCtx): void {
  const bytes = Buffer.byteLength(key.reveal());
  if (bytes >= MIN_KEY_BYTES) return;
  const message = `has ${bytes} bytes, and at least ${MIN_KEY_BYTES} random ones are needed: openssl rand -base64 48`;
  context.addIssue({ code: 'custom', message });
}

type Written = z.output<ReturnType<typeof sharedField>>;

export function sharedSection({ redis, key, verdicts, revocationsMaxAge }: Written): Section<SharedSettings> {
  const { urls, mode, masterName, username, password, tls, keyPrefix, timeout } = redis;
  return {
    settings: {
      redis: {
        urls,
        mode,
        ...(masterName !== undefined && { masterName }),
        ...(username !== undefined && { username }),
        ...(password && { password }),
        ...(tls && { tls }),
      },
      keyPrefix,
      timeoutMs: timeout,
      key,
      verdicts,
      revocationsMaxAgeMs: revocationsMaxAge,
    },
    warnings: [],
  };
}
