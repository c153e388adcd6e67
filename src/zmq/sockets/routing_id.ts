/**
 * Layer: sockets. The routing ids that an application gives, and what happens
 * where two peers have the same.
 *
 * @module
 */
import { copyOf } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";

/**
 * A routing id to give a peer, as bytes of our own.
 *
 * @throws {ZmqError} `EINVAL`: those that begin with a zero byte are the socket's to give.
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

/** Why a connection was closed whose peer has the routing id of another. */
export function taken(): ZmqError {
  return new ZmqError("EEXIST", "Another peer already has this routing id");
}

/** Why a connection was closed when, with `handover`, another peer came. */
export function replaced(): ZmqError {
  return new ZmqError(
    "EEXIST",
    "Another peer with the same routing id has taken over (option handover)",
  );
}

/** Why a connection was closed whose peer gave itself a routing id that only the socket gives. */
export function reserved(): ZmqError {
  return new ZmqError(
    "EINVAL",
    "The peer's routing id starts with a zero byte",
  );
}
