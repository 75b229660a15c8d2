// What goes wrong during a soak: one thing at a time, for a few seconds, then mended.

import { authority, writeTls } from '../live/resilience/support/program.ts';
import type { World } from '../live/resilience/support/world.ts';
import type { Fault } from '../live/rig/faults.ts';
import { issueLoopback } from '../support/certificates.ts';

export interface SoakFault {
  readonly name: string;
  begin(world: World): Promise<void> | void;
  end(world: World): Promise<void> | void;
}

const MANNERS: readonly Fault[] = [
  { kind: 'hang' },
  { kind: 'refuse' },
  { kind: 'drip', everyMs: 1000 },
  { kind: 'reset', afterBytes: 40 },
  { kind: 'closeHalf' },
  { kind: 'delay', delayMs: 400 },
];

export const SOAK_FAULTS: readonly SoakFault[] = [
  ...MANNERS.map((fault) => onTheWay('ldapWay', 'the way to the directory', fault)),
  ...MANNERS.map((fault) => onTheWay('webWay', 'the way to the web', fault)),
  { name: 'the directory is frozen', begin: ({ slapd }) => slapd.suspend(), end: ({ slapd }) => slapd.resume() },
  { name: 'the web is frozen', begin: ({ nginx }) => nginx.suspend(), end: ({ nginx }) => nginx.resume() },
  {
    name: 'connections are reset',
    begin: ({ ldapWay, webWay }) => [ldapWay, webWay].forEach((way) => way.resetAll()),
    end: ({ ldapWay, webWay }) => [ldapWay, webWay].forEach((way) => way.resetAll()),
  },
  { name: 'SIGHUP', begin: ({ program }) => program.signal('SIGHUP'), end: ({ program }) => program.signal('SIGHUP') },
  {
    name: 'the certificate is renewed, key last',
    begin: ({ program }) => writeTls((name, text) => program.write(name, text), issueLoopback(authority)),
    end: () => undefined,
  },
  {
    name: 'the client CA is broken',
    begin: ({ program }) => program.write('tls/client-ca.crt', 'no certificate\n'),
    end: ({ program }) => program.write('tls/client-ca.crt', authority.cert),
  },
];

function onTheWay(way: 'ldapWay' | 'webWay', where: string, fault: Fault): SoakFault {
  return {
    name: `${where}: ${fault.kind}`,
    begin: (world) => world[way].set(fault),
    end: (world) => world[way].set({ kind: 'pass' }),
  };
}
