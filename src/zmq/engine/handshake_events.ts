/**
 * Layer: engine. The monitor events of a handshake.
 *
 * @module
 */
import { AuthError, ProtocolError, ZmqError } from "../errors.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import type { Event } from "./observer.ts";

/**
 * The handshake has succeeded.
 *
 * @param address The endpoint that was bound or connected.
 * @param peerAddress The address of the peer.
 */
export function doneEvent(
  address: string,
  peerAddress: string,
  { socketType, routingId, version }: PeerProperties,
): Event {
  return {
    type: "handshake",
    address,
    peer: {
      address: peerAddress,
      socketType,
      routingId,
      version: version.name,
    },
  };
}

/** The handshake has failed, or the peer broke the protocol later. */
export function failedEvent(address: string, error: Error): Event {
  const type = error instanceof ProtocolError
    ? "handshake:error:protocol"
    : error instanceof AuthError
    ? "handshake:error:auth"
    : "handshake:error:other";
  return { type, address, error } as Event;
}

/** Whatever was thrown, as an `Error`. */
export function errorOf(cause: unknown): Error {
  if (cause instanceof Error) return cause;
  return new ZmqError("EPROTO", `The connection failed: ${cause}`, { cause });
}
