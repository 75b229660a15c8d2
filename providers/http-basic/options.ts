// The options of http-basic, and what makes them contradict each other.

import { z } from 'zod';
import type { Expression, Fields, Schema } from '../../src/settings/provider-module.ts';
import type { UpstreamTls } from '../../src/upstream/http/tls.ts';

export interface HttpBasicOptions {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly tls?: UpstreamTls | undefined;
  readonly acceptStatus: readonly number[];
  readonly rejectStatus: readonly number[];
  /** Must hold for an answer with an `acceptStatus` too. */
  readonly accept?: Expression<'accept'> | undefined;
  /** Lower-case names of the response headers that become claims. */
  readonly headers: readonly string[];
  readonly canary: boolean;
}

/** Session credentials: as claims they would end up in `explain` and in the identity. */
const NEVER_CLAIMS: ReadonlySet<string> = new Set([
  'set-cookie',
  'authorization',
  'authentication-info',
  'proxy-authorization',
]);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function optionsSchema(fields: Fields): Schema<HttpBasicOptions> {
  return fields
    .object({
      url: fields.httpUrl(),
      method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
      tls: fields.upstreamTls().optional(),
      acceptStatus: z.array(acceptable).min(1).default([200, 204]),
      rejectStatus: z.array(rejectable).min(1).default([401, 403]),
      accept: fields.expression('accept').optional(),
      headers: z.array(headerName).default([]),
      canary: z.boolean().default(true),
    })
    .superRefine(({ url, tls }, context) => {
      if (tls === undefined || url.protocol === 'https:') return;
      context.addIssue({ code: 'custom', path: ['tls'], message: 'tls needs a url that starts with https' });
    });
}

const acceptable = z.int().refine((status) => status >= 200 && status <= 299, {
  error: 'only a status from 200 to 299 can mean that a password is right',
});

const rejectable = z.int().refine((status) => status >= 300 && status <= 499 && status !== 429, {
  error: 'only a status from 300 to 499 can mean that a password is wrong, and never 429: an outage is no refusal',
});

const headerName = z
  .string()
  .regex(HEADER_NAME, { error: 'is not the name of a header' })
  .toLowerCase()
  .refine((name) => !NEVER_CLAIMS.has(name), { error: 'carries credentials and cannot become a claim' });
