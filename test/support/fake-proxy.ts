// An HTTP proxy on loopback that takes every CONNECT to one port, whatever name was asked for.

import { createServer } from 'node:http';
import { connect } from 'node:net';
import { type Listening, listenOn } from './listening.ts';

export interface FakeProxy extends Pick<Listening, 'port' | 'close'> {
  /** What clients wanted to be connected to, as `broker.corp.example:443`. */
  readonly asked: readonly string[];
}

export interface FakeProxyOptions {
  /** Where all of them get. */
  readonly toPort: number;
  /** `user:password`; without it nobody is asked. */
  readonly credentials?: string;
  /** The answer to every CONNECT. */
  readonly refuseWith?: number;
}

export async function startFakeProxy({ toPort, credentials, refuseWith }: FakeProxyOptions): Promise<FakeProxy> {
  const asked: string[] = [];
  const server = createServer((_request, response) => response.writeHead(400).end());
  server.on('connect', ({ url = '', headers }, client) => {
    asked.push(url);
    client.on('error', () => undefined);
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    const refusal = wanted !== undefined && headers['proxy-authorization'] !== wanted ? 407 : refuseWith;
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect({ host: 'localhost', port: toPort }, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  const listening = await listenOn(server);
  return { port: listening.port, close: () => listening.close(), asked };
}
