// The options of http-bearer, and what makes them contradict each other.

import { z } from 'zod';
import type { Secret } from '../../src/core/secret.ts';
import type { Expression, Fields, Schema } from '../../src/settings/provider-module.ts';
import { ALWAYS, ALWAYS_LIST, unique } from '../../src/settings/soundness.ts';
import type { UpstreamTls } from '../../src/upstream/http/tls.ts';

/** One question about the person behind a token, asked with that token. */
export interface TokenRequest {
  /** The claim under which the answer stands. */
  readonly name: string;
  readonly url: URL;
  readonly pages: 'none' | 'link';
  readonly maxPages: number;
}

/** How a request carries the token. */
export interface TokenHeader {
  /** Lower case. */
  readonly header: string;
  /** In front of the token; empty: nothing. */
  readonly scheme: string;
}

/** Who the broker is where it asks for whom a token was made; the token is then a field of the body. */
export interface ProofClient {
  readonly id: string;
  readonly secret: Secret;
  readonly field: string;
  readonly body: 'form' | 'json';
}

export interface Proof {
  readonly url: URL;
  /** Absent: asked with the token, as everything else. */
  readonly client?: ProofClient;
  readonly expression: Expression<'accept'>;
}

export interface HttpBearerOptions extends TokenHeader {
  readonly requests: readonly [TokenRequest, ...TokenRequest[]];
  readonly acceptStatus: readonly number[];
  readonly rejectStatus: readonly number[];
  readonly accept?: Expression<'accept'> | undefined;
  /** Absent: whatever a token was made for, it is taken. */
  readonly proof?: Proof;
  readonly bodyBytes: number;
  readonly canary: boolean;
  readonly tls?: UpstreamTls | undefined;
}

const NAME = /^[A-Za-z_]\w{0,62}$/;
/** The provider's own claims. */
const TAKEN: ReadonlySet<string> = new Set(['username', 'subject']);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Written by the connection, or read by those in between. */
const NEVER_TOKEN: ReadonlySet<string> = new Set(
  'host connection content-length content-type transfer-encoding expect upgrade te trailer keep-alive accept user-agent'.split(
    ' ',
  ),
);

export function optionsSchema(fields: Fields): Schema<HttpBearerOptions> {
  const written = fields.object({
    requests: z.array(requestField(fields)).min(1).superRefine(unique('name'), ALWAYS_LIST),
    header: z
      .string()
      .regex(HEADER_NAME, { error: 'is not the name of a header' })
      .toLowerCase()
      .refine((name) => !NEVER_TOKEN.has(name), { error: 'cannot carry a token' })
      .default('authorization'),
    scheme: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/, { error: 'must be one word, or empty' })
      .optional(),
    acceptStatus: z.array(acceptable).min(1).default([200]),
    rejectStatus: z.array(rejectable).min(1).default([401, 403]),
    accept: fields.expression('accept').optional(),
    proof: fields.object({ request: proofRequestField(fields), expression: fields.expression('accept') }).optional(),
    anyAudience: z.boolean().optional(),
    bodyBytes: fields.bytes({ min: 1024, max: 16 * 1024 ** 2 }).prefault('1MiB'),
    canary: z.boolean().default(true),
    tls: fields.upstreamTls().optional(),
  });
  return written.superRefine(checkTogether, ALWAYS).transform(({ requests, scheme, proof, anyAudience, ...others }) => {
    const [first, ...rest] = requests;
    if (first === undefined) return z.NEVER;
    return {
      ...others,
      requests: [first, ...rest] as const,
      scheme: scheme ?? (others.header === 'authorization' ? 'Bearer' : ''),
      ...(proof && anyAudience !== true && { proof: { ...proof.request, expression: proof.expression } }),
    };
  });
}

const acceptable = z.int().refine((status) => status >= 200 && status <= 299, {
  error: 'only a status from 200 to 299 can mean that a token is good',
});

