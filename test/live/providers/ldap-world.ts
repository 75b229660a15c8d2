// Opens the ldap provider with files from disk, for the tests with real directories.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ldap } from '../../../providers/ldap.ts';
import type { Claims } from '../../../src/core/claims.ts';
import type { ProbeStep } from '../../../src/core/provider.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { createFields } from '../../../src/settings/fields.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { passwordCredential } from '../../contract/provider-world.ts';
import { testSeams } from '../../support/seams.ts';
import { createSinks } from '../../support/sinks.ts';

/** Shorter ones are found in ordinary words. */
const MIN_SEARCHED = 7;

export interface LiveLdap {
  readonly login: (name: string, secret: string, deadlineMs?: number) => Promise<Verdict<Claims>>;
  readonly probe: () => Promise<readonly ProbeStep[]>;
}

/** A provider for the time of one test; `{ env: SERVICE }` is the service account's password. No secret may leak. */
export async function withLdap<T>(
  written: object,
  servicePassword: string,
  use: (ldap: LiveLdap) => Promise<T>,
): Promise<T> {
  const env = { SERVICE: servicePassword, WRONG: 'not the service password' };
  const fields = createFields({ dir: '/', env, readFile: (path) => readFileSync(path, 'utf8'), seen: () => undefined });
  const sinks = createSinks();
  const provider = ldap.open(ldap.options(fields).parse(written), testSeams({ log: sinks.log, timeoutMs: 20_000 }));
  const secrets = new Set([servicePassword]);
  const login: LiveLdap['login'] = async (name, secret, deadlineMs = 2500) => {
    secrets.add(secret);
    const review = reviewOf(passwordCredential({ name, secret }));
    const verdict = await provider.authenticate(review, AbortSignal.timeout(deadlineMs));
    if (verdict.kind !== 'authenticated') sinks.add('verdict', verdict);
    return verdict;
  };
  const probe = async (): Promise<readonly ProbeStep[]> => {
    const steps: ProbeStep[] = [];
    await provider.probe((step) => void steps.push(step), AbortSignal.timeout(5000));
    return steps;
  };
  try {
    return await use({ login, probe });
  } finally {
    await provider.close();
    for (const secret of secrets) if (secret.length >= MIN_SEARCHED) assert.deepEqual(sinks.leaksOf(secret), []);
  }
}
