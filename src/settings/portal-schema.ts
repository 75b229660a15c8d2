// The section `portal`: its listener, the ways to sign in, and the clusters to hand out.

import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { type Address, formatAddress } from '../core/listening.ts';
import type { HeaderSignIn, PortalSettings } from '../portal/settings.ts';
import { parseTemplate } from './kubeconfig-template.ts';
import { addressField } from './listener-schema.ts';
import { oidcField, oidcSignIn } from './oidc-sign-in-schema.ts';
import type { Fields } from './provider-module.ts';
import type { Section } from './section.ts';
import { ALWAYS, soundness } from './soundness.ts';
import { type CheckedTls, serverTlsField } from './tls-schema.ts';
import { DEFAULT_ENDPOINT } from './webhook-schema.ts';

/** RFC 9110 §5.1, and none that means something else. */
const HEADER = /^(?!(?:host|authorization|cookie|content-type|content-length|origin)$)[a-z0-9!#$%&'*+.^_`|~-]+$/i;

/** `portal{address,tls,publicURL,signIn,kubeconfig}`. */
export function portalField(fields: Fields, nowMs: number) {
  const block = fields.object({
    address: addressField('portal'),
    tls: serverTlsField(fields, nowMs).optional(),
    publicURL: fields.httpUrl().optional().describe('Where people find it; default: its address.'),
    signIn: signInField(fields),
    kubeconfig: fields.object({ template: templateField(fields) }).optional(),
  });
  return block.superRefine(({ signIn, tls }, context) => {
    const sound = soundness(context);
    if (!sound('tls') || !sound('signIn', 'header')) return;
    if (signIn.header?.trusted.clientNames === undefined || tls?.tls.clientCA !== undefined) return;
    const message = 'needs portal.tls.clientCAFile: without mutual TLS there is no client certificate to name';
    context.addIssue({ code: 'custom', path: ['signIn', 'header', 'trustedClientNames'], message });
  }, ALWAYS);
}

type Written = z.output<ReturnType<typeof portalField>>;

/** `endpoint` is where the tokens are good of people whom a proxy signed in, unless that is written. */
export function portalSection(given: Written, endpoint: string): Section<PortalSettings> {
  const { address, tls, publicURL, signIn, kubeconfig } = given;
  const { password, header, oidc } = signIn;
  const found = withSlash(publicURL ?? addressURL(address, tls));
  return {
    settings: {
      address,
      ...(tls && { tls: tls.tls }),
      publicURL: found,
      ...(password && { passwordEndpoint: password.endpoint }),
      ...(header && { header: { endpoint, ...header } }),
      ...(oidc && { oidc: oidc.map((written) => oidcSignIn(written, found)) }),
      ...(kubeconfig && { kubeconfig: kubeconfig.template.template }),
    },
    warnings: [
      ...(tls?.warnings ?? []).map((warning) => `portal: ${warning}`),
      ...(kubeconfig?.template.warnings ?? []),
    ],
  };
}

/** Undefined where what it is made of is not sound. */
export function publicURLOf({ address, tls, publicURL }: Partial<Written>): URL | undefined {
  if (publicURL instanceof URL) return withSlash(publicURL);
  return publicURL === undefined && typeof address?.host === 'string' ? addressURL(address, tls) : undefined;
}

function signInField(fields: Fields) {
  const block = fields.object({
    password: fields
      .object({
        endpoint: z.string().default(DEFAULT_ENDPOINT).describe(`Whose chain is asked; default ${DEFAULT_ENDPOINT}.`),
      })
      .optional(),
    header: headerField(fields).optional(),
    oidc: oidcField(fields).optional().describe('Buttons of the page, in this order.'),
  });
  return block.superRefine(({ password, header, oidc }, context) => {
    if (password !== undefined || header !== undefined || oidc !== undefined) return;
    context.addIssue({ code: 'custom', message: 'password, header or oidc is needed: nobody could sign in' });
  }, ALWAYS);
}

function headerName(fallback: string) {
  const text = z.string().regex(HEADER, 'must be the name of a header of its own');
  return text.default(fallback).describe(`Default ${fallback}.`);
}

function headerField(fields: Fields) {
  const block = fields.object({
    user: headerName('X-Forwarded-User'),
    groups: headerName('X-Forwarded-Groups'),
    groupsDelimiter: z.string().min(1).default(';').describe('Default ";".'),
    endpoint: z
      .string()
      .optional()
      .describe('Where these tokens are good; default the first endpoint with a provider of type issued.'),
    trustedClientNames: z.array(z.string().min(1)).min(1).optional(),
    trustedAddresses: z.array(z.string()).min(1).transform(blockList).optional(),
  });
  const checked = block.superRefine(({ user, groups, trustedClientNames, trustedAddresses: addresses }, context) => {
    const sound = soundness(context);
    const fail = (message: string): void => context.addIssue({ code: 'custom', message });
    if (sound('user') && sound('groups') && user.toLowerCase() === groups.toLowerCase()) {
      fail('user and groups are the same header');
    }
    if (trustedClientNames === undefined && addresses === undefined) {
      fail('trustedClientNames or trustedAddresses is needed: anybody could claim to be anybody');
    }
  }, ALWAYS);
  return checked.transform((given): Omit<HeaderSignIn, 'endpoint'> & Partial<Pick<HeaderSignIn, 'endpoint'>> => {
    const { trustedClientNames: clientNames, trustedAddresses: addresses, groupsDelimiter, endpoint } = given;
    return {
      user: given.user.toLowerCase(),
      groups: given.groups.toLowerCase(),
      groupsDelimiter,
      ...(endpoint !== undefined && { endpoint }),
      trusted: { ...(clientNames && { clientNames }), ...(addresses && { addresses }) },
    };
  });
}

function templateField(fields: Fields) {
  return fields.file().transform((file, context) => {
    const read = parseTemplate(file.text);
    if ('template' in read) return read;
    context.addIssue({ code: 'custom', message: `${file.path} ${read.fault}` });
    return z.NEVER;
  });
}

function addressURL(address: Address, tls: CheckedTls | undefined): URL {
  const host = formatAddress(address).replace(/^0\.0\.0\.0:/, 'localhost:');
  return new URL(`${tls === undefined ? 'http' : 'https'}://${host}/`);
}

/** Relative names resolve below it. */
function withSlash(url: URL): URL {
  const copy = new URL(url);
  copy.search = '';
  if (!copy.pathname.endsWith('/')) copy.pathname += '/';
  return copy;
}

/** A zod transform: `127.0.0.1/32`, `10.0.0.0/8`, `fd00::/8`, or one address; a block of half the world is refused. */
function blockList(texts: readonly string[], context: z.core.$RefinementCtx): BlockList {
  const list = new BlockList();
  texts.forEach((text, index) => {
    const block = parseBlock(text);
    if (typeof block === 'string') context.addIssue({ code: 'custom', path: [index], message: block });
    else list.addSubnet(block.address, block.prefix, block.family);
  });
  return list;
}

interface Block {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function parseBlock(text: string): Block | string {
  const [, address = '', written] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return 'must be an address or a block such as 127.0.0.1/32';
  const bits = version === 4 ? 32 : 128;
  const prefix = written === undefined ? bits : Number(written);
  if (prefix > bits) return `must not have more than ${bits} bits`;
  if (prefix === 0) return 'would trust everybody';
  const block = { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' } as const;
  const reason = whyTooWide(block);
  return reason === undefined ? block : `${reason}; name the proxies, or their network`;
}

/** Private networks are at most so wide: 10.0.0.0/8 (RFC 1918) and fc00::/7 (RFC 4193). */
function whyTooWide({ address, prefix, family }: Block): string | undefined {
  if (family === 'ipv4') return prefix < 8 ? 'is wider than any network of one owner' : undefined;
  if (prefix < (/^f[cd]/i.test(address) ? 7 : 16)) return 'is wider than any network of one owner';
  const alone = new BlockList();
  alone.addSubnet(address, prefix, family);
  const isAllIPv4 = ['::ffff:1.0.0.1', '::ffff:200.0.0.1'].every((mapped) => alone.check(mapped, 'ipv6'));
  return isAllIPv4 ? 'holds every IPv4 address' : undefined;
}
