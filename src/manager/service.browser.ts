/**
 * Layer: manager. `serve` in a browser, loaded when it is called.
 *
 * @module
 */
import type { serve as Serve } from "./service.ts";

/** Loads `serve`, and calls it. */
export async function serve(...args: Parameters<typeof Serve>): Promise<void> {
  const { serve } = await import("./service.ts");
  await serve(...args);
}
