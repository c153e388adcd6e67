/**
 * Layer: transport. Sharing the HTTP server of an application, of which a browser
 * has none.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";

/** @throws {ZmqError} `ENOTSUP`. */
export function shareServer(_server: unknown): Promise<never> {
  const message = "A browser has no HTTP server to share";
  return Promise.reject(new ZmqError("ENOTSUP", message));
}
