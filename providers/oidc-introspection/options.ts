// The options of `oidc-introspection`: which issuer or endpoint is asked, and as which client.

import { z } from 'zod';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import type { UpstreamTls } from '../../src/upstream/http/tls.ts';
import { type ClientProof, readClientKey } from '../../src/upstream/oidc/client-authentication.ts';

export interface IntrospectionOptions {
  /** Exactly as written: `iss` is compared with it character by character. */
  readonly issuer?: string;
  /** Given: nothing is discovered. */
  readonly introspectionEndpoint?: URL;
  readonly clientID: string;
  readonly proof: ClientProof;
  /** A token must be meant for one of these; absent: not checked here. */
  readonly audiences?: readonly string[];
  /** Absent: not asked, and the operator has not said so. */
  readonly userinfo?: boolean;
  readonly tls?: UpstreamTls;
}

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

type Written = z.output<ReturnType<typeof written>>;

/** The keys as they are written in YAML, checked one by one. */
function written(fields: Fields) {
  return fields.object({
    issuer: issuerField(fields).optional(),
    introspectionEndpoint: fields.httpUrl().optional(),
    clientID: z.string().min(1),
    clientSecret: fields.secret().optional(),
    privateKey: fields.secret().optional(),
    authMethod: z.enum(METHODS).optional(),
    audiences: z.array(z.string().min(1)).min(1).optional(),
    userinfo: z.boolean().optional(),
    tls: fields.upstreamTls().optional(),
  });
}

/** Keys that are right by themselves and wrong together are faults too, each with the sentence that cures it. */
export function introspectionOptions(fields: Fields): Schema<IntrospectionOptions> {
  return written(fields).transform((options, context) => {
    for (const [key, message] of faultsBetween(options)) {
      context.addIssue({ code: 'custom', path: key === '' ? [] : [key], message });
    }
    const proof = proofOf(options);
    if (typeof proof !== 'string') return assembled(options, proof);
    if (proof !== '') context.addIssue({ code: 'custom', path: ['privateKey'], message: proof });
    return z.NEVER;
  });
}

export function introspectionWarnings(options: IntrospectionOptions): readonly string[] {
  const warnings: string[] = [];
  if (options.issuer === undefined) {
    warnings.push(
      'issuer is not set, so every JWT costs a call: set issuer so that foreign tokens are told apart first',
    );
  }
  if (options.audiences === undefined) {
    warnings.push(
      'audiences is not set, so a token that was issued for any other application of the same authorization server is ' +
        'accepted, and so is a refresh token that the server does not mark as one: set audiences',
    );
  }
  if (options.userinfo === undefined && options.introspectionEndpoint === undefined) {
    warnings.push(
      'userinfo is not set, so a token is refused (subject-missing) where the server does not say whose it is when it ' +
        'introspects, as GitLab: set userinfo to true there, else to false',
    );
  }
  return warnings;
}

/** Keeps the text beside the check of its URL form, because an issuer is compared as text (OpenID Connect Core §3.1.3.7). */
function issuerField(fields: Fields): Schema<string> {
  return z.string().superRefine((text, context) => {
    const url = fields.httpUrl().safeParse(text);
    for (const { message } of url.error?.issues ?? []) context.addIssue({ code: 'custom', message });
    if (url.data === undefined) return;
    if (url.data.search !== '') context.addIssue({ code: 'custom', message: 'must not contain a query' });
    if (url.data.pathname.includes('/.well-known/')) {
      context.addIssue({
        code: 'custom',
        message: 'must be the issuer itself (the iss claim), not the address of its discovery document',
      });
    }
  });
}

function* faultsBetween(options: Written): Generator<readonly [keyof Written | '', string]> {
  const { issuer, introspectionEndpoint, clientSecret, privateKey, authMethod } = options;
  if (issuer === undefined && introspectionEndpoint === undefined) {
    yield ['', 'issuer or introspectionEndpoint is needed: with issuer the endpoint is discovered'];
  }
  if (options.userinfo === true && introspectionEndpoint !== undefined) {
    yield ['userinfo', 'needs discovery: set issuer and leave introspectionEndpoint out'];
  }
  if (clientSecret === undefined && privateKey === undefined) {
    yield ['', 'clientSecret or privateKey is needed: the broker must prove who asks'];
  } else if (clientSecret !== undefined && privateKey !== undefined) {
    yield ['privateKey', 'clientSecret and privateKey exclude each other: leave one out'];
  } else if (authMethod === 'private_key_jwt' && privateKey === undefined) {
    yield ['authMethod', 'private_key_jwt needs privateKey instead of clientSecret'];
  } else if (authMethod !== undefined && authMethod !== 'private_key_jwt' && clientSecret === undefined) {
    yield ['authMethod', `${authMethod} needs clientSecret instead of privateKey`];
  }
}

/** The proof; or what is wrong with the key, empty when another fault has said so already. */
function proofOf({ clientSecret, privateKey, authMethod }: Written): ClientProof | string {
  if (privateKey !== undefined) {
    const key = readClientKey(privateKey);
    return typeof key === 'string' ? key : { method: 'private_key_jwt', key };
  }
  if (clientSecret === undefined || authMethod === 'private_key_jwt') return '';
  return { method: authMethod ?? 'client_secret_basic', secret: clientSecret };
}

function assembled(options: Written, proof: ClientProof): IntrospectionOptions {
  const { issuer, introspectionEndpoint, clientID, audiences, userinfo, tls } = options;
  return {
    clientID,
    proof,
    ...(issuer === undefined ? {} : { issuer }),
    ...(introspectionEndpoint === undefined ? {} : { introspectionEndpoint }),
    ...(audiences === undefined ? {} : { audiences }),
    ...(userinfo === undefined ? {} : { userinfo }),
    ...(tls === undefined ? {} : { tls }),
  };
}
