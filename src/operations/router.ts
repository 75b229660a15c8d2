// The operations listener: metrics, liveness and readiness, and nothing that reviews a token.

import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { PLAIN_TEXT, sendWhole } from '../http/answer.ts';
import { type Check, healthReport } from './checks.ts';

export interface OperationsSettings {
  readonly scrape: () => Promise<string>;
  /** Configuration, listeners, draining, and every provider. */
  readonly readiness: () => readonly Check[];
  readonly failed: (error: unknown) => void;
}

const PAGES = ['/metrics', '/livez', '/healthz', '/readyz'];
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

export function operationsApp(settings: OperationsSettings): Express {
  const app = express();
  for (const name of ['x-powered-by', 'etag', 'trust proxy']) app.set(name, false);
  app.set('query parser', 'simple');
  app.set('env', 'production');
  app.get('/metrics', async (_req, res) => sendText(res, 200, await settings.scrape(), PROMETHEUS_TEXT));
  // `/healthz` is the old name of `/livez`, as in kube-apiserver.
  for (const name of ['livez', 'healthz']) {
    app.get(`/${name}`, (req, res) => sendHealth(req, res, name, [{ name: 'ping', result: 'ok' }]));
  }
  app.get('/readyz', (req, res) => sendHealth(req, res, 'readyz', settings.readiness()));
  app.all(PAGES, (_req, res) => {
    res.setHeader('Allow', 'GET, HEAD');
    sendText(res, 405, 'only GET is served here\n');
  });
  app.use((_req, res) => sendText(res, 404, 'no such page; there are /metrics, /livez, /healthz and /readyz\n'));
  const onError: ErrorRequestHandler = (error: unknown, _req, res: Response, _next) => {
    settings.failed(error);
    if (!res.headersSent) sendText(res, 500, 'internal error\n');
  };
  app.use(onError);
  return app;
}

function sendHealth(request: Request, response: Response, endpoint: string, checks: readonly Check[]): void {
  const { verbose, exclude } = request.query;
  const asked = { verbose: verbose !== undefined, exclude: textsIn(exclude) };
  const { healthy, text } = healthReport(endpoint, checks, asked);
  sendText(response, healthy ? 200 : 503, text);
}

/** A parameter once, several times or not at all. */
function textsIn(parameter: unknown): readonly string[] {
  return [parameter].flat().filter((text) => typeof text === 'string');
}

function sendText(response: Response, status: number, text: string, type = PLAIN_TEXT): void {
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
  sendWhole(response, status, headers, text);
}
