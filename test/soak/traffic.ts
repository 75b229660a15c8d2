// Who logs in during a soak, and what may become of it: every token has its truth.

import type { Random } from '../fuzz/random.ts';

export interface Expected {
  readonly token: string;
  readonly path: string;
  /** `good` must be let in whenever its upstream is well; `bad` must never be let in. */
  readonly truth: 'good' | 'bad';
}

/** Found nowhere but in tokens, so that one in a sink is a leak. */
export const CANARY = 'canary-Zx81-wrong';
/** The people with the right passwords; others are guessed at. */
const GOOD_USERS = 40;
const serviceAccount = ['{"alg":"RS256"}', '{"iss":"kubernetes/serviceaccount"}', CANARY]
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

/** About half of all reviews are good, and one in five of those asks the web upstream. */
export function nextReview(random: Random, count: number): Expected {
  if (random.oneIn(2)) return goodReview(random);
  const guessed = 50 + random.below(900);
  return {
    path: random.oneIn(5) ? '/web' : '/authenticate',
    truth: 'bad',
    token: random.pick([
      `user${guessed}:${CANARY}-${count}`,
      `nobody${guessed}:${CANARY}`,
      `user49:${CANARY}`,
      `USER49:${CANARY}`,
      Buffer.from(`alice:${CANARY}-${count}`).toString('base64'),
      `opaque-${CANARY}-${count}`,
      `user${guessed}:`,
      serviceAccount,
      `user*)(uid=*:${CANARY}`,
      '',
    ]),
  };
}

function goodReview(random: Random): Expected {
  if (random.oneIn(5)) return { token: 'alice:pw-alice', path: '/web', truth: 'good' };
  const name = `user${random.below(GOOD_USERS)}`;
  const text = `${name}:pw-${name}`;
  return { token: random.oneIn(3) ? Buffer.from(text).toString('base64') : text, path: '/authenticate', truth: 'good' };
}
