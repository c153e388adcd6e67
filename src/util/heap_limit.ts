/**
 * Layer: util. How much memory JavaScript may have.
 *
 * @module
 */
import { getHeapStatistics } from "node:v8";

/** How large the heap may become, in bytes; `undefined` where the runtime does not say. */
export function heapLimitBytes(): number | undefined {
  try {
    const limit = getHeapStatistics().heap_size_limit;
    return Number.isFinite(limit) && limit > 0 ? limit : undefined;
  } catch {
    return undefined; // Bun and Deno need not have it
  }
}
