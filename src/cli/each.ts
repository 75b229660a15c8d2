// Collects what comes one by one.

/** All items in order; `seen` is told of each as it comes. */
export async function each<T>(
  items: AsyncIterable<T>,
  seen: (item: T) => unknown = () => undefined,
): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) {
    seen(item);
    all.push(item);
  }
  return all;
}
