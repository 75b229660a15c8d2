// Bounds how many reviews one provider works on at a time, so that a slow upstream cannot hold everybody.

/** Slots for `concurrency` holders; at most as many again wait, at most `queueMs`, for one to come free. */
export interface Bulkhead {
  /** True: a slot is held and must be given back with `leave`. */
  enter(): Promise<boolean>;
  leave(): void;
}

export function bulkhead(concurrency: number, queueMs: number): Bulkhead {
  let held = 0;
  const queue = new Set<(entered: boolean) => void>();
  return {
    enter: () => {
      if (held < concurrency) {
        held += 1;
        return Promise.resolve(true);
      }
      if (queue.size >= concurrency) return Promise.resolve(false);
      return new Promise((resolve) => {
        const timer = setTimeout(() => answer(false), queueMs);
        const answer = (entered: boolean): void => {
          clearTimeout(timer);
          queue.delete(answer);
          resolve(entered);
        };
        queue.add(answer);
      });
    },
    leave: () => {
      const [next] = queue;
      // The slot passes on without ever being free, so nobody can overtake the queue.
      if (next === undefined) held -= 1;
      else next(true);
    },
  };
}
