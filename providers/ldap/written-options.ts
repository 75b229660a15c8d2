// The options of an ldap provider as they are written, key by key.

import { z } from 'zod';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import { type LdapUrl, parseLdapUrl } from '../../src/upstream/ldap/dial.ts';
import type { Filter } from '../../src/upstream/ldap/filter.ts';
import { groupFilterFault, readFilter, userFilterFault } from './template.ts';

export const DEFAULT_POOL_SIZE = 10;
export const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
const MAX_POOL_SIZE = 256;

/** The object as written, before what depends on several keys is checked. */
export function writtenOptions(fields: Fields) {
  return fields.object({
    urls: z.array(urlField()).min(1, 'must name at least one server'),
    startTLS: z.boolean().default(false),
    allowPlaintext: z.boolean().default(false),
    tls: fields.upstreamTls().optional(),
    bind: fields.object({ dn: bindDnField(), password: fields.secret() }).optional(),
    userDN: z.string().min(1).optional(),
    usernameAttribute: attributeField().optional(),
    passwordPolicy: z.boolean().default(true),
    userSearch: fields
      .object({
        baseDN: dnField().optional(),
        filter: filterField(userFilterFault).optional(),
        scope: z.enum(['base', 'one', 'sub']).default('sub'),
        attributes: z
          .array(z.string().regex(/^[\w.;-]+$|^[*+]$/, 'is not an attribute name'))
          .min(1)
          .optional(),
      })
      .optional(),
    groupSearch: fields
      .object({
        baseDN: dnField(),
        filter: filterField(groupFilterFault).optional(),
        nameAttribute: attributeField().default('cn'),
        nested: z.boolean().optional(),
      })
      .optional(),
    directory: z.enum(['generic', 'activeDirectory', 'posix']).default('generic'),
    pool: poolField(fields).optional(),
  });
}

export type WrittenOptions = z.output<ReturnType<typeof writtenOptions>>;

function poolField(fields: Fields) {
  return fields.object({
    size: z
      .int()
      .min(1)
      .max(MAX_POOL_SIZE)
      .default(DEFAULT_POOL_SIZE)
      .describe(
        `Connections for searches, and as many for logins: 1 to ${MAX_POOL_SIZE}, default ${DEFAULT_POOL_SIZE}.`,
      ),
    idleTimeout: fields
      .duration({ minMs: 1000 })
      .optional()
      .describe('How long an idle connection is kept: 1s to 8760h, default 2m.'),
  });
}

function urlField(): Schema<LdapUrl> {
  return z.string().transform((text, context) => {
    const url = parseLdapUrl(text);
    if (typeof url !== 'string') return url;
    context.addIssue({ code: 'custom', message: url });
    return z.NEVER;
  });
}

function attributeField() {
  return z.string().regex(/^[\w.-]+$/, 'is not an attribute name');
}

function filterField(faultOf: (filter: Filter) => string | undefined): Schema<Filter> {
  return z
    .string()
    .min(1)
    .transform((text, context) => {
      const filter = readFilter(text);
      const fault = typeof filter === 'string' ? filter : faultOf(filter);
      if (typeof filter !== 'string' && fault === undefined) return filter;
      context.addIssue({ code: 'custom', message: fault ?? '' });
      return z.NEVER;
    });
}

/** A loose check: the server knows its DNs best, this only finds what cannot be one. */
function dnField(): Schema<string> {
  return z.string().regex(/^\s*[\w.-]+\s*=.+$/s, 'is not a DN such as ou=people,dc=example,dc=org');
}

function bindDnField(): Schema<string> {
  return z.string().regex(/[=@\\]/, 'is not a DN such as cn=broker,dc=example,dc=org, a user@domain or a DOMAIN\\user');
}
