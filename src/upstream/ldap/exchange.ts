// Requests and answers on one connected socket, one request at a time; the first thing that is wrong ends it for good.

import type { Socket } from 'node:net';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { createFramer } from './ber.ts';
import { closedFault, type Limit, type Outcome, socketFault, timeoutFault, unlessOver } from './fault.ts';
import { decodeResponse, type LdapResponse, type LdapResult } from './message.ts';

/** Of one message, so of one entry too. */
const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface Request {
  /** What it is called in a fault: `the bind`. */
  readonly what: string;
  readonly encode: (messageId: number) => Buffer;
  /** Called with each answer to this request; what it does not accept ends the connection. */
  readonly accept: (response: LdapResponse) => 'expected' | 'unexpected' | 'too much';
}

export interface Exchange {
  isOpen(): boolean;
  /** Writes the request and waits for its result. When the exchange is not open, nothing is written. */
  request(request: Request, limit: Limit): Promise<Outcome<LdapResult>>;
  /** Ends the connection; a request that waits gets this fault. */
  end(fault: Unavailable): void;
}

interface Pending {
  readonly id: number;
  readonly accept: Request['accept'];
  readonly settle: (result: Outcome<LdapResult>) => void;
}

/** Takes over a connected socket; `where` is its address in faults. */
export function createExchange(socket: Socket, where: string): Exchange {
  let pending: Pending | undefined;
  let open = true;
  let lastId = 0;
  let answerBytes = 0;

  const settle = (result: Outcome<LdapResult>): void => {
    const settled = pending?.settle;
    pending = undefined;
    settled?.(result);
  };
  const end = (fault: Unavailable): void => {
    open = false;
    socket.destroy();
    settle(fault);
  };
  listen(socket, where, end, (received, frames) => {
    answerBytes += received;
    if (answerBytes > MAX_ANSWER_BYTES) return end(oversizeFault(where));
    for (const frame of frames) {
      const read = open ? readAnswer(frame, pending, where) : undefined;
      if (read?.kind === 'unavailable') end(read);
      else if (read !== undefined) settle(read);
    }
  });
  return {
    isOpen: () => open,
    end,
    request: async (request, limit) => {
      if (!open || pending !== undefined) return closedFault('use', where);
      if (limit.signal.aborted) return timeoutFault(request.what, where);
      const answered = Promise.withResolvers<Outcome<LdapResult>>();
      lastId += 1;
      answerBytes = 0;
      pending = { id: lastId, accept: request.accept, settle: answered.resolve };
      socket.write(request.encode(lastId));
      return await unlessOver(limit, answered.promise, () => end(timeoutFault(request.what, where)));
    },
  };
}

/** Wires the socket: complete messages go to `onFrames`, everything else ends the exchange. */
function listen(
  socket: Socket,
  where: string,
  end: (fault: Unavailable) => void,
  onFrames: (receivedBytes: number, frames: readonly Buffer[]) => void,
): void {
  const framer = createFramer(MAX_MESSAGE_BYTES);
  const onClosed = (): void => end(closedFault('use', where));
  socket.on('data', (chunk: Buffer) => {
    const framed = framer.push(chunk);
    if (framed.kind === 'frames') onFrames(chunk.length, framed.frames);
    else if (framed.kind === 'oversize') end(oversizeFault(where));
    else end(unavailable('malformed-answer', `${where}: the answer is not LDAP`));
  });
  socket.on('error', (error) => end(socketFault(error, 'use', where)));
  socket.on('end', onClosed).on('close', onClosed).on('timeout', onClosed);
  socket.resume();
}

/** The result of the pending request, a fault, or undefined when more of the answer is to come. */
function readAnswer(frame: Buffer, pending: Pending | undefined, where: string): Outcome<LdapResult> | undefined {
  const response = decodeResponse(frame);
  // The notice of disconnection (RFC 4511 §4.4.1) belongs to no request.
  if (response?.op === 'extended' && response.id === 0) return closedFault('use', where);
  const accepted = response === undefined || response.id !== pending?.id ? 'unexpected' : pending.accept(response);
  if (accepted === 'too much') return oversizeFault(where);
  if (response === undefined || accepted === 'unexpected') {
    return unavailable('malformed-answer', `${where}: an answer that does not belong to the request`);
  }
  return 'result' in response ? response.result : undefined;
}

function oversizeFault(where: string): Unavailable {
  return unavailable('oversize-answer', `${where}: the answer is larger than the broker reads`);
}
