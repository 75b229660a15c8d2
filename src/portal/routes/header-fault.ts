// Why a proxy's word was not taken, for the answer and for the log.

import type { HeaderIdentity } from '../header-identity.ts';
import type { Portal } from '../portal.ts';

export interface HeaderFault {
  readonly status: number;
  /** One word for the log. */
  readonly reason: string;
  readonly error: string;
}

export function headerFault(
  { kind }: Exclude<HeaderIdentity, { readonly kind: 'identity' }>,
  { settings }: Pick<Portal, 'settings'>,
): HeaderFault {
  const user = settings.header?.user ?? 'user';
  switch (kind) {
    case 'untrusted':
      return { status: 403, reason: 'untrusted-peer', error: 'this peer may not say who its user is' };
    case 'missing':
      return { status: 400, reason: 'missing-user', error: `the header ${user} is missing` };
    case 'ambiguous':
      return { status: 400, reason: 'ambiguous-user', error: 'an identity header is here twice' };
    case 'unusable':
      return { status: 400, reason: 'invalid-username', error: `the header ${user} holds no name that can be used` };
  }
}
