// A broker at log level debug in front of nginx, OpenLDAP and an OpenID provider, with secrets that are easy to find again.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NGINX_USERS, startNginx } from '../rig/nginx.ts';
import { startOpenidProvider } from '../rig/openid-provider.ts';
import { makePki } from '../rig/pki.ts';
import { startSlapd } from '../rig/slapd.ts';
import { ldifRecord, PEOPLE, SERVICE } from '../rig/slapd-data.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { type Broker, type BrokerSpec, startBroker } from '../support/broker.ts';
import { basicProvider, ldapProvider, OIDC_AUDIENCE, oidcProvider, secretsOf } from '../support/broker-providers.ts';

/** Added to the directory by this file. */
const LDAP_CANARY = { name: 'canary-user', password: 'Kan4ry "right": +pä\\ß<&>%20Zq' } as const;
/** Names and passwords; the second is the same in nginx and in the directory. */
export const RIGHT: readonly (readonly [string, string])[] = [
  [LDAP_CANARY.name, LDAP_CANARY.password],
  ['jürgen', NGINX_USERS.jürgen],
];
export const WRONG = ['wr0ng-canary-Xy71', 'wr0ng "canary"\\ ü<7'] as const;
/** Where passwords are sent: to every upstream in turn, and to each of the two alone. */
export const ROUTES = ['/authenticate', '/web', '/directory'] as const;
export const INLINE_SECRET = 'inl1ne-canary-of-the-file-Vb3';

export interface CanaryWorld {
  readonly broker: Broker;
  readonly issuer: string;
  /** The broker's own secrets: bind password, client secret, keys. */
  readonly ownSecrets: readonly string[];
  /** What `reload` makes of it has a secret where only a reference may stand. */
  readonly withInlineSecret: Pick<BrokerSpec, 'providers'>;
  issued(username: string): Promise<string>;
  revoke(token: string): Promise<void>;
  /** Runs with OpenLDAP stopped, and nginx and the OpenID provider frozen. */
  gone(run: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startCanaryWorld(): Promise<CanaryWorld> {
  const folder = temporaryFolder('canary');
  const pki = makePki(join(folder, 'pki'));
  const [nginx, slapd, openid] = await Promise.all([
    startNginx({ pki }),
    startSlapd({ pki }),
    startOpenidProvider({ pki }),
  ]);
  await slapd.ldapadd(canaryRecord());
  const secretFile = join(folder, 'client-secret');
  writeFileSync(secretFile, `${openid.clients.post.secret}\n`, { mode: 0o600 });
  const byPost = { issuer: openid.issuer, clientID: openid.clients.post.id, authMethod: 'client_secret_post' };
  const post = {
    ...byPost,
    clientSecret: { file: secretFile },
    audiences: [OIDC_AUDIENCE],
    tls: { caFile: pki.caFile },
  };
  const providers = [
    basicProvider(nginx, pki.caFile),
    ldapProvider(slapd),
    oidcProvider(openid, pki.caFile),
    oidcProvider(openid, pki.caFile, { name: 'idp-by-post', options: post }),
  ];
  const broker = await startBroker({
    pki,
    providers,
    endpoints: [
      { path: '/authenticate' },
      { path: '/web', providers: ['partners'] },
      { path: '/directory', providers: ['corp-ldap'] },
    ],
    settings: { log: { level: 'debug' }, limits: { failedPasswords: { max: 2, window: '5m' } } },
    env: secretsOf(openid),
  });
  const bind = { dn: SERVICE.dn, password: INLINE_SECRET };
  return {
    broker,
    issuer: openid.issuer,
    ownSecrets: [SERVICE.password, openid.clients.basic.secret, openid.clients.post.secret],
    withInlineSecret: {
      providers: [ldapProvider(slapd, { options: { urls: [slapd.ldapsUrl], bind, userSearch: { baseDN: PEOPLE } } })],
    },
    issued: (username) => openid.token({ username, resource: OIDC_AUDIENCE }),
    revoke: (token) => openid.revoke(token),
    gone: async (run) => {
      await slapd.stop();
      nginx.suspend();
      openid.suspend();
      try {
        await run();
      } finally {
        nginx.resume();
        openid.resume();
        await slapd.start();
      }
    },
    stop: async () => {
      await broker.stop();
      await Promise.all([nginx.stop(), slapd.stop(), openid.stop()]);
    },
  };
}

function canaryRecord(): string {
  const { name, password } = LDAP_CANARY;
  const objectClass = ['inetOrgPerson', 'itestAccount'];
  return ldifRecord(`uid=${name},${PEOPLE}`, { objectClass, uid: name, cn: name, sn: name, userPassword: password });
}
