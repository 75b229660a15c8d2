// Kubeconfigs to download: without a secret, and the one with a token that kubehook gave.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendError, sendFile, sendText } from '../answer.ts';
import { loginKubeconfig, tokenKubeconfig } from '../kubeconfig.ts';
import { parseLifetime } from '../lifetime.ts';
import { identityOf, type Portal, seamsOf, tellInvalid } from '../portal.ts';
import { headerSignIn } from '../sign-in.ts';
import { headerFault } from './header-fault.ts';

const NO_TEMPLATE = 'portal.kubeconfig.template is not configured';
const NAME = 'kubeconfig.yaml';

/** Anybody may have it: it names clusters and holds no secret. 501 without a template. */
export function getKubeconfig({ settings }: Portal, _request: IncomingMessage, response: ServerResponse): void {
  const { kubeconfig, publicURL } = settings;
  if (kubeconfig === undefined) sendError(response, 501, NO_TEMPLATE);
  else sendFile(response, NAME, loginKubeconfig(kubeconfig, publicURL));
}

/** `GET /kubecfg?lifetime=24h`, only with `kubehookCompatible`: a GET that mints, for a trusted proxy. */
export async function getKubecfg(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { kubeconfig } = portal.settings;
  if (kubeconfig === undefined) return sendText(response, 501, NO_TEMPLATE);
  if (request.method !== 'GET') return sendText(response, 405, 'only GET is served here', { Allow: 'GET' });
  const identity = identityOf(portal, request);
  if (identity.kind !== 'identity') {
    const { status, reason, error } = headerFault(identity, portal);
    tellInvalid(portal, 'header', reason);
    return sendText(response, status, error);
  }
  const asked = new URL(request.url ?? '/', portal.settings.publicURL).searchParams.get('lifetime');
  const lifetime = parseLifetime(asked, portal.issuer.settings.lifetime);
  if ('fault' in lifetime) {
    tellInvalid(portal, 'header', 'lifetime');
    return sendText(response, 400, lifetime.fault);
  }
  const signIn = await headerSignIn({ ...identity, lifetimeMs: lifetime.ms }, seamsOf(portal));
  if (signIn.kind === 'issued') sendFile(response, NAME, tokenKubeconfig(kubeconfig, signIn.minted.token));
  else sendText(response, 503, `no token could be issued, review ${signIn.id}`);
}
