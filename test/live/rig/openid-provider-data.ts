// Whom the live OpenID provider knows, and the contract between its process and the tests that start it.
import type { JsonWebKey } from 'node:crypto';

export interface Account {
  readonly password: string;
  readonly email: string;
  readonly groups: readonly string[];
}

export const ACCOUNTS: Readonly<Record<string, Account>> = {
  alice: { password: 'pw-alice', email: 'alice@itest.test', groups: ['devs', 'eng'] },
  bob: { password: 'pw-bob', email: 'bob@itest.test', groups: [] },
  jürgen: { password: 'pä:ßwörd', email: 'juergen@itest.test', groups: ['Böb 東京, (R\\D)'] },
  mallory: { password: 'pw-mallory', email: 'mallory@itest.test', groups: ['system:masters', 'devs'] },
};

/** What a token is for. `userinfo` has no audience, the only kind that the userinfo endpoint takes. */
export const RESOURCES = {
  'urn:itest:opaque': { accessTokenFormat: 'opaque', accessTokenTTL: 3600 },
  'urn:itest:other': { accessTokenFormat: 'opaque', accessTokenTTL: 3600 },
  /** Two seconds, so that a test sees a token expire. */
  'urn:itest:short': { accessTokenFormat: 'opaque', accessTokenTTL: 2 },
  /** Refused at introspection with 400 unsupported_token_type: oidc-provider introspects opaque tokens only. */
  'urn:itest:jwt': { accessTokenFormat: 'jwt', accessTokenTTL: 3600 },
} as const;

export type Resource = keyof typeof RESOURCES;

export const CLIENTS = {
  basic: { id: 'broker-basic', secret: 'basic-secret: %+&=', method: 'client_secret_basic' },
  post: { id: 'broker-post', secret: 'post-secret', method: 'client_secret_post' },
  key: { id: 'broker-key', method: 'private_key_jwt' },
} as const;

export const PASSWORD_GRANT = 'urn:itest:password';

/** Handed to the process in the environment variable OPENID_PROVIDER_CONFIG, as JSON. */
export interface OpenidProviderConfig {
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
  /** The public key of `CLIENTS.key`. */
  readonly clientKey: JsonWebKey;
}
