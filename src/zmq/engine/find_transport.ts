/**
 * Layer: engine. Finds the transport of an address: those that belong to the
 * context of a socket, and those that are registered in `../transport/`.
 *
 * @module
 */
import { splitEndpoint } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import { traitsOf } from "../socket_traits.ts";
import {
  type AnyTransport,
  findTransport,
  transportNames,
} from "../transport/registry.ts";
import type { SocketType } from "../types.ts";
import { overDatagrams } from "./datagram_transport.ts";
import type { SocketTransport } from "./socket_transport.ts";
import { overWires } from "./wire_transport.ts";

/**
 * The name of an address's transport, as written.
 *
 * @throws {ZmqError} `EINVAL` if the address is malformed.
 */
export function transportNameOf(address: string): string {
  const parts = typeof address === "string"
    ? splitEndpoint(address)
    : undefined;
  if (parts !== undefined) return parts.transport;
  throw new ZmqError(
    "EINVAL",
    `Malformed address "${address}": expected transport://endpoint`,
    { address: String(address) },
  );
}

/**
 * The transport of an address.
 *
 * @param ofContext Those that belong to the context.
 * @throws {ZmqError} `EPROTONOSUPPORT` if it is unknown, `EINVAL` as
 *   {@link transportNameOf}.
 */
export function transportFor(
  address: string,
  ofContext: readonly SocketTransport[],
): SocketTransport {
  const name = transportNameOf(address);
  const found = findTransport(name);
  const transport = found === undefined
    ? ofContext.find((one) => one.name === name)
    : forSockets(found);
  if (transport !== undefined) return transport;
  const known = [...transportNames(), ...ofContext.map(({ name }) => name)];
  throw new ZmqError(
    "EPROTONOSUPPORT",
    `Unsupported transport "${name}" in "${address}": expected ${
      listOf(known)
    }`,
    { address },
  );
}

function forSockets(transport: AnyTransport): SocketTransport {
  return transport.carries === "datagrams"
    ? overDatagrams(transport)
    : overWires(transport);
}

/**
 * Throws unless a type can use a transport: the peers of a STREAM do not speak
 * ZeroMQ, so it needs bytes; a DGRAM needs datagrams, which few others can use.
 *
 * @throws {ZmqError} `EPROTONOSUPPORT`.
 */
export function requireCarrier(
  type: SocketType,
  { carries }: SocketTransport,
  address: string,
): void {
  const { datagrams, isRaw, name } = traitsOf(type);
  const needed = datagrams === "addressed"
    ? ["datagrams"]
    : isRaw
    ? ["bytes"]
    : ["bytes", "frames", "messages"];
  const usable = datagrams === "never" ? needed : [...needed, "datagrams"];
  if (usable.includes(carries)) return;
  const names = transportNames().filter((name) =>
    usable.includes(findTransport(name)!.carries ?? "bytes")
  );
  throw new ZmqError(
    "EPROTONOSUPPORT",
    `A ${name} cannot use "${address}": expected ${listOf(names)}`,
    { address },
  );
}

/** Such as "tcp, ipc or inproc". */
function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? "another build of the engine";
  return names.length < 2
    ? last
    : `${names.slice(0, -1).join(", ")} or ${last}`;
}
