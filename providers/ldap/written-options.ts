// The options of an ldap provider as they are written: key by key, and what is wrong with keys that are right one by one.

import { z } from 'zod';
import { isLoopbackHost } from '../../src/core/listening.ts';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import { ALWAYS, type IsSound, soundness } from '../../src/settings/soundness.ts';
import { type LdapUrl, parseLdapUrl } from '../../src/upstream/ldap/dial.ts';
import { type Filter, placeholdersIn } from '../../src/upstream/ldap/filter.ts';
import { comparisonOfDn, formOf, groupFilterFault, readFilter, USERNAME, userFilterFault } from './template.ts';

export const DEFAULT_POOL_SIZE = 10;
export const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
const MAX_POOL_SIZE = 256;

/** Every fault at once, also of what depends on several keys. */
export function writtenOptions(fields: Fields) {
  return writtenKeys(fields).superRefine(addOptionFaults, ALWAYS);
}

function writtenKeys(fields: Fields) {
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

export type WrittenOptions = z.output<ReturnType<typeof writtenKeys>>;

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

type Issue = (path: readonly (string | number)[], message: string) => void;

/** Adds every fault, not only the first, and judges nothing by a key that failed itself. */
function addOptionFaults(options: WrittenOptions, context: z.core.$RefinementCtx): void {
  const issue: Issue = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
  const sound = soundness(context);
  addTransportFaults(options, issue, sound);
  addTlsFaults(options, issue, sound);
  if (options.userDN === undefined) addSearchFaults(options, issue, sound);
  else if (sound('userDN')) addUserDnFaults(options, options.userDN, issue, sound);
  addGroupFaults(options, issue, sound);
}

function addTransportFaults({ urls, startTLS, allowPlaintext }: WrittenOptions, issue: Issue, sound: IsSound): void {
  const isModeKnown = sound('startTLS') && sound('allowPlaintext');
  const seen = new Set<string>();
  for (const [index, url] of Array.isArray(urls) ? urls.entries() : []) {
    if (!sound('urls', index)) continue;
    if (seen.has(url.href)) issue(['urls', index], `names ${url.href} a second time`);
    seen.add(url.href);
    if (!isModeKnown) continue;
    if (url.secure && startTLS)
      issue(['urls', index], 'is ldaps://, which startTLS is not for; write ldap:// or remove startTLS');
    if (!url.secure && !startTLS && !allowPlaintext && !isLoopbackHost(url.host)) {
      issue(
        ['urls', index],
        'would carry passwords in clear: use ldaps://, or startTLS: true (allowPlaintext: true accepts the risk)',
      );
    }
  }
}

function addTlsFaults({ urls, startTLS, tls }: WrittenOptions, issue: Issue, sound: IsSound): void {
  if (tls === undefined) return;
  if (sound('urls') && sound('startTLS') && !startTLS && urls.every((url) => !url.secure))
    issue(['tls'], 'has no effect: no address is ldaps:// and startTLS is off');
}

function addSearchFaults(options: WrittenOptions, issue: Issue, sound: IsSound): void {
  const { userSearch, bind, directory } = options;
  if (userSearch === undefined) {
    return issue(
      [],
      'does not say how users are found: set userSearch (with bind, or for anonymous search), or userDN',
    );
  }
  if (sound('userSearch', 'baseDN') && userSearch.baseDN === undefined) issue(['userSearch'], 'must have a baseDN');
  if (bind === undefined && directory === 'activeDirectory') {
    issue([], 'needs bind or userDN: Active Directory answers no anonymous search');
  }
}

function addUserDnFaults(options: WrittenOptions, userDN: string, issue: Issue, sound: IsSound): void {
  const form = formOf(userDN);
  if (!userDN.includes(USERNAME))
    return issue(['userDN'], 'must contain {username}, or everybody would bind as the same entry');
  if (form === undefined) {
    return issue(
      ['userDN'],
      'must be a DN such as uid={username},ou=people,dc=example,dc=org, {username}@domain or DOMAIN\\{username}',
    );
  }
  if (form === 'dn' && (comparisonOfDn(userDN) === undefined || userDN.split(USERNAME).length !== 2)) {
    issue(['userDN'], 'must have {username} in its first part, once');
  }
  if (form === 'dn') return;
  if (sound('userSearch', 'baseDN') && options.userSearch?.baseDN === undefined) {
    return issue(['userDN'], 'is no DN, so userSearch.baseDN must say where the entry is searched');
  }
}

function addGroupFaults({ groupSearch, directory }: WrittenOptions, issue: Issue, sound: IsSound): void {
  if (!sound('groupSearch', 'filter')) return;
  const { filter, nested } = groupSearch ?? {};
  const findsByDn = filter === undefined ? directory !== 'posix' : placeholdersIn(filter).includes('dn');
  if (nested === true && sound('directory') && !findsByDn) {
    issue(['groupSearch', 'nested'], 'needs a filter with {dn}: groups of groups are members by their DN');
  }
}
