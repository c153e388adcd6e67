/**
 * Layer: engine. What a handshake tells those who watch a socket.
 *
 * @module
 */
import { AuthError, ProtocolError, ZmqError } from "../errors.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import type { Event } from "./observer.ts";

/**
 * It is done.
 *
 * @param address The endpoint that was bound or connected.
 * @param peerAddress Where the peer is.
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

/** It has failed, or the connection has broken the protocol later. */
export function failedEvent(address: string, error: Error): Event {
  const type = error instanceof ProtocolError
    ? "handshake:error:protocol"
    : error instanceof AuthError
    ? "handshake:error:auth"
    : "handshake:error:other";
  return { type, address, error } as Event;
}

/** What was thrown as an error, which it need not be. */
export function errorOf(cause: unknown): Error {
  if (cause instanceof Error) return cause;
  return new ZmqError("EPROTO", `The connection failed: ${cause}`, { cause });
}
