// What every listener of the configuration has: an address of its own, and TLS unless it listens on loopback alone.

import { z } from 'zod';
import { type Address, formatAddress, isLoopbackHost, parseAddress } from '../core/listening.ts';
import { soundness } from './soundness.ts';

type Name = keyof typeof DEFAULTS;

/** Where each listener is unless told; the portal only when there is one. */
const DEFAULTS = { webhook: '127.0.0.1:8443', operations: '127.0.0.1:9090', portal: '127.0.0.1:8081' } as const;
const NAMES = ['webhook', 'operations', 'portal'] as const;

/** What travels over a listener that is in need of TLS. */
const SECRETS: Partial<Record<Name, string>> = { webhook: 'tokens', portal: 'passwords' };

export function addressField(listener: Name) {
  const fallback = DEFAULTS[listener];
  return z
    .string()
    .default(fallback)
    .describe(`host:port; default ${fallback}.`)
    .transform((text, context) => {
      const address = parseAddress(text);
      if (address !== undefined) return address;
      context.addIssue({ code: 'custom', message: 'must be host:port, for example 127.0.0.1:8443' });
      return z.NEVER;
    });
}

interface Listener {
  readonly address: Address;
  readonly tls?: unknown;
}

/** A refinement of the whole file: no secret travels in clear, and no two listeners have one address. */
export function checkListeners(
  given: { readonly [name in Exclude<Name, 'portal'>]: Listener } & { readonly portal?: Listener | undefined },
  context: Pick<z.core.$RefinementCtx, 'addIssue' | 'issues'>,
): void {
  const sound = soundness(context);
  const listeners = NAMES.flatMap((name) => {
    const listener = given[name];
    return listener !== undefined && sound(name, 'address') ? [{ name, ...listener }] : [];
  });
  const fail = (name: Name, message: string): void =>
    context.addIssue({ code: 'custom', path: [name, 'address'], message });
  for (const { name, address, tls } of listeners) {
    const secrets = SECRETS[name];
    if (secrets === undefined || tls !== undefined || isLoopbackHost(address.host)) continue;
    fail(
      name,
      `${address.host} is not a loopback address, and ${secrets} must not travel in clear: configure ${name}.tls`,
    );
  }
  for (const [index, { name, address }] of listeners.entries()) {
    const other = listeners.slice(0, index).find((earlier) => isSame(earlier.address, address));
    if (other === undefined) continue;
    const text = formatAddress(address);
    const [at, same] = text === DEFAULTS[name] ? [other.name, name] : [name, other.name];
    fail(at, `${text} is ${same}.address, too; every listener needs a port of its own`);
  }
}

/** Port 0 is a free one, another each time. */
function isSame(a: Address, b: Address): boolean {
  return a.port !== 0 && a.port === b.port && a.host === b.host;
}
