/**
 * Layer: zmtp. Native code, of which a browser has none.
 *
 * @module
 */
import type { NativeSodium } from "./frame_box.ts";

/** Nothing. */
export function loadNative(): Promise<NativeSodium | undefined> {
  return Promise.resolve(undefined);
}
