/**
 * Layer: v5. The addresses that this process is about to bind: reserved from the
 * call of `bind` until the operating system reports the address as in use.
 *
 * @module
 */
import { accessSync, constants } from "node:fs";
import { isIP } from "node:net";
import { dirname } from "node:path";
import {
  formatTcp,
  isPortNumber,
  restOf,
  splitEndpoint,
  splitTcp,
} from "../endpoint.ts";
import { ipc } from "../transport/ipc.ts";
import { findTransport } from "../transport/registry.ts";
import { tcp } from "../transport/tcp.ts";
import type { WireOptions } from "../transport/wire.ts";
import { asSocketError, socketError } from "./socket_error.ts";
import type { Inner } from "./inner.ts";
import { probe } from "./probe.ts";

/** An address that is about to be bound. */
export interface AddressClaim {
  /** The actual endpoint, as far as it is known. */
  readonly endpoint: string;
  /** Ends the claim: the address is bound by now, or will not be. */
  done(): void;
}

/** A host and port, or a path as the host and no port. */
interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

const ALL_HOSTS: readonly string[] = ["0.0.0.0", "::"];

/** How often to look for a free port that no other call is about to use. */
const MAX_TRIES = 20;

const places: Set<HostAndPort> = new Set();

/** Claims an address for an asynchronous call. */
export function claim(address: string): AddressClaim {
  const place = placeOf(address, false);
  const isKnown = place !== undefined && place.port !== 0;
  return enter(address, isKnown ? place : undefined);
}

/**
 * Claims an address that can be bound.
 *
 * @param inner The socket with the options.
 * @throws {SocketError} The address cannot be bound.
 */
export function bindable(address: string, inner: Inner): AddressClaim {
  const fail = (code: string, cause?: unknown): never => {
    throw socketError(code, { address, cause });
  };
  const parts = splitEndpoint(address);
  switch (parts?.transport) {
    case undefined:
      return fail("EINVAL");
    case "inproc": {
      const size = parts!.rest.length;
      if (size < 1 || size > 255) return fail("EINVAL");
      if (inner.context.inproc.isBound(address)) return fail("EADDRINUSE");
      return enter(address, undefined);
    }
    case "ipc":
      return bindablePath(address);
    case "tcp":
      return bindableTcp(address, inner);
    default:
      return bindableLater(address, parts!.transport, inner);
  }
}

function bindableTcp(address: string, inner: Inner): AddressClaim {
  const inUse = () => socketError("EADDRINUSE", { address });
  try {
    const { typeOfService } = inner;
    tcp.check(
      address,
      "bind",
      { typeOfService, socksProxy: null } as WireOptions,
    );
  } catch (error) {
    throw asSocketError(error, address);
  }
  const place = placeOf(address, inner.ipv6);
  if (place === undefined) return enter(address, undefined); // a name
  const { host, port } = place;
  if (port !== 0 && isTaken(place)) throw inUse();
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = tryPort(address, host, port!);
    if (found === undefined) return enter(address, undefined);
    const taken = { host, port: found };
    if (port === 0 && isTaken(taken)) continue;
    return enter(formatTcp(host, found), taken);
  }
  throw inUse();
}

/** Whether an address of another transport can be bound shows when it is. */
function bindableLater(
  address: string,
  name: string,
  inner: Inner,
): AddressClaim {
  const transport = findTransport(name);
  if (transport === undefined) {
    throw socketError("EPROTONOSUPPORT", { address });
  }
  try {
    transport.check(address, "bind", inner as unknown as WireOptions);
  } catch (error) {
    throw asSocketError(error, address);
  }
  return enter(address, undefined);
}

function tryPort(
  address: string,
  host: string,
  port: number,
): number | undefined {
  try {
    return probe(host, port);
  } catch (error) {
    throw asSocketError(error, address);
  }
}

function bindablePath(address: string): AddressClaim {
  const endpoint = address === "ipc://*"
    ? `ipc:///tmp/zmq-${crypto.randomUUID()}`
    : address;
  const path = restOf(endpoint);
  const place = { host: path, port: undefined };
  try {
    ipc.check(endpoint, "bind", {} as WireOptions);
    if (isTaken(place)) throw socketError("EADDRINUSE");
    if (!path.startsWith("@")) accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw asSocketError(error, address);
  }
  return enter(endpoint, place);
}

function enter(endpoint: string, place: HostAndPort | undefined): AddressClaim {
  if (place !== undefined) places.add(place);
  return {
    endpoint,
    done: () => {
      if (place !== undefined) places.delete(place);
    },
  };
}

/** Host and port of a TCP address; `undefined` for a host name, which cannot be resolved at once. */
function placeOf(address: string, isIpv6: boolean): HostAndPort | undefined {
  const { source, target } = splitTcp(address) ?? {};
  if (target === undefined || source !== undefined) return undefined;
  const { host: name, port } = target;
  if (port !== "*" && !isPortNumber(port)) return undefined;
  const host = name === "*"
    ? (isIpv6 ? "::" : "0.0.0.0")
    : name === "localhost"
    ? "127.0.0.1"
    : name;
  if (isIP(host) === 0) return undefined;
  return { host, port: port === "*" ? 0 : Number(port) };
}

function isTaken({ host, port }: HostAndPort): boolean {
  for (const place of places) {
    if (place.port !== port) continue;
    if (place.host === host) return true;
    const isAll = ALL_HOSTS.includes(place.host) || ALL_HOSTS.includes(host);
    if (port !== undefined && isAll) return true;
  }
  return false;
}
