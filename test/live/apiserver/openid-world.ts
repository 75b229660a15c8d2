// A kube-apiserver with default flags whose webhook is the broker, which verifies the JWTs of Keycloak and of oidc-provider.
import { join } from 'node:path';
import { type Keycloak, keycloakMissing, startKeycloak } from '../rig/keycloak.ts';
import { KEYCLOAK_AUDIENCE, KEYCLOAK_CLIENTS } from '../rig/keycloak-data.ts';
import { type OpenidProvider, startOpenidProvider } from '../rig/openid-provider.ts';
import { makePki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { jwtProvider } from '../support/broker-providers.ts';
import { type UserInfo, whoami } from './broker-world.ts';
import { startControlPlane } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { requirePrograms } from './programs.ts';

/** For a test's `skip`. */
export function openidWorldMissing(): string | false {
  return requirePrograms('kube-apiserver', 'etcd', 'kubectl') || keycloakMissing();
}

export interface OpenidWorld {
  readonly keycloak: Keycloak;
  readonly openid: OpenidProvider;
  readonly broker: Broker;
  /** Entries of `providers`, by what they do with the tokens of Keycloak. */
  readonly providers: {
    readonly verifies: readonly object[];
    readonly introspects: readonly object[];
  };
  whoami(token: string): Promise<UserInfo | string>;
  stop(): Promise<void>;
}

/** Some 20 seconds on an idle machine. The broker begins with `verifies`. */
export async function startOpenidWorld(): Promise<OpenidWorld> {
  const folder = temporaryFolder('openid-world');
  const pki = makePki(join(folder, 'pki'));
  const [keycloak, openid] = await Promise.all([startKeycloak({ pki }), startOpenidProvider({ pki })]);
  const issuer = (url: string, audience: string) => ({
    url,
    audiences: [audience],
    certificateAuthorityFile: pki.caFile,
  });
  const corp = issuer(keycloak.issuer, KEYCLOAK_AUDIENCE);
  const small = jwtProvider('op', issuer(openid.issuer, 'urn:itest:jwt'), { signingAlgorithms: ['ES256'] });
  const providers = {
    verifies: [jwtProvider('kc', corp), small],
    introspects: [introspectionProvider(keycloak, pki.caFile), small],
  };
  const env = { KEYCLOAK_SECRET: KEYCLOAK_CLIENTS.broker.secret };
  const broker = await startBroker({ pki, providers: providers.verifies, env });
  const client = { server: broker.webhookUrl, caFile: pki.caFile, client: broker.client };
  const plane = await startControlPlane({ webhookKubeconfig: writeKubeconfig(join(folder, 'webhook'), client) });
  return {
    keycloak,
    openid,
    broker,
    providers,
    whoami: (token) => whoami(plane, token),
    stop: async () => {
      await Promise.all([plane.stop(), broker.stop(), keycloak.stop(), openid.stop()]);
    },
  };
}

function introspectionProvider({ issuer }: Keycloak, caFile: string): object {
  return {
    name: 'kc',
    type: 'oidc-introspection',
    options: {
      issuer,
      clientID: KEYCLOAK_CLIENTS.broker.id,
      clientSecret: { env: 'KEYCLOAK_SECRET' },
      audiences: [KEYCLOAK_AUDIENCE],
      tls: { caFile },
    },
    claimMappings: {
      username: { claim: 'username', prefix: 'kc:' },
      uid: { claim: 'subject' },
      groups: { claim: 'groups', prefix: 'kc:' },
    },
  };
}
