/**
 * Layer: pipeline/model. A part of a list.
 *
 * @module
 */

/** Some of the items, from so many on; what is left out is not copied. */
export function pageOf<T>(
  items: Iterable<T>,
  { limit = Infinity, offset = 0 }: {
    readonly limit?: number;
    readonly offset?: number;
  } = {},
): T[] {
  const page: T[] = [];
  let at = 0;
  for (const item of items) {
    if (page.length >= limit) break;
    if (at++ >= offset) page.push(item);
  }
  return page;
}
