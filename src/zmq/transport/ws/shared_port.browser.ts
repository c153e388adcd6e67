/**
 * Layer: transport. Sharing the HTTP server of an application, of which a browser
 * has none.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";

/** @throws {ZmqError} `ENOTSUP`. */
export function share(): never {
  throw new ZmqError("ENOTSUP", "A browser has no HTTP server to share");
}
