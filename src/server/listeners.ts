// Opens the listeners of the program together: all of them, or none with one sentence why.

import { type Address, formatAddress, type ServerTls } from '../core/listening.ts';
import { errorWord } from '../text/error-code.ts';
import { type Handlers, type Listener, listen } from './listener.ts';

export interface ListenerPlan {
  readonly address: Address;
  readonly tls?: ServerTls | undefined;
  readonly handlers: Handlers;
}

/** A listener could not be opened; the message says which, why and what to do. */
export class ListenFailed extends Error {}

/** Listeners in the order planned; rejects with {@link ListenFailed}, and then nothing is left open. */
export async function openListeners(plans: readonly ListenerPlan[]): Promise<readonly Listener[]> {
  const results = await Promise.allSettled(plans.map(({ address, tls, handlers }) => listen(address, tls, handlers)));
  const open = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  const failed = results.findIndex((result) => result.status === 'rejected');
  const plan = plans[failed];
  if (plan === undefined) return open;
  await Promise.all(open.map((listener) => listener.stopAccepting()));
  const result = results[failed];
  throw new ListenFailed(listenFault(plan.address, result?.status === 'rejected' ? result.reason : undefined));
}

function listenFault(address: Address, error: unknown): string {
  const code = errorWord(error);
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use; stop the other program or change the address',
    EACCES: 'permission denied; use a port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'the host name does not resolve',
    EAI_AGAIN: 'the host name does not resolve',
  };
  return `cannot listen on ${formatAddress(address)}: ${why[code] ?? code}`;
}
