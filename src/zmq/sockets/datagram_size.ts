/**
 * Layer: sockets. The size of a message that leaves as one datagram.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { MAX_DATAGRAM_BYTES } from "../transport/datagram.ts";

/**
 * Throws unless a message fits into a datagram.
 *
 * @param overhead How many bytes precede the body.
 * @throws {ZmqError} `EMSGSIZE`.
 */
export function requireDatagramSize(overhead: number, body: Uint8Array): void {
  const size = overhead + body.byteLength;
  if (size <= MAX_DATAGRAM_BYTES) return;
  throw new ZmqError(
    "EMSGSIZE",
    `Cannot send ${size} bytes over UDP: a datagram has at most ${MAX_DATAGRAM_BYTES}`,
  );
}
