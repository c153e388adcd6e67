/**
 * Layer: async. One iteration over several that go on at the same time.
 *
 * @module
 */

/**
 * Yields what each of them yields, as it comes, until all have ended.
 *
 * @param leave Called when this iteration is left: has all of them end.
 */
export async function* mergeAll<T>(
  all: readonly AsyncGenerator<T, void>[],
  leave: () => void,
): AsyncGenerator<T, void> {
  const next = (source: AsyncGenerator<T, void>) =>
    source.next().then((result) => ({ source, result }));
  const pending = new Map(all.map((source) => [source, next(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done === true) pending.delete(source);
      else {
        pending.set(source, next(source));
        yield result.value;
      }
    }
  } finally {
    leave();
    await Promise.allSettled(pending.values());
    await Promise.allSettled([...pending.keys()].map((one) => one.return()));
  }
}
