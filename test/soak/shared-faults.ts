// What goes wrong with the store that brokers share, in a soak of several of them; each is mended again.

import type { SharedWorld } from './shared-world.ts';

export interface SharedFault {
  readonly name: string;
  /** While it lasts every broker must say that the store is lost. */
  readonly isLoss: boolean;
  begin(world: SharedWorld): Promise<unknown> | void;
  end(world: SharedWorld): Promise<unknown> | void;
}

const FLAP_MS = 500;

export const SHARED_FAULTS: readonly SharedFault[] = [
  { name: 'killed, and empty when it is back', isLoss: true, begin: kill, end: ({ redis }) => redis.start() },
  { name: 'frozen', isLoss: true, begin: ({ redis }) => redis.suspend(), end: ({ redis }) => redis.resume() },
  {
    name: '2 s away',
    isLoss: true,
    begin: ({ way }) => way.set({ kind: 'delay', delayMs: 2000 }),
    end: ({ way }) => way.set({ kind: 'pass' }),
  },
  flapping(),
  {
    name: 'a read-only replica',
    isLoss: true,
    begin: ({ redis }) => redis.command('REPLICAOF', '127.0.0.1', '1'),
    end: ({ redis }) => redis.command('REPLICAOF', 'NO', 'ONE'),
  },
  {
    name: 'full (OOM)',
    isLoss: true,
    begin: ({ redis }) => redis.command('CONFIG', 'SET', 'maxmemory', '1'),
    end: ({ redis }) => redis.command('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    name: 'unable to save (MISCONF)',
    isLoss: true,
    begin: async ({ redis }) => {
      await redis.command('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes');
      await redis.command('BGSAVE');
    },
    end: ({ redis }) => redis.command('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no'),
  },
  { name: 'wiped', isLoss: false, begin: ({ redis }) => redis.command('FLUSHALL'), end: () => undefined },
  { name: 'hostile: every value is that of another key', isLoss: false, begin: shuffle, end: () => undefined },
  {
    name: 'killed, and a broker starts without it',
    isLoss: true,
    begin: async (world) => {
      await kill(world);
      await world.restartLast();
    },
    end: ({ redis }) => redis.start(),
  },
];

async function kill({ redis }: SharedWorld): Promise<void> {
  await redis.kill();
}

function flapping(): SharedFault {
  let timer: NodeJS.Timeout | undefined;
  return {
    name: 'up and down once a second',
    isLoss: false,
    begin: ({ way }) => {
      let isUp = true;
      timer = setInterval(() => {
        isUp = !isUp;
        void way.set({ kind: isUp ? 'pass' : 'refuse' });
      }, FLAP_MS);
    },
    end: async ({ way }) => {
      clearInterval(timer);
      await way.set({ kind: 'pass' });
    },
  };
}

/** Gives every text the value of the next one, and every list of attempts up. */
async function shuffle({ redis }: SharedWorld): Promise<void> {
  const keys = await redis.command('KEYS', 'kab:*');
  const names = Array.isArray(keys) ? keys.map(String) : [];
  const values = await Promise.all(names.map((name) => redis.command('GET', name).catch(() => undefined)));
  const texts = names.flatMap((name, at) => (typeof values[at] === 'string' ? [{ name, value: values[at] }] : []));
  await Promise.all(texts.map(({ name }, at) => redis.command('SET', name, texts.at(at - 1)?.value ?? '', 'KEEPTTL')));
}
