// The few parts of oidc-provider that are used; the package ships no types.
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export interface Client {
    readonly clientId: string;
  }

  export interface InteractionSession {
    readonly uid: string;
    readonly params: Readonly<Record<string, string | undefined>>;
    readonly deviceCode?: string;
    readonly returnTo: string;
    readonly exp: number;
    result?: object;
    save(ttlS: number): Promise<string>;
  }

  /** What a code or a refresh token stands for. */
  export interface Source {
    readonly kind: string;
    readonly jti: string;
    readonly grantId: string;
    readonly nonce?: string;
    readonly scopes: ReadonlySet<string>;
    readonly consumed?: unknown;
    readonly remainingTTL: number;
  }

  export class OIDCProviderError extends Error {
    constructor(status: number, message: string);
    readonly error: string;
    error_description?: string;
    status: number;
    statusCode: number;
  }

  export const errors: {
    readonly InvalidGrant: new (detail: string) => OIDCProviderError;
    readonly TemporarilyUnavailable: new (description?: string) => OIDCProviderError;
  };

  export interface Policy {
    get(name: string): { readonly checks: { add(check: object): void } };
  }

  export const interactionPolicy: {
    base(): Policy;
    readonly Check: {
      new (reason: string, description: string, check: (context: Context) => boolean): object;
      readonly REQUEST_PROMPT: boolean;
      readonly NO_NEED_TO_PROMPT: boolean;
    };
  };

  export interface ResourceServer {
    readonly scope: string;
    readonly audience: string;
    readonly accessTokenFormat: 'opaque' | 'jwt';
    readonly accessTokenTTL: number;
  }

  export interface Context {
    body: unknown;
    status: number;
    type: string;
    readonly ip: string;
    readonly req: IncomingMessage;
    set(headers: Readonly<Record<string, string>>): void;
    readonly oidc: {
      readonly route?: string;
      readonly client: Client;
      readonly params: Readonly<Record<string, string | undefined>>;
      readonly result?: Readonly<Record<string, unknown>>;
      readonly entities: { readonly RotatedRefreshToken?: Source; readonly Grant?: { readonly jti: string } };
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
    readonly jti: string;
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(ttlS?: number): Promise<string>;
  }

  export interface DeviceInfo {
    readonly ip?: string;
    readonly ua?: string;
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
    readonly Interaction: { find(uid: string): Promise<InteractionSession | undefined> };
    readonly DeviceCode: { find(id: string): Promise<{ readonly deviceInfo?: DeviceInfo } | undefined> };
    proxy: boolean;
    silent: boolean;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<InteractionSession>;
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    on(event: string, listener: (context: Context, error: unknown) => void): void;
    callback(): RequestListener;
    registerGrantType(name: string, handler: (context: Context) => Promise<void>, parameters: readonly string[]): void;
  }
}
