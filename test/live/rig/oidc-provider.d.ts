// The few parts of oidc-provider that the rig uses; the package ships no types.
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  export interface Client {
    readonly clientId: string;
  }

  export interface ResourceServer {
    readonly scope: string;
    readonly audience: string;
    readonly accessTokenFormat: 'opaque' | 'jwt';
    readonly accessTokenTTL: number;
  }

  export interface Context {
    body: unknown;
    status: number;
    readonly oidc: {
      readonly client: Client;
      readonly params: Readonly<Record<string, string | undefined>>;
    };
  }

  export interface TokenProperties {
    readonly accountId: string;
    readonly client: Client;
    readonly grantId: string;
    readonly gty: string;
    readonly scope: string;
  }

  export class Token {
    constructor(properties: TokenProperties);
    readonly accountId: string;
    resourceServer: ResourceServer;
    readonly expiration: number;
    save(): Promise<string>;
  }

  export class Grant {
    constructor(properties: { readonly accountId: string; readonly clientId: string });
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly AccessToken: typeof Token;
    readonly RefreshToken: typeof Token;
    readonly Grant: typeof Grant;
    readonly ResourceServer: new (
      identifier: string,
      properties: ResourceServer,
    ) => ResourceServer;
    callback(): RequestListener;
    registerGrantType(name: string, handler: (context: Context) => Promise<void>, parameters: readonly string[]): void;
  }
}
