// The section `webhook`: the listener that kube-apiserver calls, and its endpoints.

import { z } from 'zod';
import { addressField } from './listener-schema.ts';
import type { Fields } from './provider-module.ts';
import type { Section } from './section.ts';
import { ALWAYS_LIST, unique } from './soundness.ts';
import { serverTlsField } from './tls-schema.ts';

/** Where kube-apiserver asks unless told, and where the portal does. */
export const DEFAULT_ENDPOINT = '/authenticate';

const PATH = /^\/(?:[\w.~-]+(?:\/[\w.~-]+)*)?$/;

/** `webhook{address,tls,http2,endpoints}`. */
export function webhookField(fields: Fields, nowMs: number) {
  const endpoint = fields.object({
    path: z.string().regex(PATH, 'must be a path such as /authenticate, without a slash at its end'),
    providers: z.array(z.string()).min(1).superRefine(checkRepeated, ALWAYS_LIST).optional(),
    audiences: z.array(z.string().min(1)).min(1).optional(),
  });
  return fields.object({
    address: addressField('webhook'),
    tls: serverTlsField(fields, nowMs).optional(),
    http2: z.boolean().default(true).describe('Offered by ALPN beside HTTP/1.1; default true.'),
    endpoints: z
      .array(endpoint)
      .min(1)
      .superRefine(unique('path'), ALWAYS_LIST)
      .default([{ path: DEFAULT_ENDPOINT }]),
  });
}

type Written = z.output<ReturnType<typeof webhookField>>;
export type WebhookSettings = ReturnType<typeof webhookSection>['settings'];
export type EndpointConfig = WebhookSettings['endpoints'][number];

/** An endpoint that lists no providers asks all of them, in the order written. */
export function webhookSection({ address, tls, http2, endpoints }: Written, providers: readonly string[]) {
  return {
    settings: {
      address,
      http2,
      ...(tls && { tls: tls.tls, certificateNotAfterMs: tls.notAfterMs }),
      endpoints: endpoints.map(({ path, providers: listed = providers, audiences }) => {
        return { path, providers: listed, ...(audiences && { audiences }) };
      }),
    },
    warnings: tls?.warnings ?? [],
  } satisfies Section<object>;
}

function checkRepeated(names: readonly unknown[], context: z.core.$RefinementCtx): void {
  const seen = new Set<unknown>();
  for (const [index, name] of names.entries()) {
    const message = `${String(name)} is in this list already`;
    if (typeof name === 'string' && seen.has(name)) context.addIssue({ code: 'custom', path: [index], message });
    seen.add(name);
  }
}
