// `POST /generate`: a token for the user of a trusted proxy, as planetlabs/kubehook answered it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendError, sendJson } from '../answer.ts';
import { readAnyJson } from '../body.ts';
import { parseLifetime } from '../lifetime.ts';
import { identityOf, type Portal, seamsOf, tellInvalid } from '../portal.ts';
import { headerSignIn } from '../sign-in.ts';
import { type HeaderFault, headerFault } from './header-fault.ts';

/** 200 `{"token"}`; 400 and 403 `{"error"}`; 503 when the token would be too long to be taken back. */
export async function postGenerate(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readAnyJson(request, portal.readBody);
  const refuse = ({ status, reason, error }: HeaderFault): void => {
    tellInvalid(portal, 'header', reason);
    sendError(response, status, error);
  };
  const identity = identityOf(portal, request);
  if (identity.kind !== 'identity') return refuse(headerFault(identity, portal));
  if (!body.ok) return refuse({ status: body.status, reason: 'malformed-request', error: body.error });
  const { lifetime: asked } = body.fields;
  if (asked === undefined) return refuse({ status: 400, reason: 'lifetime', error: 'lifetime is required' });
  const lifetime = parseLifetime(asked, portal.issuer.settings.lifetime);
  if ('fault' in lifetime) return refuse({ status: 400, reason: 'lifetime', error: lifetime.fault });
  const signIn = await headerSignIn({ ...identity, lifetimeMs: lifetime.ms }, seamsOf(portal));
  if (signIn.kind === 'issued') sendJson(response, 200, { token: signIn.minted.token });
  else sendError(response, 503, `no token could be issued, review ${signIn.id}`);
}
