/**
 * Layer: zmtp. The metadata that both sides exchange in the handshake (RFC 37,
 * "Connection Metadata"), without its encoding.
 *
 * @module
 */
import { concat, EMPTY, encodeText } from "../bytes.ts";
import { ProtocolError } from "../errors.ts";
import { isCompatible, traitsOf } from "../socket_traits.ts";
import { SOCKET_TYPE_NAMES, type SocketType } from "../types.ts";
import type { Metadata } from "./command.ts";
import type { Version } from "./versions.ts";

/** What is known about the peer from the handshake or, before ZMTP 3.0, from its greeting. */
export interface PeerProperties {
  /** The version of ZMTP used with it. */
  readonly version: Version;
  /** Empty if the peer does not announce it. */
  readonly socketType: string;
  /** Empty if the peer has not chosen one. */
  readonly routingId: Uint8Array;
}

/**
 * Reads the peer's metadata.
 *
 * @throws {ProtocolError} The socket types are not compatible, or the routing
 *   id is too long.
 */
export function readPeer(
  metadata: Metadata,
  type: SocketType,
  version: Version,
): PeerProperties {
  // Like libzmq we accept a peer that does not announce its type.
  const socketType = text(metadata.get("socket-type"));
  if (socketType !== "") requireMeeting(type, socketType);
  const routingId = metadata.get("identity") ?? EMPTY;
  requireRoutingId(routingId.byteLength);
  // Most peers have none, and a copy of that takes 184 bytes (V8), too.
  const id = routingId.byteLength === 0 ? EMPTY : concat([routingId]);
  return { version, socketType, routingId: id };
}

/**
 * Checks the peer's socket type.
 *
 * @throws {ProtocolError} It is not compatible with `type`.
 */
export function requireMeeting(type: SocketType, peer: string): void {
  if (isCompatible(type, peer)) return;
  const shown = peer.replace(/[^\x20-\x7e]/g, "?").slice(0, 32);
  throw new ProtocolError(
    "ERR_ZMTP_INVALID_METADATA",
    `${SOCKET_TYPE_NAMES[type]} and ${shown} are not compatible`,
  );
}

/**
 * Checks the size of the peer's routing id.
 *
 * @throws {ProtocolError} It is too long.
 */
export function requireRoutingId(size: number): void {
  if (size <= 255) return;
  throw new ProtocolError(
    "ERR_ZMTP_INVALID_METADATA",
    "The peer's routing id is longer than 255 bytes",
  );
}

/** The metadata of this side. */
export function ownProperties(
  { type: socketType, routingId }: {
    readonly type: SocketType;
    readonly routingId: Uint8Array;
  },
): [string, Uint8Array][] {
  const { name, sendsRoutingId } = traitsOf(socketType);
  const properties: [string, Uint8Array][] = [[
    "Socket-Type",
    encodeText(name),
  ]];
  if (sendsRoutingId) properties.push(["Identity", routingId]);
  return properties;
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined
    ? ""
    : String.fromCharCode(...bytes.subarray(0, 64));
}
