// The options of `oidc-jwt`: an issuer as in kube-apiserver's AuthenticationConfiguration, and where its keys come from.

import { z } from 'zod';
import type { ConfigFile, Fields, Schema } from '../../src/settings/provider-module.ts';
import { isJsonObject, parseJson } from '../../src/text/json.ts';
import { tlsFault } from '../../src/upstream/http/tls.ts';
import {
  type KeySet,
  parseKeySet,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
} from '../../src/upstream/oidc/key-set.ts';

export interface OidcJwtOptions {
  /** Exactly as written: `iss` is compared with it character by character. */
  readonly issuer: string;
  /** In place of the well-known address. */
  readonly discoveryURL?: URL;
  /** PEM; replaces the system's authorities. */
  readonly ca?: string;
  /** A token must be meant for one of these. */
  readonly audiences: readonly string[];
  /** Given: nothing is discovered. */
  readonly keys?: KeySet;
  readonly signingAlgorithms: readonly SigningAlgorithm[];
  /** How long keys serve while the issuer is down. */
  readonly maxKeyAgeMs: number;
  readonly userinfo: boolean;
  /** `host` or `host:port` from which groups may be fetched that a token only points to. */
  readonly claimHosts: ReadonlySet<string>;
}

type Written = z.output<ReturnType<typeof written>>;

/** The keys as they are written in YAML, checked one by one. */
function written(fields: Fields) {
  const issuer = fields.object({
    url: issuerField(fields),
    discoveryURL: documentField(fields).optional(),
    certificateAuthority: authorityField().optional(),
    certificateAuthorityFile: fields.file().superRefine(checkAuthority).optional(),
    audiences: z.array(z.string().min(1)).min(1).superRefine(checkRepeated),
    audienceMatchPolicy: z.enum(['MatchAny', '']).optional(),
  });
  return fields.object({
    issuer,
    keysFile: fields.file().transform(readKeys).optional(),
    signingAlgorithms: z
      .array(z.enum(SIGNING_ALGORITHMS))
      .min(1)
      .default(['RS256', 'ES256'])
      .describe('What a token may be signed with: RS, ES and PS with 256, 384 and 512; default RS256 and ES256.'),
    maxKeyAge: fields
      .duration({ minMs: 60_000 })
      .prefault('24h')
      .describe('How long keys serve while the issuer is down: at least 1m, default 24h.'),
    userinfo: z.boolean().default(false),
    distributedClaims: fields.object({ allowedHosts: z.array(hostField()).min(1) }).optional(),
  });
}

/** Keys that are right by themselves and wrong together are faults too, each with the sentence that cures it. */
export function oidcJwtOptions(fields: Fields): Schema<OidcJwtOptions> {
  return written(fields).transform((options, context) => {
    for (const [path, message] of faultsBetween(options))
      context.addIssue({ code: 'custom', path: [...path], message });
    return assembled(options);
  });
}

/** The rules of k8s.io/apiserver pkg/apis/apiserver/validation, validateIssuer. */
function* faultsBetween({ issuer, keysFile, userinfo }: Written): Generator<readonly [readonly string[], string]> {
  const { url, discoveryURL, certificateAuthority, certificateAuthorityFile, audiences, audienceMatchPolicy } = issuer;
  if (discoveryURL !== undefined && withoutSlashes(discoveryURL.href) === withoutSlashes(url)) {
    yield [
      ['issuer', 'discoveryURL'],
      'must be another address than url; leave it out when the well-known one is right',
    ];
  }
  if (certificateAuthority !== undefined && certificateAuthorityFile !== undefined) {
    yield [['issuer', 'certificateAuthorityFile'], 'excludes certificateAuthority: leave one out'];
  }
  if (audiences.length > 1 && audienceMatchPolicy !== 'MatchAny') {
    yield [['issuer', 'audienceMatchPolicy'], 'must be MatchAny for several audiences'];
  }
  if (keysFile === undefined) return;
  const cure = 'has no effect beside keysFile, which takes the place of discovery: leave one out';
  if (discoveryURL !== undefined) yield [['issuer', 'discoveryURL'], cure];
  if (certificateAuthority !== undefined) yield [['issuer', 'certificateAuthority'], cure];
  if (certificateAuthorityFile !== undefined) yield [['issuer', 'certificateAuthorityFile'], cure];
  if (userinfo) yield [['userinfo'], 'needs discovery: leave keysFile out'];
}

