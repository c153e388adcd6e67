/**
 * Layer: engine. Authentication in a browser: no peer connects to it.
 *
 * @module
 */
import type { Verdict } from "../zmtp/mechanism/mechanism.ts";

/** Refuses. */
export function authenticatePeer(): Promise<Verdict> {
  return Promise.resolve({ status: 400, text: "Not allowed" });
}
