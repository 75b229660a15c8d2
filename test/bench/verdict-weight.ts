// How many bytes of heap a remembered verdict takes.

import { type VerdictStore, verdictStore } from '../../src/authn/verdict-store.ts';
import { systemClock } from '../../src/core/seams.ts';
import { authenticated } from '../../src/core/verdict.ts';

const VERDICTS = 20_000;
const TTL_MS = 3_600_000;

/** Undefined without `--expose-gc`. */
export function bytesPerVerdict(): number | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  const used = (): number => {
    // Once for what is garbage, once for what only garbage held.
    gc();
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const settings = {
    authenticatedTTLMs: TTL_MS,
    rejectedTTLMs: TTL_MS,
    staleOnUnavailableMs: 0,
    maxEntries: VERDICTS,
    maxBytes: 2 ** 30,
  };
  const store = verdictStore(settings, systemClock);
  remember(store, 0);
  store.remember(keyOf(0), { kind: 'rejected', reason: 'wrong-password' });
  const before = used();
  for (let index = 1; index <= VERDICTS; index++) remember(store, index);
  return (used() - before) / Math.min(store.size, VERDICTS);
}

function remember(store: VerdictStore, index: number): void {
  const identity = {
    username: `corp:user${index}`,
    uid: `1f6c3d1e-58a0-4a57-9a2b-${String(index).padStart(12, '0')}`,
    groups: ['corp:developers', 'corp:on-call', 'corp:everybody'],
    extra: {
      'kube-auth-broker/provider': ['corp'],
      'authentication.kubernetes.io/credential-id': [`BROKER=${keyOf(index)}`],
    },
  };
  store.remember(keyOf(index), authenticated({ identity, audiences: ['https://kubernetes.default.svc'] }));
}

/** As long as a fingerprint. */
function keyOf(index: number): string {
  return Buffer.from(String(index).padStart(32, 'k')).toString('base64url');
}
