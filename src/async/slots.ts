// Bounds how many hold something at a time; who finds nothing free waits in order, until the own deadline and not by number.

export interface Slots {
  /**
   * True: a slot is held and must be given back with `leave`. False: the signal aborted before there was one. A promise only
   * where there is a queue to wait in.
   */
  enter(signal: AbortSignal): boolean | Promise<boolean>;
  leave(): void;
  readonly waiting: number;
  /** Nobody who enters now has to wait. */
  readonly isFree: boolean;
}

export function createSlots(size: number): Slots {
  let held = 0;
  const queue = new Set<() => void>();
  return {
    enter: (signal) => {
      if (signal.aborted) return false;
      if (held < size) {
        held += 1;
        return true;
      }
      return new Promise((resolve) => {
        const end = (entered: boolean): void => {
          queue.delete(onTurn);
          signal.removeEventListener('abort', onAbort);
          resolve(entered);
        };
        const onTurn = (): void => end(true);
        const onAbort = (): void => end(false);
        queue.add(onTurn);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    leave: () => {
      const [next] = queue;
      // The slot passes on without ever being free, so that nothing can overtake the queue.
      if (next === undefined) held -= 1;
      else next();
    },
    get isFree() {
      return held < size;
    },
    get waiting() {
      return queue.size;
    },
  };
}
