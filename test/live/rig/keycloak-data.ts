// Who and what is in the realm of the live Keycloak, as its admin REST API takes it.

export const REALM = 'corp';

export const ADMIN = { username: 'admin', password: 'admin-secret' } as const;

/** What the access tokens of all clients but `elsewhere` are meant for. */
export const KEYCLOAK_AUDIENCE = 'kubernetes';

export interface Person {
  readonly password: string;
  readonly groups: readonly string[];
}

export const PEOPLE: Readonly<Record<string, Person>> = {
  alice: { password: 'pw-alice', groups: ['devs', 'eng'] },
  bob: { password: 'pw-bob', groups: [] },
  carol: { password: 'pw-carol', groups: ['devs'] },
  jürgen: { password: 'pä:ßwörd', groups: ['Böb 東京, (R\\D)'] },
  mallory: { password: 'pw-mallory', groups: ['system:masters', 'devs'] },
};

export const KEYCLOAK_CLIENTS = {
  /** Public; password grant, and a browser with a redirect to any port of 127.0.0.1. */
  kubectl: { id: 'kubectl' },
  /** Public; its access tokens name nobody: who it is, introspection alone says. */
  lightweight: { id: 'kubectl-light' },
  /** Public; its access tokens are meant for somebody else. */
  elsewhere: { id: 'elsewhere' },
  /** Confidential; client credentials. */
  machine: { id: 'robot', secret: 'robot-secret' },
  /** Confidential; introspects, and signs people in by browser. */
  broker: { id: 'kube-auth-broker', secret: 'broker-secret' },
} as const;

/** Two seconds, so that a test sees a token expire. */
export const SHORT_CLIENT = { id: 'kubectl-short' } as const;

const MAPPER = { protocol: 'openid-connect', consentRequired: false } as const;
const EVERYWHERE = { 'access.token.claim': 'true', 'id.token.claim': 'true', 'userinfo.token.claim': 'true' } as const;

const GROUPS_MAPPER = {
  ...MAPPER,
  name: 'groups',
  protocolMapper: 'oidc-group-membership-mapper',
  config: { ...EVERYWHERE, 'introspection.token.claim': 'true', 'claim.name': 'groups', 'full.path': 'false' },
};

/** The second lets the broker's client introspect: Keycloak calls every other token inactive. */
function audienceMappers(): readonly object[] {
  const claims = { 'access.token.claim': 'true', 'introspection.token.claim': 'true', 'lightweight.claim': 'true' };
  return [KEYCLOAK_AUDIENCE, KEYCLOAK_CLIENTS.broker.id].map((audience) => ({
    ...MAPPER,
    name: `audience ${audience}`,
    protocolMapper: 'oidc-audience-mapper',
    config: { 'included.custom.audience': audience, ...claims },
  }));
}

function client(id: string, settings: Readonly<Record<string, unknown>>): object {
  const open = { publicClient: true, directAccessGrantsEnabled: true, standardFlowEnabled: false };
  return { clientId: id, protocol: 'openid-connect', enabled: true, ...open, ...settings };
}

const both = [GROUPS_MAPPER, ...audienceMappers()];

export const CLIENTS: readonly object[] = [
  client(KEYCLOAK_CLIENTS.kubectl.id, {
    standardFlowEnabled: true,
    redirectUris: ['http://127.0.0.1/*'],
    protocolMappers: both,
  }),
  client(KEYCLOAK_CLIENTS.lightweight.id, {
    protocolMappers: both,
    attributes: { 'client.use.lightweight.access.token.enabled': 'true' },
  }),
  client(KEYCLOAK_CLIENTS.elsewhere.id, { protocolMappers: [GROUPS_MAPPER] }),
  client(SHORT_CLIENT.id, { protocolMappers: both, attributes: { 'access.token.lifespan': '2' } }),
  client(KEYCLOAK_CLIENTS.machine.id, {
    publicClient: false,
    directAccessGrantsEnabled: false,
    serviceAccountsEnabled: true,
    secret: KEYCLOAK_CLIENTS.machine.secret,
    protocolMappers: both,
  }),
  client(KEYCLOAK_CLIENTS.broker.id, {
    publicClient: false,
    standardFlowEnabled: true,
    secret: KEYCLOAK_CLIENTS.broker.secret,
    redirectUris: ['http://127.0.0.1/*', 'https://127.0.0.1/*'],
    protocolMappers: both,
  }),
];

export function user(username: string, { password, groups }: Person): object {
  const ascii = username.normalize('NFKD').replaceAll(/[^a-z]/g, '');
  return {
    username,
    enabled: true,
    email: `${ascii}@itest.test`,
    emailVerified: true,
    firstName: username,
    lastName: 'Itest',
    groups,
    credentials: [{ type: 'password', value: password, temporary: false }],
  };
}
