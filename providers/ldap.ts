// The provider for directories: OpenLDAP, 389 Directory Server, Active Directory and everything else that speaks LDAP.

import type { Review } from '../src/core/authenticator.ts';
import type { Claims } from '../src/core/claims.ts';
import { usernameFault } from '../src/core/identity.ts';
import { type Provider, type ProviderSeams } from '../src/core/provider.ts';
import { abstained, rejected, unavailable, type Verdict } from '../src/core/verdict.ts';
import { defineProvider } from '../src/settings/provider-module.ts';
import { tlsWithContext } from '../src/upstream/http/tls.ts';
import type { DialTarget } from '../src/upstream/ldap/dial.ts';
import { createDirectory, type Directory } from '../src/upstream/ldap/directory.ts';
import { createGroups } from './ldap/groups.ts';
import { createLogin } from './ldap/login.ts';
import type { LdapOptions } from './ldap/options.ts';
import { optionsSchema, optionWarnings } from './ldap/options.ts';
import { probeServers } from './ldap/probe.ts';

/** With a second server to ask, a first one that does not answer may not use up the whole review. */
const SHARE_OF_ONE_SERVER = 0.4;

export const ldap = defineProvider<LdapOptions>({
  type: 'ldap',
  accepts: ['password'],
  options: optionsSchema,
  warnings: optionWarnings,
  open,
});

function open(options: LdapOptions, seams: ProviderSeams): Provider {
  const { clock, timeoutMs } = seams;
  const targets = targetsOf(options);
  const directory = directoryOf(options, targets, seams);
  const login = createLogin({ options, resolveGroups: createGroups(options, clock), seams });
  let isClosed = false;

  const authenticate = async (review: Review, signal: AbortSignal): Promise<Verdict<Claims>> => {
    const { credential } = review;
    if (credential.kind !== 'password') return abstained('wrong-kind');
    const { username, password } = credential;
    // RFC 4513 §5.1.2: many servers answer a bind without a password with success.
    if (password.reveal().trim() === '') return rejected('empty-password');
    if (password.reveal().includes('\0')) return rejected('malformed-password');
    const fault = usernameFault(username);
    if (fault !== undefined) return rejected(fault);
    if (isClosed) return unavailable('stopping');
    if (signal.aborted) return unavailable('timeout', 'the deadline was over before the directory was asked');
    const session = directory.session(signal, [username, password.reveal()]);
    const verdict = await login({ review, session, username, password });
    return isClosed && verdict.kind === 'unavailable' ? unavailable('stopping') : verdict;
  };

  return {
    accounts: { upstream: options.urls.map(({ host, port }) => `${host}:${port}`), within: withinOf(options) },
    authenticate,
    probe: (report, signal) => probeServers(targets, options, report, { signal, timeoutMs }),
    close: async () => {
      isClosed = true;
      directory.close();
    },
  };
}

function directoryOf(options: LdapOptions, targets: readonly DialTarget[], seams: ProviderSeams): Directory {
  const { clock, log, name, timeoutMs } = seams;
  return createDirectory({
    targets,
    ...(options.bind === undefined ? {} : { bind: options.bind }),
    passwordPolicy: options.passwordPolicy,
    poolSize: options.pool.size,
    idleTimeoutMs: options.pool.idleTimeoutMs,
    operationTimeoutMs: targets.length > 1 ? timeoutMs * SHARE_OF_ONE_SERVER : timeoutMs,
    clock,
    log,
    name,
  });
}

/** The base DN, or the template that makes a DN of a name. */
function withinOf({ user }: LdapOptions): string {
  return user.how === 'dn' ? user.template : user.search.baseDN;
}

/** The files are known to be good: the options were checked with them. */
function targetsOf({ urls, startTLS, tls }: LdapOptions): readonly DialTarget[] {
  const { secureContext: context, servername } = tlsWithContext(tls);
  return urls.map((url) => ({ url, startTLS, tls: { context, serverName: servername } }));
}
