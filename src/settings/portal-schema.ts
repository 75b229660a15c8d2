// The `portal` section: its listener, the ways to sign in, and the clusters to hand out.

import { z } from 'zod';
import { type Address, formatAddress } from '../core/listening.ts';
import type { HeaderSignIn, PortalSettings } from '../portal/settings.ts';
import type { Fields } from './field-types.ts';
import { parseTemplate, templateWarnings } from './kubeconfig-template.ts';
import { addressField, DEFAULT_ADDRESSES, demandTls } from './listener-schema.ts';
import { ALWAYS, soundness } from './soundness.ts';
import { type CheckedTls, webhookTlsField } from './tls-schema.ts';
import { trustedAddresses } from './trusted-addresses.ts';

type WrittenHeader = Omit<HeaderSignIn, 'endpoint'> & Partial<Pick<HeaderSignIn, 'endpoint'>>;

export interface CheckedPortal {
  readonly settings: Omit<PortalSettings, 'header'> & { readonly header?: WrittenHeader };
  readonly warnings: readonly string[];
}

/** RFC 9110 §5.1, and none that means something else. */
const HEADER = /^(?!(?:host|authorization|cookie|content-type|content-length|origin)$)[a-z0-9!#$%&'*+.^_`|~-]+$/i;

/** `portal{address,tls,publicURL,signIn,kubeconfig}`. */
export function portalField(fields: Fields, nowMs: number) {
  const block = fields.object({
    address: addressField(DEFAULT_ADDRESSES.portal),
    tls: webhookTlsField(fields, nowMs).optional(),
    publicURL: fields.httpUrl().optional().describe('Where people find it; default: its address.'),
    signIn: signInField(fields),
    kubeconfig: fields.object({ template: templateField(fields) }).optional(),
  });
  const checked = block
    .superRefine(demandTls('portal', 'passwords'), ALWAYS)
    .superRefine(({ signIn, tls }, context) => {
      const sound = soundness(context);
      if (!sound('tls') || !sound('signIn', 'header')) return;
      if (signIn.header?.trusted.clientNames === undefined || tls?.tls.clientCA !== undefined) return;
      const message = 'needs portal.tls.clientCAFile: without mutual TLS there is no client certificate to name';
      context.addIssue({ code: 'custom', path: ['signIn', 'header', 'trustedClientNames'], message });
    }, ALWAYS);
  return checked.transform((given): CheckedPortal => {
    const { address, tls, publicURL, signIn, kubeconfig } = given;
    const { header } = signIn;
    const clusters = kubeconfig?.template;
    return {
      settings: {
        address,
        ...(tls && { tls: tls.tls }),
        publicURL: withSlash(publicURL ?? addressURL(address, tls)),
        ...(signIn.password && { passwordEndpoint: signIn.password.endpoint }),
        ...(header && { header }),
        ...(clusters && { clusters }),
      },
      warnings: [...(tls?.warnings ?? []).map((warning) => `portal: ${warning}`), ...templateWarnings(clusters ?? [])],
    };
  });
}

function signInField(fields: Fields) {
  const block = fields.object({
    password: fields
      .object({
        endpoint: z.string().default('/authenticate').describe('Whose chain is asked; default /authenticate.'),
      })
      .optional(),
    header: headerField(fields).optional(),
  });
  return block.superRefine(({ password, header }, context) => {
    if (password !== undefined || header !== undefined) return;
    context.addIssue({ code: 'custom', message: 'password or header is needed: nobody could sign in' });
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
    trustedAddresses: z.array(z.string()).min(1).transform(trustedAddresses).optional(),
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
  return checked.transform((given): WrittenHeader => {
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
    const template = parseTemplate(file.text);
    if ('clusters' in template) return template.clusters;
    context.addIssue({ code: 'custom', message: `${file.path} ${template.fault}` });
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