const rejectable = z.int().refine((status) => status >= 300 && status <= 499 && status !== 429, {
  error: 'only a status from 300 to 499 can mean that a token is bad, and never 429: an outage is no refusal',
});

function requestField(fields: Fields) {
  return fields.object({
    name: z
      .string()
      .regex(NAME, { error: 'must be letters, digits and underscores, and begin with no digit' })
      .refine((name) => !TAKEN.has(name), { error: 'is a claim of its own: choose another name' }),
    url: fields.httpUrl(),
    pages: z.enum(['none', 'link']).default('none'),
    maxPages: z.int().min(1).max(100).default(10),
  });
}

/** With a client secret the token goes into the body, because the header has the client's own credentials. */
function proofRequestField(fields: Fields): Schema<Omit<Proof, 'expression'>> {
  const written = fields.object({
    url: fields.httpUrl(),
    clientID: z.string().min(1).optional(),
    clientSecret: fields.secret().optional(),
    field: z.string().min(1).optional(),
    body: z.enum(['form', 'json']).optional(),
  });
  return written
    .superRefine(({ clientID, clientSecret, field, body }, context) => {
      const add = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
      if (clientID !== undefined && clientSecret === undefined) add('clientID', 'needs clientSecret beside it');
      if (clientID === undefined && clientSecret !== undefined) add('clientSecret', 'needs clientID beside it');
      if (clientID !== undefined || clientSecret !== undefined) return;
      for (const [key, value] of Object.entries({ field, body })) {
        if (value !== undefined) add(key, 'needs clientID and clientSecret: without them the token goes into a header');
      }
    }, ALWAYS)
    .transform(({ url, clientID, clientSecret, field = 'token', body = 'form' }) => ({
      url,
      ...(clientID !== undefined &&
        clientSecret !== undefined && { client: { id: clientID, secret: clientSecret, field, body } }),
    }));
}

interface Written {
  readonly requests?: unknown;
  readonly proof?: unknown;
  readonly anyAudience?: unknown;
  readonly tls?: unknown;
}

function checkTogether({ requests, proof, anyAudience, tls }: Written, context: z.core.$RefinementCtx): void {
  const add = (path: readonly PropertyKey[], message: string): void =>
    context.addIssue({ code: 'custom', path: [...path], message });
  if (proof === undefined && anyAudience !== true) {
    add(
      [],
      'proof is needed: without it a token that was made for any other application is good here; where that is meant, write anyAudience: true',
    );
  }
  if (proof !== undefined && anyAudience === true) {
    add(['anyAudience'], 'proof and anyAudience: true exclude each other: leave one out');
  }
  const list: readonly unknown[] = Array.isArray(requests) ? requests : [];
  if (pagesOf(list[0]) === 'link') add(['requests', 0, 'pages'], 'the first request says who it is, and has no pages');
  const urls = list.map(urlOf).filter((url) => url !== undefined);
  if (tls !== undefined && urls.some(({ protocol }) => protocol === 'http:')) {
    add(['tls'], 'tls needs urls that start with https');
  }
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
const pagesOf = (request: unknown): unknown => memberOf(request, 'pages');

function urlOf(request: unknown): URL | undefined {
  const url = memberOf(request, 'url');
  return url instanceof URL ? url : undefined;
}

/** Sentences for `check` and the start. */
export function bearerWarnings({ requests, proof, canary }: HttpBearerOptions): readonly string[] {
  const hosts = [...new Set([...requests, ...(proof ? [proof] : [])].map(({ url }) => url.origin))];
  return [
    ...(proof === undefined
      ? [
          `anyAudience is true: a token of ${hosts[0]} that was made for any other application logs its owner in here, so whoever runs such an application can act as everybody who uses it; set proof where the service can tell for whom a token was made`,
        ]
      : []),
    ...(hosts.length > 1 ? [`every token is sent to ${hosts.join(' and ')}: is each of them to see it?`] : []),
    ...(canary
      ? []
      : ['canary is off: an upstream that starts to accept everything, as a captive portal does, lets everybody in']),
  ];
}
