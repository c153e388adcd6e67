/**
 * Layer: sockets. The routing ids that an application gives.
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
      "A routing id has 1 to 255 bytes, and does not begin with a zero byte",
    );
  }
  return copyOf(id);
}
