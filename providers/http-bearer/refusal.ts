// Tells a refusal from a limit: services answer 403 to both.

import { unavailable } from '../../src/core/verdict.ts';
import type { HttpAnswer } from '../../src/upstream/http/client.ts';
import { type AnswerRules, type Judge, judgeBy } from '../../src/upstream/http/judge.ts';

/** What is left of a limit, by GitHub and by GitLab and the draft of the IETF. */
const LEFT = ['x-ratelimit-remaining', 'ratelimit-remaining'] as const;
/** GitHub tells its secondary limits, and a lock after many bad tokens, in the message alone. */
const LIMIT_WORDS = /rate limit|abuse|login attempts/i;

/** As for a password, but a 403 that comes of a limit is an outage. */
export function judgeToken(rules: AnswerRules): Judge {
  const judge = judgeBy(rules, 'unknown-token');
  return (answer) => (isLimited(answer) ? unavailable('rate-limited', `HTTP ${answer.status}`) : judge(answer));
}

/** When in doubt it is a limit: nobody is let in either way, and no refusal is remembered. */
export function isLimited({ status, headers, body }: HttpAnswer): boolean {
  if (status !== 403) return false;
  if (headers['retry-after'] !== undefined || LEFT.some((name) => String(headers[name]).trim() === '0')) return true;
  return LIMIT_WORDS.test(body);
}
