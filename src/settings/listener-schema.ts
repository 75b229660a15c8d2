// What every listener of the configuration has: an address, and TLS unless nobody else can reach it.

import { z } from 'zod';
import { isLoopbackHost, parseAddress } from '../core/listening.ts';
import { isJsonObject } from '../text/json.ts';

/** Where each listener is unless told; the portal only when there is one. */
export const DEFAULT_ADDRESSES = {
  webhook: '127.0.0.1:8443',
  operations: '127.0.0.1:9090',
  portal: '127.0.0.1:8081',
} as const;

export function addressField(fallback: string) {
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

/** A refinement of the listener's block; `secrets` travel over it. */
export function demandTls(listener: string, secrets: string) {
  return (
    { address, tls }: { readonly address: unknown; readonly tls?: unknown },
    context: Pick<z.core.$RefinementCtx, 'addIssue'>,
  ): void => {
    const host = isJsonObject(address) ? address['host'] : undefined;
    if (tls !== undefined || typeof host !== 'string' || isLoopbackHost(host)) return;
    const message = `${host} is not a loopback address, and ${secrets} must not travel in clear: configure ${listener}.tls`;
    context.addIssue({ code: 'custom', path: ['address'], message });
  };
}
