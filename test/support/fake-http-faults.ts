// How an HTTP upstream breaks; where it can, it echoes what it was sent, as a debug page does.

import type { Fault } from '../contract/provider-world.ts';
import type { FakeHandler, SeenRequest } from './fake-http.ts';

const TOO_MUCH = 200_000;

/** The faults that happen after the request arrived; the others are made with the listener. */
export const faultyAnswers: Partial<Record<Fault, FakeHandler>> = {
  hangs: () => 'handled',
  'resets in the middle of an answer': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"username":"', () => response.destroy());
    return 'handled';
  },
  'answers too much': (request) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ echo: echoOf(request), filler: 'x'.repeat(TOO_MUCH) }),
  }),
  'answers nonsense': (request, response) => {
    response.socket?.end(`${echoOf(request)} is no status line\r\n\r\n`);
    return 'handled';
  },
  'answers with an error of its own': (request) => ({ status: 500, body: `stack trace with ${echoOf(request)}` }),
};

function echoOf(request: SeenRequest): string {
  return `${request.headers.authorization ?? ''} ${request.body}`;
}
