// What of a configuration takes a restart.

import { formatAddress } from './core/listening.ts';
import type { Config } from './settings/config.ts';

/** A listener keeps its address and its kind while it is open; the sentence says what differs. */
export function whyRestart(before: Config, next: Config): string | undefined {
  const was = listening(before);
  const changed = Object.entries(listening(next)).find(([name, value]) => was[name] !== value);
  return changed && `${changed[0]} cannot change while the broker runs; restart it`;
}

function listening({ webhook, operations, portal }: Config): Readonly<Record<string, string | boolean>> {
  return {
    'webhook.address': formatAddress(webhook.address),
    'operations.address': formatAddress(operations.address),
    'the presence of portal': portal !== undefined,
    ...(portal && {
      'portal.address': formatAddress(portal.address),
      'the presence of portal.tls': portal.tls !== undefined,
      'the presence of portal.tls.clientCAFile': portal.tls?.clientCA !== undefined,
    }),
    'the presence of webhook.tls': webhook.tls !== undefined,
    'the presence of webhook.tls.clientCAFile': webhook.tls?.clientCA !== undefined,
  };
}
