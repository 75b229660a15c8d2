// A connection to an HTTP server without a network: bytes in, bytes out.

import type { Server } from 'node:http';
import { Duplex } from 'node:stream';

export interface Exchanged {
  /** Latin-1. */
  readonly answer: string;
  /** The server ended the connection. */
  readonly isClosed: boolean;
}

/** Sends these bytes as one connection and its end; resolves with all that came back once the server has ended it, too. */
export function exchange(server: Server, bytes: Buffer): Promise<Exchanged> {
  return new Promise((resolve) => {
    const answer: Buffer[] = [];
    let isSent = false;
    const socket = new Duplex({
      allowHalfOpen: true,
      read: () => {
        if (isSent) return;
        isSent = true;
        socket.push(bytes);
        socket.push(null);
      },
      write: (chunk: Buffer, _encoding, done) => {
        answer.push(Buffer.from(chunk));
        done();
      },
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => resolve({ answer: Buffer.concat(answer).toString('latin1'), isClosed: true }));
    server.emit(
      'connection',
      Object.assign(socket, { setNoDelay: () => socket, setKeepAlive: () => socket, setTimeout: () => socket }),
    );
  });
}
