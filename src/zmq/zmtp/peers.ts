/**
 * Layer: zmtp. Which socket types may talk to each other (RFC 37, section
 * "The Socket-Type Property"). A table; nothing else.
 *
 * @module
 */
import { SOCKET_TYPE_NAMES, type SocketType } from "../types.ts";

const PEERS: Readonly<Record<string, readonly string[]>> = {
  PAIR: ["PAIR"],
  PUB: ["SUB", "XSUB"],
  SUB: ["PUB", "XPUB"],
  REQ: ["REP", "ROUTER"],
  REP: ["REQ", "DEALER"],
  DEALER: ["REP", "DEALER", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
  PULL: ["PUSH"],
  PUSH: ["PULL"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
};

/** Whether a socket of `type` may meet a peer that calls itself `peer`. */
export function mayMeet(type: SocketType, peer: string): boolean {
  return PEERS[SOCKET_TYPE_NAMES[type]]!.includes(peer);
}
