/**
 * Layer: util.
 *
 * Free TCP ports, which a browser cannot look for.
 *
 * @module
 */
import { AddressError } from "../errors.ts";

/** @throws {AddressError} `PORT_NOT_AVAILABLE`. */
export function getFreeTcpPort(_host?: string): Promise<number> {
  const message = "A browser cannot listen on a TCP port";
  return Promise.reject(
    new AddressError(message, { code: "PORT_NOT_AVAILABLE" }),
  );
}
