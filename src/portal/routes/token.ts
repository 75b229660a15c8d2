// `POST /token`: a token for a program that has username and password.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Headers } from '../../http/answer.ts';
import { readJson } from '../../http/body.ts';
import type { JsonObject } from '../../text/json.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { sendError, sendJson } from '../answer.ts';
import { peerAddress } from '../header-identity.ts';
import { lifetimeOf, type Portal, tellInvalid, timestamp } from '../portal.ts';
import { passwordArrival, type SignIn, tokenFor } from '../sign-in.ts';

const CHALLENGE: Headers = { 'WWW-Authenticate': 'Basic realm="kube-auth-broker", charset="UTF-8"' };

/** 200, 400 for what cannot be tried, 401 refused, 503 could not tell; 404 when no endpoint checks passwords. */
export async function postToken(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readJson(request);
  const { passwordEndpoint: endpoint } = portal.settings;
  if (endpoint === undefined) return sendError(response, 404, 'sign-in with a password is not configured');
  const asked = body.ok ? credentialsOf(request, body.fields) : body;
  if ('error' in asked) {
    tellInvalid(portal, 'password', 'malformed-request');
    return sendError(response, asked.status, asked.error, asked.status === 401 ? CHALLENGE : {});
  }
  const lifetime = lifetimeOf(portal, asked.lifetime);
  if ('fault' in lifetime) {
    tellInvalid(portal, 'password', 'lifetime');
    return sendError(response, 400, lifetime.fault);
  }
  const { username, password } = asked;
  const address = peerAddress(request);
  const arrival = await passwordArrival({ username, password, endpoint, address }, portal);
  sendSignIn(response, await tokenFor(arrival, lifetime.ms, portal));
}

interface Given {
  readonly username: string;
  readonly password: string;
  readonly lifetime: unknown;
}

interface Fault {
  readonly status: number;
  readonly error: string;
}

/** From the header or from the body, never half from each. */
function credentialsOf(request: IncomingMessage, { username, password, lifetime }: JsonObject): Given | Fault {
  const isInBody = username !== undefined || password !== undefined;
  if (request.headers.authorization !== undefined) {
    const basic = basicCredentials(request.headers.authorization);
    if (isInBody) return { status: 400, error: 'username and password are here twice' };
    return basic === undefined ? { status: 401, error: 'HTTP Basic is needed' } : { ...basic, lifetime };
  }
  if (!isInBody) return { status: 401, error: 'username and password are needed' };
  if (typeof username === 'string' && typeof password === 'string') return { username, password, lifetime };
  return { status: 400, error: 'username and password must be text' };
}

/** RFC 7617. Undefined when it is not Basic, not base64 of UTF-8, or without a colon. */
function basicCredentials(header: string): Pick<Given, 'username' | 'password'> | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  const text = encoded === undefined ? undefined : decodeUtf8(Buffer.from(encoded, 'base64'));
  const colon = text?.indexOf(':') ?? -1;
  return text === undefined || colon === -1
    ? undefined
    : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function sendSignIn(response: ServerResponse, signIn: SignIn): void {
  switch (signIn.kind) {
    case 'issued': {
      const { minted, holder } = signIn;
      const { token, expiresAtMs } = minted;
      const { username, groups } = holder;
      return sendJson(response, 200, { token, expirationTimestamp: timestamp(expiresAtMs), username, groups });
    }
    case 'refused':
      return sendJson(response, 401, { error: signIn.words, reviewId: signIn.id }, CHALLENGE);
    case 'unavailable':
      return sendJson(response, 503, { error: whyUnavailable(signIn), reviewId: signIn.id });
  }
}

function whyUnavailable({ untilMs }: Extract<SignIn, { readonly kind: 'unavailable' }>): string {
  if (untilMs === undefined) return 'nobody could tell; try again later';
  return `too many wrong passwords were tried for this name; try again after ${timestamp(untilMs)}`;
}
