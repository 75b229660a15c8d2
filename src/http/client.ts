// Who is on the other end of a mutual-TLS connection.

import type { IncomingMessage } from 'node:http';
import { type PeerCertificate, TLSSocket } from 'node:tls';

/** Who is on the other end: `refused` when mutual TLS let a certificate in whose name is not one of ours. */
export type Client =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'refused' };

/** Names a certificate can be known by: its common name and its DNS and URI subject alternative names. */
export function certificateNames(certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): readonly string[] {
  const commonName = certificate.subject?.CN;
  const names = Array.isArray(commonName) ? commonName : [commonName];
  const alternatives = splitNames(certificate.subjectaltname ?? '')
    .map((name) => /^(?:DNS|URI):(.+)$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .map(unquoted);
  return [...names, ...alternatives].filter((name) => name !== undefined).filter((name) => name !== '');
}

/** Node quotes a name that holds a comma (as JSON), so that one name cannot pose as two. */
function splitNames(text: string): readonly string[] {
  return text.match(/(?:DNS|URI|IP Address|email|Registered ID|othername|DirName):(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
}

/** Undefined for a quoted name that is no JSON string: it matches nothing. */
function unquoted(name: string): string | undefined {
  if (!name.startsWith('"')) return name;
  try {
    const text: unknown = JSON.parse(name);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Every name in the client certificate, if the TLS layer verified one. */
export function verifiedNames({ socket }: Pick<IncomingMessage, 'socket'>): readonly string[] {
  return socket instanceof TLSSocket && socket.authorized ? certificateNames(socket.getPeerCertificate()) : [];
}

/**
 * Decides once per connection. Without `clientNames` every certificate that the TLS layer verified will do; `refused` when
 * none of its names is listed.
 */
export function clientJudge(
  clientNames: readonly string[] | undefined,
): (request: Pick<IncomingMessage, 'socket'>) => Client {
  const known = new WeakMap<object, Client>();
  return ({ socket }) => {
    const before = known.get(socket);
    if (before !== undefined) return before;
    const client = socket instanceof TLSSocket ? judge(socket, clientNames) : ANYONE;
    known.set(socket, client);
    return client;
  };
}

const ANYONE: Client = { kind: 'anyone' };

function judge(socket: TLSSocket, clientNames: readonly string[] | undefined): Client {
  // Not asked for, or not verified: the listener decides whether that is acceptable, never this function.
  const names = verifiedNames({ socket });
  if (clientNames === undefined) return names[0] === undefined ? ANYONE : { kind: 'named', name: names[0] };
  const name = names.find((candidate) => clientNames.includes(candidate));
  return name === undefined ? { kind: 'refused' } : { kind: 'named', name };
}
