// The schema of an ldap provider's options: written keys in, checked and completed settings out.

import { isLoopbackHost } from '../../src/core/listening.ts';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import { ALWAYS } from '../../src/settings/soundness.ts';
import { addOptionFaults } from './option-faults.ts';
import type { LdapOptions } from './settings.ts';
import { groupsOf, userOf } from './settings.ts';
import { DEFAULT_IDLE_TIMEOUT_MS, DEFAULT_POOL_SIZE, type WrittenOptions, writtenOptions } from './written-options.ts';

export function optionsSchema(fields: Fields): Schema<LdapOptions> {
  return writtenOptions(fields).superRefine(addOptionFaults, ALWAYS).transform(completed);
}

function completed(written: WrittenOptions): LdapOptions {
  const groups = groupsOf(written);
  return {
    urls: written.urls,
    startTLS: written.startTLS,
    directory: written.directory,
    passwordPolicy: written.passwordPolicy,
    ...(written.tls === undefined ? {} : { tls: written.tls }),
    ...(written.bind === undefined ? {} : { bind: written.bind }),
    user: userOf(written),
    ...(groups === undefined ? {} : { groups }),
    pool: {
      size: written.pool?.size ?? DEFAULT_POOL_SIZE,
      idleTimeoutMs: written.pool?.idleTimeout ?? DEFAULT_IDLE_TIMEOUT_MS,
    },
  };
}

/** What is legal and dangerous. */
export function optionWarnings({ urls, startTLS, bind, user, groups }: LdapOptions): readonly string[] {
  const inClear = startTLS ? [] : urls.filter((url) => !url.secure && !isLoopbackHost(url.host));
  const compared = user.comparisons.map(({ attribute }) => attribute);
  const isAnonymous = bind === undefined && user.how === 'search';
  return [
    ...inClear.map(
      (url) => `allowPlaintext: passwords travel to ${url.href} in clear, and anybody on the way can read them`,
    ),
    ...(user.isNameGuessed
      ? [
          `userSearch.filter compares ${compared.join(' and ')}, so a person has several login names; the claim username is always the entry's ${user.name.attribute} (usernameAttribute says another)`,
        ]
      : []),
    ...(isAnonymous
      ? ['without bind the directory is searched anonymously; entries it hides from strangers are unknown users']
      : []),
    ...(groups === undefined
      ? ['without groupSearch the groups claim has the names in memberOf, wherever in the directory those groups are']
      : []),
  ];
}