const withoutSlashes = (url: string): string => url.replace(/\/+$/, '');

function assembled(options: Written): OidcJwtOptions {
  const { issuer, keysFile, signingAlgorithms, maxKeyAge, userinfo, distributedClaims } = options;
  const ca = issuer.certificateAuthority ?? issuer.certificateAuthorityFile?.text;
  return {
    issuer: issuer.url,
    audiences: issuer.audiences,
    signingAlgorithms,
    maxKeyAgeMs: maxKeyAge,
    userinfo,
    claimHosts: new Set(distributedClaims?.allowedHosts),
    ...(issuer.discoveryURL === undefined ? {} : { discoveryURL: issuer.discoveryURL }),
    ...(ca === undefined ? {} : { ca }),
    ...(keysFile === undefined ? {} : { keys: keysFile }),
  };
}

export function oidcJwtWarnings({ keys, signingAlgorithms }: OidcJwtOptions): readonly string[] {
  if (keys === undefined) return [];
  const idle = signingAlgorithms.filter((algorithm) => !keys.keys.some((key) => key.allows(algorithm)));
  return [
    ...keys.ignored.map((sentence) => `keysFile: ${sentence}, so it is ignored`),
    ...(idle.length === signingAlgorithms.length
      ? [`no key of keysFile is for ${idle.join(' or ')}, so every token is refused: compare signingAlgorithms`]
      : []),
  ];
}

type Context = z.core.$RefinementCtx;

/** Keeps the text beside the check of its URL form, because an issuer is compared as text. */
function issuerField(fields: Fields): Schema<string> {
  return z.string().superRefine((text, context) => {
    const url = documentField(fields).safeParse(text);
    for (const { message } of url.error?.issues ?? []) context.addIssue({ code: 'custom', message });
    if (url.data?.pathname.includes('/.well-known/') === true) {
      context.addIssue({ code: 'custom', message: 'must be the issuer itself (the iss claim); see discoveryURL' });
    }
  });
}

function documentField(fields: Fields): Schema<URL> {
  return fields.httpUrl().superRefine(({ search }, context) => {
    if (search !== '') context.addIssue({ code: 'custom', message: 'must not contain a query' });
  });
}

function authorityField(): Schema<string> {
  return z.string().superRefine((text, context) => checkAuthority({ text }, context));
}

function checkAuthority({ text }: Pick<ConfigFile, 'text'>, context: Context): void {
  if (tlsFault({ ca: text }) !== undefined)
    context.addIssue({ code: 'custom', message: 'must be certificates in PEM' });
}

function checkRepeated(values: readonly string[], context: Context): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) === index) return;
    context.addIssue({ code: 'custom', path: [index], message: 'is there already' });
  });
}

function hostField(): Schema<string> {
  return z
    .string()
    .toLowerCase()
    .refine((host) => URL.parse(`https://${host}`)?.host === host, {
      error: 'must be a host name, with a port unless it is 443: graph.example.org or localhost:8443',
    });
}

function readKeys({ text }: ConfigFile, context: Context): KeySet {
  const keys = keySetIn(text);
  const fault =
    keys === undefined
      ? 'must be a JSON Web Key Set: {"keys": […]}'
      : keys.keys.length === 0
        ? noKeys(keys)
        : undefined;
  if (keys !== undefined && fault === undefined) return keys;
  context.addIssue({ code: 'custom', message: fault ?? '' });
  return z.NEVER;
}

function keySetIn(text: string): KeySet | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? parseKeySet(value) : undefined;
}

function noKeys({ ignored }: KeySet): string {
  return ['has no key that can verify a token', ...ignored.slice(0, 5)].join('; ');
}
