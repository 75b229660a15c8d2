// The accounts that every provider is tried with.

import type { Account } from './provider-world.ts';

export const ALICE: Account = { name: 'alice', secret: 'correct horse battery' };

/** Its secret is searched for in every sink; the characters change under every escaping. */
export const LEAKY: Account = { name: 'leaky', secret: 'Canary-7f3a91c2/"quoted"\\ü+=&🔑-end' };

export const ODD: readonly Account[] = [
  { name: 'a*()\\b', secret: 'filter-*()\\-secret' },
  { name: 'x=1,dc="y";+<#> z', secret: 'dn,="+<>;#\\2a-secret' },
  { name: 'jürgen.größe', secret: 'pä:ß:wörd' },
  { name: 'emoji-🔑', secret: '🔑🔐👩‍💻-secret' },
  { name: 'percent%41%00', secret: '%41%00&a=b+c-secret' },
  { name: "o'brien --", secret: " ' leading and trailing space " },
  { name: '{username}', secret: '${secret}{{secret}}' },
  { name: '日本語', secret: ':starts-and-ends-with-a-colon:' },
];

export const CROWD: readonly Account[] = Array.from({ length: 50 }, (_, index) => ({
  name: `user-${index}`,
  secret: `secret-of-user-${index}`,
}));

export const ACCOUNTS: readonly Account[] = [ALICE, LEAKY, ...ODD, ...CROWD];
