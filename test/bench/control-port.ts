// How a helper process of the benchmark says where it listens, and is asked things.

import { createServer, type Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export type HelperServer = Server | TlsServer;
type Page = (query: URLSearchParams) => Promise<string> | string;

/** Prints the ports as one line of JSON: `port` for the pages, `served` for the server. */
export async function listenAsHelper(pages: Readonly<Record<string, Page>>, served?: HelperServer): Promise<void> {
  const control = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    void Promise.resolve(pages[pathname]?.(searchParams) ?? '').then((text) => response.end(text));
  });
  const ports = { port: await portOf(control), ...(served && { served: await portOf(served) }) };
  process.stdout.write(`${JSON.stringify(ports)}\n`);
}

function portOf(server: HelperServer): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });
}
