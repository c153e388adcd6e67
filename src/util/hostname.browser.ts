/**
 * Layer: util.
 *
 * The name of this machine, which a browser does not reveal.
 *
 * @module
 */
import { AddressError } from "../errors.ts";

/** @throws {AddressError} `PERMISSION_DENIED`. */
export function getHostname(): Promise<string> {
  const message = "A browser does not reveal the host name of this machine";
  return Promise.reject(
    new AddressError(message, { code: "PERMISSION_DENIED" }),
  );
}
