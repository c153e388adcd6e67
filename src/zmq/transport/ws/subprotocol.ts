/**
 * Layer: transport. The WebSocket subprotocols of ZeroMQ (RFC 45), and which of
 * them a socket uses.
 *
 * @module
 */
import { protectionOf } from "../../options/protection.ts";
import type { WireOptions } from "../wire.ts";

/** A mechanism of security. */
export type MechanismName = "NULL" | "PLAIN" | "CURVE";

/** The name without a mechanism: no handshake, the routing id comes first. */
export const BARE = "ZWS2.0";

/** What is spoken on one connection. */
export interface Subprotocol {
  readonly name: string;
  /** The mechanism; undefined without one. */
  readonly mechanism: MechanismName | undefined;
}

/** The subprotocols that a socket speaks, the best one first. */
export function subprotocolsOf(
  options: WireOptions,
  isBound: boolean,
): Subprotocol[] {
  const { mechanism: protectedBy, authenticatesPeers } = protectionOf(
    options,
    isBound,
  );
  const mechanism = protectedBy === null
    ? "NULL"
    : protectedBy === "plain"
    ? "PLAIN"
    : "CURVE";
  const named: Subprotocol = { name: `${BARE}/${mechanism}`, mechanism };
  return mechanism === "NULL" && !authenticatesPeers
    ? [named, { name: BARE, mechanism: undefined }]
    : [named];
}
