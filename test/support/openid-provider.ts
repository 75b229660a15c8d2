// A real OpenID provider (oidc-provider) in this process, with its own pages, which take any name that they know.

import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { Provider } from 'oidc-provider';
import { type Listening, listenOn } from './listening.ts';

export interface ProviderPerson {
  readonly groups: readonly string[];
}

export interface OpenidProvider extends Listening {
  readonly issuer: string;
  /** By name; a test may change them while it runs. */
  readonly people: Map<string, ProviderPerson>;
  /** Method and address of every request so far, with its headers. */
  readonly seen: readonly Pick<IncomingMessage, 'method' | 'url' | 'headers'>[];
  /** Answers in place of the provider while it gives one. */
  answerBy(answer: ((request: IncomingMessage) => RequestListener | undefined) | undefined): void;
}

export const CLIENT = { id: 'kube-auth-broker', secret: 'sso-secret-canary-3b1f' };

/** Its one client may be sent back to these. */
export async function startOpenidProvider(
  t: { after(end: () => Promise<void>): void },
  redirectURIs: readonly string[],
): Promise<OpenidProvider> {
  const people = new Map<string, ProviderPerson>([
    ['alice', { groups: ['devs', 'ops'] }],
    ['mallory', { groups: ['system:masters'] }],
  ]);
  const seen: IncomingMessage[] = [];
  const found: { handler?: RequestListener } = {};
  let instead: ((request: IncomingMessage) => RequestListener | undefined) | undefined;
  const server = createServer((request, response) => {
    seen.push(request);
    (instead?.(request) ?? found.handler)?.(request, response);
  });
  const listening = await listenOn(server);
  const issuer = `http://localhost:${listening.port}`;
  found.handler = new Provider(issuer, configurationOf(people, redirectURIs)).callback();
  t.after(() => listening.close());
  return { ...listening, issuer, people, seen, answerBy: (answer) => void (instead = answer) };
}

function configurationOf(people: OpenidProvider['people'], redirectURIs: readonly string[]) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: redirectURIs,
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'upstream', alg: 'ES256', use: 'sig' }] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    cookies: { keys: ['test'] },
    claims: { openid: ['sub'], groups: ['groups'], email: ['email'], profile: ['name'] },
    conformIdTokenClaims: false,
    issueRefreshToken: () => true,
    findAccount: (_: unknown, sub: string) =>
      people.has(sub) ? { accountId: sub, claims: () => ({ sub, groups: people.get(sub)?.groups }) } : undefined,
    /** Nobody is asked to consent. */
    loadExistingGrant: async (context: GrantContext) => {
      const { client, session, provider } = context.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email groups offline_access');
      await grant.save();
      return grant;
    },
  };
}

interface GrantContext {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: Provider;
  };
}
