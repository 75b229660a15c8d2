// The portal's HTTP edge: which request is answered where, and what no request may do.

import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { closing, type Headers } from '../http/answer.ts';
import type { Client } from '../http/client.ts';
import { isCrossSite, isOtherHost, isPrefetch } from '../http/origin.ts';
import { demandHttps, sendError, sendText } from './answer.ts';
import type { Button } from './buttons.ts';
import { getKubeconfig } from './kubeconfig.ts';
import { type OpenidServer, openidServer } from './openid/server.ts';
import type { Portal } from './portal.ts';
import { getWhoami, postRevoke } from './routes/issued-token.ts';
import { getKubecfg, postGenerate } from './routes/kubehook.ts';
import { getCallback, getSignIn } from './routes/oidc.ts';
import {
  getInteraction,
  getInteractionSignIn,
  getJwks,
  postAuthorization,
  postDevice,
  postInteraction,
} from './routes/openid.ts';
import { getPage, postPage } from './routes/page.ts';
import { postToken } from './routes/token.ts';

type Handler = (portal: Portal, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

interface Route {
  readonly path: string;
  readonly get?: Handler;
  readonly post?: Handler;
  /** A GET here issues a token, so it needs the guards of a POST. */
  readonly isIssuing?: true;
  /** Another site sends the browser here, by GET and by nothing else: what it brings proves that this browser was sent away from here. */
  readonly isReturning?: true;
  /** Other sites may send a browser here by POST: it does nothing but ask. */
  readonly isFromElsewhere?: true;
}

/** What kubehook's own path is without `kubehookCompatible`. */
const notHere: Handler = (_portal, _request, response) => sendError(response, 405, 'not here', { Allow: '' });

const routesOf = ({ issuer, buttons }: Portal, openid: OpenidServer | undefined): readonly Route[] => [
  { path: '/', get: getPage, post: postPage },
  { path: '/token', post: postToken },
  { path: '/generate', post: postGenerate },
  { path: '/kubeconfig', get: getKubeconfig },
  { path: '/kubecfg', get: issuer.settings.kubehookCompatible ? getKubecfg : notHere, isIssuing: true },
  { path: '/whoami', get: getWhoami },
  { path: '/revoke', post: postRevoke },
  ...buttons.flatMap((button): readonly Route[] => {
    const { slug } = button.settings;
    return [
      { path: `/sign-in/${slug}`, get: (...exchange) => getSignIn(button, ...exchange), isIssuing: true },
      { path: `/callback/${slug}`, get: (...exchange) => getCallback(button, openid, ...exchange), isReturning: true },
    ];
  }),
  ...(openid === undefined ? [] : openidRoutes(openid, buttons)),
];

/** The paths of the broker as OpenID provider; those of the library are as it answers them. */
function openidRoutes(openid: OpenidServer, buttons: readonly Button[]): readonly Route[] {
  const library: Handler = (_portal, request, response) => openid.handle(request, response);
  return [
    { path: '/.well-known/openid-configuration', get: library },
    { path: '/jwks', get: getJwks },
    { path: '/auth', get: library, post: postAuthorization, isFromElsewhere: true },
    { path: '/auth/:uid', get: library },
    { path: '/openid/token', post: library },
    { path: '/openid/revoke', post: library },
    { path: '/device/auth', post: library },
    { path: '/device', get: library, post: (...exchange) => postDevice(openid, ...exchange) },
    { path: '/device/:uid', get: library },
    {
      path: '/interaction/:uid',
      get: (...exchange) => getInteraction(openid, ...exchange),
      post: (...exchange) => postInteraction(openid, ...exchange),
    },
    ...buttons.map(
      (button): Route => ({
        path: `/interaction/:uid/sign-in/${button.settings.slug}`,
        get: (...exchange) => getInteractionSignIn(openid, button, ...exchange),
        isIssuing: true,
      }),
    ),
  ];
}

/** The Express application of one configuration; it keeps nothing between requests. */
export function portalApp(portal: Portal, clientOf: (request: IncomingMessage) => Client): Express {
  const { publicURL } = portal.settings;
  const app = express();
  for (const name of ['x-powered-by', 'etag', 'query parser', 'trust proxy']) app.set(name, false);
  app.set('env', 'production');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    demandHttps(response, publicURL);
    if (clientOf(request).kind === 'refused') {
      const error = 'the name in the client certificate is not in portal.tls.clientNames';
      return sendError(response, 401, error, closing(request));
    }
    if (!isOtherHost(request, publicURL)) return next();
    sendError(
      response,
      421,
      `this is the portal of ${publicURL.host}, not of the host that was asked for`,
      closing(request),
    );
  });
  const { openid: settings } = portal.issuer.settings;
  for (const route of routesOf(portal, settings && openidServer(portal, settings)))
    app.all(route.path, (request, response) => answer(portal, route, request, response));
  app.use((request: IncomingMessage, response: ServerResponse) =>
    sendText(response, 404, 'no such page', closing(request)),
  );
  const onError: ErrorRequestHandler = (error: unknown, request, response: ServerResponse, _next) => {
    portal.failed(error);
    if (!response.headersSent) sendText(response, 500, 'internal error', closing(request));
  };
  app.use(onError);
  return app;
}

async function answer(portal: Portal, route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { get, post, isIssuing, isReturning, isFromElsewhere } = route;
  const refuse = (status: number, error: string, more: Headers = {}): void =>
    sendError(response, status, error, { ...more, ...closing(request) });
  const isRead = request.method === 'GET' || (request.method === 'HEAD' && isReturning !== true);
  const handler = isRead ? get : request.method === 'POST' ? post : undefined;
  if (handler === undefined) {
    const reads = isReturning === true ? ['GET'] : ['GET', 'HEAD'];
    const allow = [...(get === undefined ? [] : reads), ...(post === undefined ? [] : ['POST'])].join(', ');
    return refuse(405, `only ${allow} is served here`, { Allow: allow });
  }
  const mustBeSameSite = (!isRead && isFromElsewhere !== true) || isIssuing === true;
  if (mustBeSameSite && isCrossSite(request, portal.settings.publicURL)) {
    return refuse(403, 'the request comes from another site');
  }
  if ((mustBeSameSite || isReturning === true) && isPrefetch(request))
    return refuse(403, 'nothing is fetched ahead here');
  await handler(portal, request, response);
}
