// A value from elsewhere: loaded when it is first needed, renewed beside its readers, kept while it cannot be had.

import { unlessAborted } from './unless-aborted.ts';

export type Loaded<T, F> = { readonly value: T } | { readonly failure: F };

export interface KeptRules<T, F> {
  /** Loads once; never rejects. */
  readonly load: (signal: AbortSignal) => Promise<Loaded<T, F>>;
  /** How long one load may take. */
  readonly timeoutMs: number;
  readonly monotonicMs: () => number;
  /** From this age on a value is loaded anew while it still serves. */
  readonly renewAfterMs: (value: T) => number;
  /** From this age on a value serves no reader; Infinity: until a newer one is there. */
  readonly serveForMs: (value: T) => number;
  /** How long after the `failures`-th failure in a row nothing is loaded. */
  readonly pauseMs: (failures: number, isServing: boolean) => number;
  /** What a reader gets whose signal aborts before the first load has ended. */
  readonly tooLate: F;
  /** Told the end of every load, beside the last value before it. */
  readonly onLoaded?: (loaded: Loaded<T, F>, before: T | undefined) => void;
}

export interface Kept<T, F> {
  /** The value to use now. Waits only while there is none, until the signal aborts; never rejects. */
  current(signal: AbortSignal): Promise<Loaded<T, F>>;
  /** Loads anew whatever is known, or joins the load under way; the signal ends the waiting alone. */
  renewed(signal: AbortSignal): Promise<Loaded<T, F>>;
  /** The same; undefined at once when it made a load begin less than so long ago. What is loaded beside it does not count. */
  renewedAfter(pauseMs: number, signal: AbortSignal): Promise<Loaded<T, F>> | undefined;
  /** Why the last load failed, although an older value may serve. */
  failure(): F | undefined;
  /** Aborts the load under way. */
  close(): void;
}

/** One load at a time, detached from any one reader. Has no timer of its own: a value without readers is not renewed. */
export function kept<T, F>(rules: KeptRules<T, F>): Kept<T, F> {
  const memory = remembered(rules);
  const closing = new AbortController();
  let underWay: Promise<Loaded<T, F>> | undefined;
  let wantedAtMs = -Infinity;
  const load = async (): Promise<Loaded<T, F>> => {
    const loaded = await rules.load(AbortSignal.any([closing.signal, AbortSignal.timeout(rules.timeoutMs)]));
    underWay = undefined;
    memory.settle(loaded);
    return loaded;
  };
  const renewed = (signal: AbortSignal): Promise<Loaded<T, F>> => {
    underWay ??= load();
    return unlessAborted(underWay, signal, () => ({ failure: rules.tooLate }));
  };
  return {
    current: async (signal) => {
      const value = memory.serving();
      if (value !== undefined) {
        if (memory.isDue()) underWay ??= load();
        return value;
      }
      return (underWay === undefined ? memory.recentFailure() : undefined) ?? (await renewed(signal));
    },
    renewed,
    renewedAfter: (pauseMs, signal) => {
      if (underWay !== undefined) return renewed(signal);
      if (rules.monotonicMs() - wantedAtMs < pauseMs) return undefined;
      wantedAtMs = rules.monotonicMs();
      return renewed(signal);
    },
    failure: () => memory.lastFailure(),
    close: () => closing.abort(),
  };
}

/** A value that needs no loading. */
export function always<T>(value: T): Kept<T, never> {
  const loaded = Promise.resolve({ value });
  return {
    current: () => loaded,
    renewed: () => loaded,
    renewedAfter: () => undefined,
    failure: () => undefined,
    close: () => undefined,
  };
}

interface Memory<T, F> {
  settle(loaded: Loaded<T, F>): void;
  serving(): { readonly value: T } | undefined;
  isDue(): boolean;
  lastFailure(): F | undefined;
  /** While nothing is loaded after it. */
  recentFailure(): { readonly failure: F } | undefined;
}

function remembered<T, F>(rules: KeptRules<T, F>): Memory<T, F> {
  const { monotonicMs } = rules;
  let good: { readonly value: T; readonly atMs: number } | undefined;
  let failed: { readonly failure: F; readonly inARow: number; readonly untilMs: number } | undefined;
  const serving = (): typeof good =>
    good !== undefined && monotonicMs() - good.atMs < rules.serveForMs(good.value) ? good : undefined;
  const recentFailure = (): typeof failed =>
    failed !== undefined && monotonicMs() < failed.untilMs ? failed : undefined;
  return {
    settle: (loaded) => {
      const before = good?.value;
      if ('value' in loaded) {
        [good, failed] = [{ value: loaded.value, atMs: monotonicMs() }, undefined];
      } else {
        const inARow = (failed?.inARow ?? 0) + 1;
        const untilMs = monotonicMs() + rules.pauseMs(inARow, serving() !== undefined);
        failed = { failure: loaded.failure, inARow, untilMs };
      }
      rules.onLoaded?.(loaded, before);
    },
    serving,
    lastFailure: () => failed?.failure,
    isDue: () =>
      good !== undefined &&
      recentFailure() === undefined &&
      monotonicMs() - good.atMs >= rules.renewAfterMs(good.value),
    recentFailure,
  };
}
