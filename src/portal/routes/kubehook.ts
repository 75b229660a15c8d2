// What planetlabs/kubehook served: a token for the user of a trusted proxy, alone or in a kubeconfig.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { readAnyJson } from '../../http/body.ts';
import { sendError, sendFile, sendJson, sendText } from '../answer.ts';
import { KUBECONFIG_NAME, NO_TEMPLATE, tokenKubeconfig } from '../kubeconfig.ts';
import { parseLifetime } from '../lifetime.ts';
import { identityOf, type Portal, tellInvalid } from '../portal.ts';
import { headerArrival, tokenFor } from '../sign-in.ts';

type Send = (response: ServerResponse, status: number, error: string) => void;

/** `POST /generate`: 200 `{"token"}`; 400 and 403 `{"error"}`; 503 when no token can be issued now. */
export async function postGenerate(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readAnyJson(request);
  const token = await askedToken(portal, { request, response, send: sendError }, () =>
    body.ok ? { asked: body.fields['lifetime'] } : body,
  );
  if (token !== undefined) sendJson(response, 200, { token });
}

/** `GET /kubecfg?lifetime=24h`, only with `kubehookCompatible`: a GET that issues a token. */
export async function getKubecfg(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { kubeconfig, publicURL } = portal.settings;
  if (kubeconfig === undefined) return sendText(response, 501, NO_TEMPLATE);
  if (request.method !== 'GET') return sendText(response, 405, 'only GET is served here', { Allow: 'GET' });
  const asked = new URL(request.url ?? '/', publicURL).searchParams.get('lifetime') ?? undefined;
  const token = await askedToken(portal, { request, response, send: sendText }, () => ({ asked }));
  if (token !== undefined) sendFile(response, KUBECONFIG_NAME, tokenKubeconfig(kubeconfig, publicURL, token));
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly send: Send;
}

type AskedLifetime = { readonly asked: unknown } | { readonly status: number; readonly error: string };

/** Undefined after the answer has been sent that says why there is none. */
async function askedToken(
  portal: Portal,
  { request, response, send }: Exchange,
  lifetimeIn: () => AskedLifetime,
): Promise<string | undefined> {
  const refuse = (status: number, reason: string, error: string): undefined => {
    tellInvalid(portal, 'header', reason);
    send(response, status, error);
  };
  const user = identityOf(portal, request);
  if (user.kind === 'fault') return refuse(user.status, user.reason, user.error);
  const given = lifetimeIn();
  if ('error' in given) return refuse(given.status, 'malformed-request', given.error);
  if (given.asked === undefined) return refuse(400, 'lifetime', 'lifetime is required');
  const lifetime = parseLifetime(given.asked, portal.issuer.settings.lifetime);
  if ('fault' in lifetime) return refuse(400, 'lifetime', lifetime.fault);
  const signIn = await tokenFor(await headerArrival(user, portal), lifetime.ms, portal);
  if (signIn.kind === 'issued') return signIn.minted.token;
  send(response, 503, `no token could be issued, review ${signIn.id}`);
  return undefined;
}
