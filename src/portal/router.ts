// The portal's HTTP edge: which request is answered where, and what no request may do.

import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Client } from '../http/client.ts';
import { isCrossSite } from '../http/origin.ts';
import { closing, sendError, sendText } from './answer.ts';
import type { Portal } from './portal.ts';
import { postGenerate } from './routes/generate.ts';
import { getKubecfg, getKubeconfig } from './routes/kubeconfig.ts';
import { getPage, postPage } from './routes/page.ts';
import { postRevoke } from './routes/revoke.ts';
import { postToken } from './routes/token.ts';
import { getWhoami } from './routes/whoami.ts';

type Handler = (portal: Portal, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

interface Route {
  readonly path: string;
  readonly get?: Handler;
  readonly post?: Handler;
}

/** What a GET of kubehook's own path is without `kubehookCompatible`. */
const notHere: Handler = (_portal, _request, response) => sendError(response, 405, 'not here', { Allow: '' });

const routesOf = ({ issuer }: Portal): readonly Route[] => [
  { path: '/', get: getPage, post: postPage },
  { path: '/token', post: postToken },
  { path: '/generate', post: postGenerate },
  { path: '/kubeconfig', get: getKubeconfig },
  { path: '/kubecfg', get: issuer.settings.kubehookCompatible ? getKubecfg : notHere },
  { path: '/whoami', get: getWhoami },
  { path: '/revoke', post: postRevoke },
];

/** The Express application of one configuration; it keeps nothing between requests. */
export function portalApp(portal: Portal, clientOf: (request: IncomingMessage) => Client): Express {
  const app = express();
  for (const name of ['x-powered-by', 'etag', 'query parser', 'trust proxy']) app.set(name, false);
  app.set('env', 'production');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (clientOf(request).kind !== 'refused') return next();
    sendError(response, 401, 'the name in the client certificate is not in portal.tls.clientNames', closing(request));
  });
  for (const route of routesOf(portal))
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
  const { get, post } = route;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const handler = isRead ? get : request.method === 'POST' ? post : undefined;
  if (handler === undefined) {
    const allow = [...(get === undefined ? [] : ['GET', 'HEAD']), ...(post === undefined ? [] : ['POST'])].join(', ');
    return sendError(response, 405, `only ${allow} is served here`, { Allow: allow, ...closing(request) });
  }
  // A GET of kubehook's mints, so it is guarded like a POST.
  const mustBeOurs = !isRead || route.path === '/kubecfg';
  if (mustBeOurs && isCrossSite(request, portal.settings.publicURL)) {
    return sendError(response, 403, 'the request comes from another site', closing(request));
  }
  await handler(portal, request, response);
}
