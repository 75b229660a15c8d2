// The baseline: node:http alone, doing what no webhook can leave out (parse, look up, stringify). Run as a process.

import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type HelperServer, listenAsHelper } from './control-port.ts';

/** argv: the token, its answer's status as JSON, then for TLS the key, certificate and client CA as PEM text. */
const [token = '', status = '{}', key, cert, ca] = process.argv.slice(2);
const answers = new Map<string, object>([[token, JSON.parse(status)]]);

const listener: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review: { apiVersion: string; spec: { token: string } } = JSON.parse(Buffer.concat(chunks).toString());
    const found = answers.get(review.spec.token);
    const body = JSON.stringify({ apiVersion: review.apiVersion, kind: 'TokenReview', status: found });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
};

const tls = { key, cert, ca, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] };
const server: HelperServer = key === undefined ? createServer(listener) : createTlsServer(tls, listener);
server.keepAliveTimeout = 120_000;
await listenAsHelper({}, server);
