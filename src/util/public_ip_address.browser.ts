/**
 * Layer: util.
 *
 * The address of this machine, which a browser does not reveal.
 *
 * @module
 */
import { AddressError } from "../errors.ts";

/** The addresses of network interfaces: a browser has no such table. */
export type InterfaceTable = Readonly<Record<string, never>>;

/** @throws {AddressError} `PERMISSION_DENIED`. */
export function getPublicIpAddress(_hostname?: string): Promise<string> {
  const message = "A browser does not reveal the IP address of this machine";
  return Promise.reject(
    new AddressError(message, { code: "PERMISSION_DENIED" }),
  );
}

/** The address of a machine without interfaces. */
export function publicAddressOf(_table: InterfaceTable): string {
  return "127.0.0.1";
}
