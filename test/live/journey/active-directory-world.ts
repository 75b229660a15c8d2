// A broker in front of a real Active Directory, configured with a service account and without one.
import { makePki } from '../rig/pki.ts';
import { type Samba, startSamba } from '../rig/samba.ts';
import { AD_ADMIN, AD_GROUPS, AD_PEOPLE } from '../rig/samba-config.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { type Broker, startBroker } from '../support/broker.ts';

/** What `explain -o json` prints, as far as it is looked at. */
export interface Explanation {
  readonly verdict: { readonly kind: string; readonly reason?: string };
  readonly providers: readonly {
    readonly name: string;
    readonly verdict?: { readonly kind: string };
    readonly mappings: readonly { readonly field: string; readonly value?: unknown }[];
    readonly dropped: readonly { readonly group: string; readonly why: string }[];
  }[];
  readonly tokenReview: { readonly status: { readonly user?: { readonly groups: readonly string[] } } };
}

export interface AdWorld {
  readonly samba: Samba;
  readonly broker: Broker;
  /** objectGUID as Samba's own tool writes it. */
  guidOf(sAMAccountName: string): Promise<string>;
  explain(token: string, endpoint?: string): Promise<{ readonly exitCode: number; readonly explanation: Explanation }>;
  stop(): Promise<void>;
}

/**
 * The endpoint at which the domain controller itself follows groups of groups. Samba looks at every group for that, which
 * takes two seconds in this domain; elsewhere the broker follows them level by level.
 */
export const CHAIN_RULE = '/chain-rule';
/** The endpoint without a group search: groups are what memberOf names. */
export const MEMBER_OF = '/member-of';
/** The endpoint whose provider binds as `<name>@ad.itest.test` and has no account of its own. */
export const DIRECT = '/direct';

export async function startAdWorld(): Promise<AdWorld> {
  const pki = makePki(temporaryFolder('pki'));
  const samba = await startSamba({ pki });
  const broker = await startBroker({
    pki,
    providers: providersOf(samba),
    endpoints: [
      { path: '/authenticate', providers: ['ad-down-level', 'ad'] },
      { path: CHAIN_RULE, providers: ['ad-chain-rule'] },
      { path: MEMBER_OF, providers: ['ad-member-of'] },
      { path: DIRECT, providers: ['ad-direct'] },
    ],
    // A refusal is forgotten soon, so that an unlocked account can be seen.
    settings: { cache: { rejectedTTL: '1s' } },
    env: { AD_BIND_PASSWORD: AD_ADMIN.password },
  });
  return {
    samba,
    broker,
    guidOf: async (name) => {
      const shown = await samba.sambaTool(['user', 'show', name, '--attributes=objectGUID']);
      return /^objectGUID: (?<guid>\S+)$/m.exec(shown)?.groups?.['guid'] ?? shown;
    },
    explain: async (token, endpoint = '/authenticate') => {
      const { exitCode, stdout, stderr } = await broker.cli('explain', ['--endpoint', endpoint, '-o', 'json'], token);
      if (stdout === '') throw new Error(`explain ended with ${exitCode}: ${stderr}`);
      const explanation: Explanation = JSON.parse(stdout);
      return { exitCode, explanation };
    },
    stop: async () => {
      await broker.stop();
      await samba.stop();
    },
  };
}

function providersOf({ ldapsUrl, caFile }: Samba): readonly object[] {
  const common = { urls: [ldapsUrl], tls: { caFile }, directory: 'activeDirectory' };
  const groupSearch = { baseDN: AD_GROUPS, filter: '(member={dn})', nested: true };
  const bind = { dn: AD_ADMIN.upn, password: { env: 'AD_BIND_PASSWORD' } };
  const filter = '(&(objectClass=user)(|(userPrincipalName={username})(sAMAccountName={username})))';
  const claimMappings = {
    username: { claim: 'sAMAccountName', prefix: 'ad:' },
    uid: { claim: 'subject' },
    groups: { claim: 'groups', prefix: 'ad:' },
  };
  const entry = { type: 'ldap', timeout: '4s', claimMappings };
  const searched = { ...common, bind, userSearch: { baseDN: AD_PEOPLE, filter } };
  return [
    {
      ...entry,
      name: 'ad-down-level',
      match: String.raw`credential.username.startsWith('ADITEST\\')`,
      login: String.raw`credential.username.split('\\')[1]`,
      options: { ...searched, groupSearch },
    },
    { ...entry, name: 'ad', options: { ...searched, groupSearch } },
    { ...entry, name: 'ad-member-of', groupsOverLimit: 'truncate', options: searched },
    { ...entry, name: 'ad-chain-rule', options: { ...searched, groupSearch: { baseDN: AD_GROUPS } } },
    {
      ...entry,
      name: 'ad-direct',
      options: { ...common, groupSearch, userDN: '{username}@ad.itest.test', userSearch: { baseDN: AD_PEOPLE } },
    },
  ];
}
