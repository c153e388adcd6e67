/**
 * Layer: sockets. Routing ids that an application assigns, and the errors of
 * two peers that have the same.
 *
 * @module
 */
import { copyOf } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";

/**
 * A routing id for a peer, as a copy.
 *
 * @throws {ZmqError} `EINVAL` for an id that starts with a zero byte, which
 *   only the socket may assign.
 */
export function checkRoutingId(routingId: string | Uint8Array): Uint8Array {
  const id = toFrame(routingId);
  if (id.byteLength < 1 || id.byteLength > 255 || id[0] === 0) {
    throw new ZmqError(
      "EINVAL",
      "A routing id must have 1 to 255 bytes and not start with a zero byte",
    );
  }
  return copyOf(id);
}

/** Why the connection of a peer was closed that has the routing id of another. */
export function taken(): ZmqError {
  return new ZmqError("EEXIST", "Another peer already has this routing id");
}

/** Why a connection was closed when another peer took over its routing id, with `handover`. */
export function replaced(): ZmqError {
  return new ZmqError(
    "EEXIST",
    "Another peer with the same routing id has taken over (option handover)",
  );
}

/** Why the connection of a peer was closed that chose a routing id that only the socket may assign. */
export function reserved(): ZmqError {
  return new ZmqError(
    "EINVAL",
    "The peer's routing id starts with a zero byte",
  );
}
