/**
 * Layer: transport. Addresses of the form `ws://host:port/path`, and `wss://`.
 *
 * @module
 */
import {
  formatHostPort,
  splitTcp,
  splitWebSocket,
  transportOf,
} from "../../endpoint.ts";
import { ZmqError } from "../../errors.ts";
import { hostPort, type TcpTarget } from "../tcp.ts";

/**
 * Reads an address.
 *
 * @throws {ZmqError} `EINVAL` if it is malformed.
 */
export function parse(
  address: string,
): { target: TcpTarget; path: string } {
  const { target, path } = splitWebSocket(address) ?? {};
  if (target?.port === undefined || path === undefined) {
    throw malformed(
      address,
      `expected ${transportOf(address)}://host:port/path`,
    );
  }
  if (path !== "" && !/^\/[\x21\x22\x24-\x7e]*$/.test(path)) {
    throw malformed(address, "the path has a character that is not allowed");
  }
  const text = formatHostPort(target.host, target.port);
  return { target: hostPort(address, text), path };
}

/** The error for a malformed address. */
export function malformed(address: string, why: string): ZmqError {
  return new ZmqError("EINVAL", `Malformed address "${address}": ${why}`, {
    address,
  });
}

/** Whether an address is of TLS. */
export function isEncrypted(address: string): boolean {
  return transportOf(address) === "wss";
}

/** The address of TCP, as one of the same transport as another. */
export function webSocketAddress(given: string, address: string): string {
  const { host = "", port } = splitTcp(address)?.target ?? {};
  return `${transportOf(given)}://${formatHostPort(host, port)}`;
}
