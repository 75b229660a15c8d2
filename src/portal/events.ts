// What the portal tells the audit log and the metrics; never a token or a password.

/** One request for a token that was understood. */
export interface IssueEvent {
  /** The review id. */
  readonly id: string;
  readonly method: 'password' | 'header' | 'oidc' | 'openid';
  readonly result: 'issued' | 'refused' | 'unavailable' | 'invalid';
  /** A word of the closed tables, or `ok`. */
  readonly reason: string;
  readonly provider?: string | undefined;
  /** Words for the log alone: the error of an OpenID provider, an address. */
  readonly detail?: string | undefined;
  /** Only of somebody who has signed in, as are the rest. */
  readonly username?: string;
  readonly uid?: string | undefined;
  /** How many. */
  readonly groups?: number;
  readonly jti?: string;
  readonly expiresAtMs?: number;
}

export interface RevokeEvent {
  readonly id: string;
  readonly result: 'revoked' | 'unavailable';
  readonly username: string;
  readonly jti: string;
  /** Why it could not be kept. */
  readonly detail?: string | undefined;
}

export interface PortalObserver {
  asked(event: IssueEvent): void;
  revoked(event: RevokeEvent): void;
}
