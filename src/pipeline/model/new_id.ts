/**
 * Layer: pipeline/model. Ids for new flows.
 *
 * @module
 */

/**
 * A UUID of version 7 (RFC 9562): random, and in the order of time. So a store
 * that is sorted by id adds what is new at its end, and forgets at its
 * beginning, instead of touching a page here and there for each flow.
 *
 * @param now In milliseconds since 1970.
 */
export function newId(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, "0");
  const random = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
