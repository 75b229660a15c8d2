// The registry: one line per provider type.

import type { AnyProviderModule } from '../src/settings/provider-module.ts';
import { httpBasic } from './http-basic.ts';
import { issued } from './issued.ts';
import { ldap } from './ldap.ts';
import { oidcIntrospection } from './oidc-introspection.ts';
import { users } from './users.ts';

export const providerModules: readonly AnyProviderModule[] = [users, httpBasic, ldap, oidcIntrospection, issued];
