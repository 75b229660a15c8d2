// An introspection endpoint that knows every token (RFC 7662), and counts. Run as a process.

import { createServer, type ServerResponse } from 'node:http';
import { listenAsHelper } from './control-port.ts';

/** Long enough for a hundred reviews to arrive meanwhile. */
const SLOW_MS = 200;
let asked = 0;
const answer = JSON.stringify({
  active: true,
  sub: 'u-1',
  username: 'alice',
  groups: ['developers'],
  token_type: 'Bearer',
  exp: Math.floor(Date.now() / 1000) + 86_400,
});

function answered(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) });
  response.end(answer);
}

const server = createServer((request, response) => {
  asked += 1;
  request.resume();
  request.on('end', () => {
    if (request.url === '/slow') setTimeout(answered, SLOW_MS, response);
    else if (request.url !== '/hang') answered(response);
  });
});
server.keepAliveTimeout = 120_000;
await listenAsHelper({ '/asked': () => String(asked) }, server);
