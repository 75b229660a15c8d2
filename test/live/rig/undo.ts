// Breaks servers for the rest of one test: whatever becomes of the test, the next one finds them as they were.
import type { TestContext } from 'node:test';
import type { Fault, FaultyProxy } from './faults.ts';

type Test = Pick<TestContext, 'after'>;

/** The kernel goes on accepting connections, and nothing answers; `resume` may be called before the test ends. */
export function freeze(t: Test, server: { suspend(): void; resume(): void }): void {
  t.after(() => server.resume());
  server.suspend();
}

/** Connecting is refused; `start` may be called before the test ends, and does nothing to a server that runs. */
export async function takeDown(
  t: Test,
  server: { readonly stop: () => Promise<void>; readonly start: () => Promise<void> },
): Promise<void> {
  t.after(() => server.start());
  await server.stop();
}

/** Another `misbehave` replaces it; `set({ kind: 'pass' })` may be called before the test ends. */
export async function misbehave(t: Test, way: Pick<FaultyProxy, 'set'>, fault: Fault): Promise<void> {
  t.after(() => way.set({ kind: 'pass' }));
  await way.set(fault);
}
