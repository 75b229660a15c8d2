// A users file whose hashes cost next to nothing to check.

import { argon2Sync, randomBytes } from 'node:crypto';
import { stringify } from 'yaml';

export interface TestUser {
  readonly username: string;
  readonly password: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** The YAML of a users file. */
export function usersFile(...users: readonly TestUser[]): string {
  return stringify(users.map(({ password, ...entry }) => ({ ...entry, passwordHash: quickHash(password) })));
}

/** An argon2id PHC string with the smallest parameters there are. */
function quickHash(password: string): string {
  const nonce = randomBytes(8);
  const tag = argon2Sync('argon2id', { message: password, nonce, memory: 8, passes: 1, parallelism: 1, tagLength: 16 });
  const [salt, sum] = [nonce, tag].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=8,t=1,p=1$${salt}$${sum}`;
}
