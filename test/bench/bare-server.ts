// The baseline: node:http alone, doing what no webhook can leave out (parse, look up, stringify). Run as a process.

import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

const answers = new Map<string, object>();

const listener: RequestListener = (request, response) => {
  if (request.url === '/cpu') {
    const { user, system } = process.cpuUsage();
    response.end(String((user + system) / 1e6));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString()) as { apiVersion: string; spec: { token: string } };
    const body = JSON.stringify({ apiVersion: review.apiVersion, kind: 'TokenReview', status: answers.get(review.spec.token) });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
};

/** argv: the answer's status as JSON, then for TLS the key, certificate and client CA as PEM text. */
const [status = '{}', token = '', key, cert, ca] = process.argv.slice(2);
answers.set(token, JSON.parse(status) as object);
const server =
  key === undefined
    ? createServer(listener)
    : createTlsServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] }, listener);
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 })}\n`);
});
