// The password hashes of a users file: bcrypt and argon2id, made and checked on other threads.

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { bcryptMatches } from './bcrypt.ts';

export interface PasswordHash {
  /** Kind and parameters, such as `bcrypt cost=10`: hashes with the same words cost the same work. */
  readonly work: string;
  /** True for the right password; takes the same time for a wrong one. */
  matches(password: string): Promise<boolean>;
}

/** bcrypt reads no further: without a limit of our own, everything after it would be ignored. */
const BCRYPT_MAX_BYTES = 72;

const BCRYPT = /^\$2[aby]\$(?<cost>0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/;
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(?<m>\d{1,6}),t=(?<t>\d{1,2}),p=(?<p>\d{1,2})\$(?<salt>[A-Za-z0-9+/]{11,86})\$(?<tag>[A-Za-z0-9+/]{22,86})$/;
const MAX_ARGON2 = { memoryKiB: 262_144, passes: 16, parallelism: 16 } as const;

const argon2Async = promisify(argon2);

/**
 * Reads `$2a$`, `$2b$` or `$2y$` (cost 4 to 14), or an argon2id PHC string (version 19, at most 256 MiB, 16 passes, 16
 * lanes); undefined for everything else, so that a hash that cannot be checked fails at the start.
 */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const bcrypt = BCRYPT.exec(text)?.groups;
  if (bcrypt !== undefined) return { work: `bcrypt cost=${Number(bcrypt['cost'])}`, matches: bcryptMatcher(text) };
  const phc = ARGON2ID.exec(text)?.groups;
  return phc === undefined ? undefined : argon2id(phc);
}

/** A password that is too long costs the same work and never matches. */
function bcryptMatcher(hash: string): PasswordHash['matches'] {
  return async (password) => {
    const isRight = await bcryptMatches({ password, hash });
    return isRight && Buffer.byteLength(password) <= BCRYPT_MAX_BYTES;
  };
}

function argon2id(phc: Readonly<Record<string, string>>): PasswordHash | undefined {
  const [memory, passes, parallelism] = [Number(phc['m']), Number(phc['t']), Number(phc['p'])];
  if (memory < 8 * parallelism || memory > MAX_ARGON2.memoryKiB) return undefined;
  if (passes < 1 || passes > MAX_ARGON2.passes || parallelism < 1 || parallelism > MAX_ARGON2.parallelism)
    return undefined;
  const nonce = Buffer.from(phc['salt'] ?? '', 'base64');
  const tag = Buffer.from(phc['tag'] ?? '', 'base64');
  if (nonce.length < 8 || tag.length < 16) return undefined;
  const parameters = { nonce, memory, passes, parallelism, tagLength: tag.length };
  return {
    work: `argon2id m=${memory},t=${passes},p=${parallelism}`,
    matches: async (message) => timingSafeEqual(await argon2Async('argon2id', { ...parameters, message }), tag),
  };
}

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane; about 50 ms. */
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;

/** The argon2id PHC string of a password under a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await argon2Async('argon2id', { ...PARAMETERS, message: password, nonce });
  const { memory, passes, parallelism } = PARAMETERS;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
