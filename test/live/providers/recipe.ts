// The recipes of the ldap page, word for word, asked of a server of the rig.
import { parse } from 'yaml';
import { blocksOf, readPage, sectionOf } from '../../docs/markdown.ts';
import { makePki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { type Broker, type BrokerSpec, startBroker } from '../support/broker.ts';
import type { LdapEntry } from '../support/broker-providers.ts';
import { outcomeOf } from '../support/review.ts';

/** What of a recipe belongs to the operator's own directory: nothing else is changed. */
export interface Own {
  /** In place of `dc=corp,dc=example`. */
  readonly suffix: string;
  readonly urls: readonly string[];
  readonly caFile: string;
  /** In place of the service account, when the server of the rig has another one. */
  readonly bindDN?: string;
}

/** The provider below this heading; its password is `{ env: SERVICE }`. */
export function recipe(heading: string, { suffix, urls, caFile, bindDN }: Own): LdapEntry {
  const [block] = blocksOf(sectionOf(readPage('providers/ldap.md'), heading));
  const entry: LdapEntry = parse((block?.text ?? '').replaceAll('dc=corp,dc=example', suffix)).providers[0];
  const { bind } = entry.options;
  const dn = bindDN ?? (typeof bind === 'object' && bind !== null && 'dn' in bind ? bind.dn : undefined);
  return { ...entry, options: { ...entry.options, urls, tls: { caFile }, bind: { dn, password: { env: 'SERVICE' } } } };
}

export interface Directory {
  /** `authenticated <username> <groups, sorted>`, or what was said instead, with the reason in the log. */
  readonly login: (token: string) => Promise<string>;
  readonly broker: Broker;
}

/** A broker with these providers for the time of one test. */
export async function withBroker(
  providers: readonly object[],
  servicePassword: string,
  use: (directory: Directory) => Promise<void>,
  settings: BrokerSpec['settings'] = {},
): Promise<void> {
  const broker = await startBroker({
    pki: makePki(temporaryFolder('recipe-pki')),
    providers,
    settings: { cache: { authenticatedTTL: '0s', rejectedTTL: '0s' }, ...settings },
    env: { SERVICE: servicePassword },
  });
  const login: Directory['login'] = async (token) => {
    const answer = await broker.review(token);
    const { user } = answer.status;
    if (user === undefined) return `${outcomeOf(answer)} ${String((await broker.lineOf(answer))['reason'])}`;
    return ['authenticated', user.username, ...user.groups.toSorted((a, b) => (a < b ? -1 : 1))].join(' ');
  };
  try {
    await use({ login, broker });
  } finally {
    await broker.stop();
  }
}
