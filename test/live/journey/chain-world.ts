// One broker in front of nginx, OpenLDAP and an OpenID provider, each of which can be taken away.
import { type FaultyProxy, startFaultyProxy } from '../rig/faults.ts';
import { type Nginx, nginxMissing, startNginx } from '../rig/nginx.ts';
import { type OpenidProvider, startOpenidProvider } from '../rig/openid-provider.ts';
import { makePki } from '../rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { basicProvider, ldapProvider, OIDC_AUDIENCE, oidcProvider, secretsOf } from '../support/broker-providers.ts';

export interface ChainWorld {
  readonly nginx: Nginx;
  readonly slapd: Slapd;
  readonly openid: OpenidProvider;
  readonly broker: Broker;
  /** Between the broker and nginx; `refuse` is nginx stopped. */
  readonly way: FaultyProxy;
  tokenOf(username: string): Promise<string>;
  stop(): Promise<void>;
}

export function chainMissing(): string | false {
  return nginxMissing() || slapdMissing();
}

/** Without a match: whoever does not know a name leaves it to the next. */
export const ORDERED = '/ordered';

/**
 * `/authenticate` has an owner for every name: `@partners.example` is nginx's, `@corp.example` the directory's, and both
 * are asked for what is before the `@`. `/ordered` asks nginx, the directory and the OpenID provider in this order.
 */
export async function startChain(options: { readonly users: number }): Promise<ChainWorld> {
  const pki = makePki(temporaryFolder('pki'));
  const [nginx, slapd, openid] = await Promise.all([
    startNginx({ pki }),
    startSlapd({ pki, users: options.users }),
    startOpenidProvider({ pki }),
  ]);
  const way = await startFaultyProxy(nginx.tlsPort);
  const web = { ...nginx, tlsUrl: `https://127.0.0.1:${way.port}` };
  const login = "credential.username.split('@')[0]";
  const owner = (domain: string) => ({ match: `credential.username.endsWith('@${domain}')`, login });
  const broker = await startBroker({
    pki,
    providers: [
      basicProvider(web, pki.caFile, owner('partners.example')),
      ldapProvider(slapd, owner('corp.example')),
      oidcProvider(openid, pki.caFile),
      basicProvider(web, pki.caFile, { name: 'any-web' }),
      ldapProvider(slapd, { name: 'any-ldap' }),
    ],
    endpoints: [
      { path: '/authenticate', providers: ['partners', 'corp-ldap', 'corp-idp'] },
      { path: ORDERED, providers: ['any-web', 'any-ldap', 'corp-idp'] },
    ],
    env: secretsOf(openid),
  });
  return {
    nginx,
    slapd,
    openid,
    broker,
    way,
    tokenOf: (username) => openid.token({ username, resource: OIDC_AUDIENCE }),
    stop: async () => {
      await broker.stop();
      await way.stop();
      await Promise.all([nginx.stop(), slapd.stop(), openid.stop()]);
    },
  };
}
