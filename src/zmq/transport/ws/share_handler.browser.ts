/**
 * Layer: transport. Sharing a server of requests of an application, of which a
 * browser has none.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";

/** @throws {ZmqError} `ENOTSUP`. */
export function shareHandler(_address: string): Promise<never> {
  const message = "A browser has no server of requests to share";
  return Promise.reject(new ZmqError("ENOTSUP", message));
}
