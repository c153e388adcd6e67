/**
 * Layer: util.
 *
 * Parses and formats ZeroMQ TCP addresses, on `zmq/endpoint.ts`. It does not
 * resolve names and does not check that a port is a number, because it may be a
 * wildcard such as `*`.
 *
 * @module
 */
import { AddressError } from "../errors.ts";
import { formatTcp, splitEndpoint, splitHostPort } from "../zmq/endpoint.ts";

/** The parts of `tcp://host:port`. */
export interface TcpAddressParts {
  /** Host name, IP address without brackets, or `*`. */
  readonly host: string;
  /** Port number, `*` or `0`, or `undefined` if there is none. */
  readonly port: string | undefined;
}

/**
 * Splits a TCP address.
 *
 * @param address Such as `tcp://localhost:5000` or `tcp://[::1]:5000`.
 * @returns Host and port.
 * @throws {AddressError} `ADDRESS_INVALID`.
 */
export function parseTcpAddress(address: string): TcpAddressParts {
  const { transport, rest } = splitEndpoint(address) ?? {};
  if (rest === undefined || transport!.toLowerCase() !== "tcp") {
    throw invalid(address, 'it must begin with "tcp://"');
  }
  const { host, port } = splitHostPort(rest) ?? {};
  if (!host || host.includes("[") || /[\s/]/.test(rest)) {
    throw invalid(address, "it is not host:port");
  }
  if (port === "") throw invalid(address, "the port is empty");
  return { host, port };
}

/**
 * Formats a TCP address, with brackets around IPv6.
 *
 * @param parts Host and port.
 * @returns Such as `tcp://[::1]:5000`.
 */
export function formatTcpAddress(parts: TcpAddressParts): string {
  return formatTcp(parts.host, parts.port);
}

/**
 * Returns the host of a TCP address.
 *
 * @param address Such as `tcp://worker.local:5000` or `tcp://[::1]:5000`.
 * @returns Host name or IP address, IPv6 without brackets; `*` stays `*`. `null` for a value that is not a string, as in Python.
 * @throws {AddressError} `ADDRESS_INVALID` for a string that is not a TCP address.
 *
 * @example
 * ```ts
 * import { extractHostnameFromTcpAddress } from "@agentzero/agentzero";
 *
 * console.log(extractHostnameFromTcpAddress("tcp://[fe80::1]:5000")); // fe80::1
 * ```
 */
export function extractHostnameFromTcpAddress(address: string): string;
/** For a value of any type. */
export function extractHostnameFromTcpAddress(address: unknown): string | null;
export function extractHostnameFromTcpAddress(address: unknown): string | null {
  return typeof address === "string" ? parseTcpAddress(address).host : null;
}

function invalid(address: string, reason: string): AddressError {
  return new AddressError(`Invalid TCP address "${address}": ${reason}`, {
    code: "ADDRESS_INVALID",
    address,
  });
}
