// The list `portal.signIn.oidc`: OpenID providers at which people sign in, one button each.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Secret } from '../core/secret.ts';
import type { OidcSignIn } from '../portal/settings.ts';
import { type ClientProof, readClientKey } from '../upstream/oidc/client-authentication.ts';
import type { Fields, Schema } from './provider-module.ts';
import { ALWAYS, ALWAYS_LIST, mapsIn, soundness, unique } from './soundness.ts';
import { DEFAULT_ENDPOINT } from './webhook-schema.ts';

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** `portal.signIn.oidc[]{name,issuer,clientID,clientSecret,privateKey,authMethod,scopes,token,endpoint,tls}`. */
export function oidcField(fields: Fields) {
  return z
    .array(buttonField(fields))
    .min(1)
    .superRefine(unique('name'), ALWAYS_LIST)
    .superRefine((buttons: readonly unknown[], context) => {
      const slugs = new Map<string, string>();
      for (const { index, value } of mapsIn(buttons)) {
        const { name } = value;
        if (typeof name !== 'string') continue;
        const [slug, other] = [slugOf(name), slugs.get(slugOf(name))];
        if (other !== undefined && other !== name) {
          const message = `has the redirect address of ${other}: give it a name that differs in more than case and signs`;
          context.addIssue({ code: 'custom', path: [index, 'name'], message });
        }
        slugs.set(slug, name);
      }
    }, ALWAYS_LIST);
}

export type WrittenButton = z.output<ReturnType<typeof buttonField>>;

export function oidcSignIn(written: WrittenButton, publicURL: URL): OidcSignIn {
  const { name, issuer, clientID, proof, scopes, token, endpoint, tls } = written;
  const slug = slugOf(name);
  return {
    name,
    slug,
    redirectURL: new URL(`callback/${slug}`, publicURL),
    client: { issuer, clientID, scopes, ...(proof && { proof }), ...(tls && { tls }) },
    token,
    endpoint,
  };
}

function buttonField(fields: Fields) {
  const block = fields.object({
    name: z.string().trim().min(1).max(60, 'must have at most 60 characters').describe('What the button says.'),
    issuer: issuerField(fields).describe('The iss claim of its ID tokens, from which the rest is discovered.'),
    clientID: z.string().min(1),
    clientSecret: fields.secret().optional().describe('Or privateKey; neither: a public client.'),
    privateKey: fields.secret().optional().describe('PEM, for private_key_jwt.'),
    authMethod: z.enum(METHODS).optional().describe('Default client_secret_basic, with privateKey private_key_jwt.'),
    scopes: z
      .array(z.string().regex(SCOPE, 'must be a scope: printable ASCII without space, quote and backslash'))
      .min(1)
      .default(['openid', 'profile', 'email'])
      .describe('Default openid, profile, email.'),
    token: z
      .enum(['id_token', 'access_token'])
      .default('id_token')
      .describe("What goes through the endpoint's chain as a bearer; default id_token."),
    endpoint: z.string().default(DEFAULT_ENDPOINT).describe(`Whose chain is asked; default ${DEFAULT_ENDPOINT}.`),
    tls: fields.upstreamTls().optional(),
  });
  const checked = block.superRefine((given, context) => {
    for (const [key, message] of faultsBetween(given, soundness(context))) {
      context.addIssue({ code: 'custom', path: [key], message });
    }
  }, ALWAYS);
  return checked.transform(({ clientSecret, privateKey, authMethod, ...rest }, context) => {
    const proof = proofOf({ clientSecret, privateKey, authMethod });
    if (typeof proof === 'string') context.addIssue({ code: 'custom', path: ['privateKey'], message: proof });
    return { ...rest, proof: typeof proof === 'string' ? undefined : proof };
  });
}

interface WrittenProof {
  readonly clientSecret?: Secret | undefined;
  readonly privateKey?: Secret | undefined;
  readonly authMethod?: (typeof METHODS)[number] | undefined;
}

function* faultsBetween(
  given: WrittenProof & { readonly scopes: readonly string[] },
  sound: ReturnType<typeof soundness>,
): Generator<readonly [string, string]> {
  const { clientSecret, privateKey, authMethod, scopes } = given;
  if (sound('scopes') && !scopes.includes('openid')) yield ['scopes', 'must hold openid: else there is no ID token'];
  if (clientSecret !== undefined && privateKey !== undefined) {
    yield ['privateKey', 'clientSecret and privateKey exclude each other: leave one out'];
  } else if (authMethod === 'private_key_jwt' && privateKey === undefined) {
    yield ['authMethod', 'private_key_jwt needs privateKey'];
  } else if (authMethod !== undefined && authMethod !== 'private_key_jwt' && clientSecret === undefined) {
    yield ['authMethod', `${authMethod} needs clientSecret`];
  }
}

/** Undefined for a public client; a sentence for a key that cannot be used. */
function proofOf({ clientSecret, privateKey, authMethod }: WrittenProof): ClientProof | string | undefined {
  if (privateKey !== undefined) {
    const key = readClientKey(privateKey);
    return typeof key === 'string' ? key : { method: 'private_key_jwt', key };
  }
  if (clientSecret === undefined || authMethod === 'private_key_jwt') return undefined;
  return { method: authMethod ?? 'client_secret_basic', secret: clientSecret };
}

/** The text beside the check of its form: an issuer is compared as text (OpenID Connect Core §3.1.3.7). */
function issuerField(fields: Fields): Schema<string> {
  return z.string().superRefine((text, context) => {
    const url = fields.httpUrl().safeParse(text);
    for (const { message } of url.error?.issues ?? []) context.addIssue({ code: 'custom', message });
    if (url.data === undefined) return;
    if (url.data.search !== '') context.addIssue({ code: 'custom', message: 'must not contain a query' });
    if (!url.data.pathname.includes('/.well-known/')) return;
    const message = 'must be the issuer itself (the iss claim), not the address of its discovery document';
    context.addIssue({ code: 'custom', message });
  });
}

/** `Corp SSO` is `corp-sso`; of a name without a Latin letter or digit it is a digest. */
function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return slug === '' ? createHash('sha256').update(name).digest('hex').slice(0, 12) : slug;
}
