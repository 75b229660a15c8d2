// The registry: one line per provider type that asks an upstream or a file; `issued` asks the broker's own issuer.

import type { AnyProviderModule } from '../src/settings/provider-module.ts';
import { httpBasic } from './http-basic.ts';
import { httpBearer } from './http-bearer.ts';
import { ldap } from './ldap.ts';
import { oidcIntrospection } from './oidc-introspection.ts';
import { oidcJwt } from './oidc-jwt.ts';
import { tokenFile } from './token-file.ts';
import { tokenReview } from './token-review.ts';
import { users } from './users.ts';

export const providerModules: readonly AnyProviderModule[] = [
  users,
  tokenFile,
  httpBasic,
  httpBearer,
  ldap,
  oidcIntrospection,
  oidcJwt,
  tokenReview,
];

export { hashPassword } from './users/password-hash.ts';
