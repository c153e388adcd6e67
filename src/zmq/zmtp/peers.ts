/**
 * Layer: zmtp. Which socket types may talk to each other (RFC 37, section
 * "The Socket-Type Property"; of the draft types, RFC 41, 48, 49, 51 and 52). A
 * table; nothing else.
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
  STREAM: [], // its peers do not speak ZMTP
  SERVER: ["CLIENT"],
  CLIENT: ["SERVER"],
  RADIO: ["DISH"],
  DISH: ["RADIO"],
  GATHER: ["SCATTER"],
  SCATTER: ["GATHER"],
  PEER: ["PEER"],
  CHANNEL: ["CHANNEL"],
};

/** Whether a socket of `type` may meet a peer that calls itself `peer`. */
export function mayMeet(type: SocketType, peer: string): boolean {
  return PEERS[SOCKET_TYPE_NAMES[type]]!.includes(peer);
}
