/**
 * Layer: util. The limit of the JavaScript heap.
 *
 * @module
 */
import process from "node:process";

/** The maximum size of the heap, in bytes; `undefined` if the runtime does not report it. */
export function heapLimitBytes(): number | undefined {
  try {
    const { getHeapStatistics } = process.getBuiltinModule("node:v8");
    const limit = getHeapStatistics().heap_size_limit;
    return Number.isFinite(limit) && limit > 0 ? limit : undefined;
  } catch {
    return undefined; // Bun and Deno may lack it
  }
}
