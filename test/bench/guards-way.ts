// A review as guard does it: a new connection, three binds and three searches (kubeguard/guard auth/providers/ldap).

import { readFileSync } from 'node:fs';
import { Client } from 'ldapts';
import type { Once } from './client-loop.ts';

export interface GuardSettings {
  readonly url: string;
  readonly caFile: string;
  readonly bindDN: string;
  readonly bindPassword: string;
  readonly userBase: string;
  readonly groupBase: string;
  /** user0, user1, … with the passwords pw-user0, … */
  readonly users: number;
}

export function guardsWay(settings: GuardSettings): Once {
  const { url, bindDN, bindPassword, userBase, groupBase, users } = settings;
  const tlsOptions = { ca: [readFileSync(settings.caFile)] };
  return async (index) => {
    const name = `user${index % users}`;
    const client = new Client({ url, tlsOptions, timeout: 10_000, connectTimeout: 10_000 });
    try {
      await client.bind(bindDN, bindPassword);
      const dn = await dnOf(client, userBase, name);
      await client.bind(dn, `pw-${name}`);
      await client.bind(bindDN, bindPassword);
      await dnOf(client, userBase, name);
      await client.search(groupBase, { scope: 'sub', filter: `(member=${dn})`, attributes: ['cn'] });
    } finally {
      await client.unbind();
    }
  };
}

async function dnOf(client: Client, base: string, name: string): Promise<string> {
  const { searchEntries } = await client.search(base, { scope: 'sub', filter: `(uid=${name})`, sizeLimit: 2 });
  const [entry] = searchEntries;
  if (entry === undefined) throw new Error(`${name} is not in the directory`);
  return entry.dn;
}
