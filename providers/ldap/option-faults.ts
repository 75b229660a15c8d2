// What is wrong with options that are right one by one.

import type { z } from 'zod';
import { isLoopbackHost } from '../../src/core/listening.ts';
import { type IsSound, soundness } from '../../src/settings/soundness.ts';
import { placeholdersIn } from '../../src/upstream/ldap/filter.ts';
import { formOf } from './settings.ts';
import { comparisonOfDn, USERNAME } from './template.ts';
import type { WrittenOptions } from './written-options.ts';

type Issue = (path: readonly (string | number)[], message: string) => void;

/** Adds every fault, not only the first, and judges nothing by a key that failed itself. */
export function addOptionFaults(options: WrittenOptions, context: z.core.$RefinementCtx): void {
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
