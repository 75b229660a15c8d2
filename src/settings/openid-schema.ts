// The section `issuer.openid`: for which clients the broker is an OpenID provider.

import { z } from 'zod';
import { isLoopbackHost } from '../core/listening.ts';
import type { IssuerSettings, OpenidSettings } from '../issuer/settings.ts';
import { isJsonObject } from '../text/json.ts';
import { publicURLOf } from './portal-schema.ts';
import type { Fields } from './provider-module.ts';
import type { Written as File } from './schema.ts';
import { ALWAYS_LIST, unique } from './soundness.ts';

const CLIENT_ID = /^[\w.:@/-]{1,128}$/;
const LONGEST_MS = 90 * 24 * 3_600_000;

/** `issuer.openid{clients[]{id,redirectURIs},refresh{lifetime}}`. */
export function openidField(fields: Fields) {
  const client = fields.object({
    id: z.string().regex(CLIENT_ID, 'must be letters, digits, ".", ":", "@", "/", "_" or "-", at most 128'),
    redirectURIs: z
      .array(z.string().superRefine(checkRedirect))
      .min(1)
      .describe('https, or http to a loopback host, which then may have any port.'),
  });
  return fields.object({
    clients: z
      .array(client)
      .min(1)
      .superRefine(unique('id'), ALWAYS_LIST)
      .describe('Public clients; PKCE is demanded.'),
    refresh: fields
      .object({
        lifetime: fields
          .duration({ minMs: 60_000, maxMs: LONGEST_MS })
          .prefault('12h')
          .describe('From the sign-in on: 1m to 2160h, default 12h.'),
      })
      .prefault({}),
  });
}

type Written = z.output<ReturnType<typeof openidField>>;

export function openidSettings({ clients, refresh }: Written): OpenidSettings {
  return {
    clients: clients.map(({ id, redirectURIs }) => ({ id, redirectURIs: redirectURIs.flatMap(spellings) })),
    refreshMs: refresh.lifetime,
  };
}

function checkRedirect(text: string, context: z.core.$RefinementCtx): void {
  const fail = (message: string): void => context.addIssue({ code: 'custom', message });
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return fail('must be an http or https URL');
  if (url.hash !== '') return fail('must not contain a fragment');
  if (url.username !== '' || url.password !== '') return fail('must not contain a user or a password');
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) return fail('must be https, but for a loopback host');
}

/** Without a path the client may ask for none or for `/`: libraries differ. */
function spellings(text: string): readonly string[] {
  const bare = text.replace(/\/$/, '');
  return new URL(text).pathname === '/' && !text.includes('?') ? [bare, `${bare}/`] : [text];
}

type Fault = readonly [(string | number)[], string];

/** Clients find everything below the name that the tokens have, and verify with public keys alone. */
export function openidFaults({ issuer, portal }: File): readonly Fault[] {
  if (!isJsonObject(issuer) || issuer.openid === undefined) return [];
  const path = ['issuer', 'openid'];
  if (!isJsonObject(portal)) return portal === undefined ? [[path, 'needs the section portal, which serves it']] : [];
  const [first] = Array.isArray(issuer.keys) ? issuer.keys : [];
  const algorithm =
    first !== undefined && 'result' in first && 'key' in first.result ? first.result.key.algorithm : undefined;
  const url = publicURLOf(portal)?.href.replace(/\/$/, '');
  return [
    ...(typeof issuer.name === 'string' && url !== undefined && issuer.name.replace(/\/$/, '') !== url
      ? [[['issuer', 'name'], `must be portal.publicURL (${url}) where issuer.openid is written`] satisfies Fault]
      : []),
    ...(algorithm === 'HS256'
      ? [
          [
            ['issuer', 'keys', 0],
            'must be ES256 or EdDSA where issuer.openid is written: others verify with its public half',
          ] satisfies Fault,
        ]
      : []),
  ];
}

/** What is legal and probably not meant. */
export function openidWarnings(issuer: IssuerSettings | undefined, shared: unknown): string[] {
  if (issuer?.openid === undefined) return [];
  return [
    ...(issuer.keys[0]?.algorithm === 'EdDSA'
      ? [
          'issuer.openid: kube-apiserver verifies no EdDSA token by itself; sign with a key of ES256 where a cluster has no webhook',
        ]
      : []),
    ...(shared === undefined
      ? []
      : [
          'issuer.openid: codes and refresh tokens are kept by the broker that gave them, not in the shared store; keep a client at one broker',
        ]),
  ];
}
