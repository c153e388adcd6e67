/**
 * Test support. Whole conversations of a peer, from its greeting to its last
 * frame, for each side of each mechanism; as they should be, or nearly so, and
 * then changed.
 *
 * @module
 */
import { SOCKET_TYPE_NAMES, type SocketType } from "../../src/zmq/types.ts";
import { COMMAND } from "../support/peers/zmtp_bytes.ts";
import { HELLO, initiate, ready, sealed, WELCOME } from "./curve_peer.ts";
import { Grammar } from "./grammar.ts";
import { mutate, reorder } from "./mutate.ts";
import type { Random } from "./random.ts";
import { Writer } from "./writer.ts";

/** The sides whose peer is fuzzed. */
export type Side =
  | "null"
  | "null-asking"
  | "plain-server"
  | "plain-client"
  | "curve-server"
  | "curve-client";

/** For each socket type one that it may meet; none for those that do not speak ZMTP. */
export const PEERS: readonly string[] = [
  "PAIR",
  "SUB",
  "PUB",
  "REP",
  "REQ",
  "ROUTER",
  "DEALER",
  "PUSH",
  "PULL",
  "SUB",
  "PUB",
  "",
  "CLIENT",
  "SERVER",
  "DISH",
  "RADIO",
  "SCATTER",
  "GATHER",
  "",
  "PEER",
  "CHANNEL",
];
/** The types that have peers. */
export const TYPES: readonly SocketType[] = PEERS.flatMap((peer, type) =>
  peer === "" ? [] : [type as SocketType]
);
const NOTHING = new Uint8Array(0);

/** Makes what a peer sends. One for all inputs. */
export class Conversation {
  readonly #grammar = new Grammar();
  readonly #writer = new Writer();

  /**
   * Makes the bytes that are sent to one side; they change with the next call.
   *
   * @param type The socket type of that side.
   */
  bytes(random: Random, side: Side, type: SocketType): Uint8Array {
    const writer = this.#writer;
    this.#grammar.begin(random, writer);
    if (random.oneIn(12)) this.#grammar.noise(random.below(120));
    else this.#converse(random, side, type);
    if (random.oneIn(5)) reorder(writer, random);
    if (!random.oneIn(3)) {
      for (let n = random.below(4); n > 0; n--) mutate(writer, random);
    }
    return writer.written;
  }

  #converse(random: Random, side: Side, type: number): void {
    const grammar = this.#grammar;
    const peer = random.oneIn(12)
      ? random.pick(SOCKET_TYPE_NAMES)
      : PEERS[type]!;
    const version = grammar.greeting(
      side.split("-")[0]!.toUpperCase(),
      side.endsWith("client"),
      peer,
    );
    if (version === 3) this.#shakeHands(side, peer);
    const frames = random.oneIn(4) ? 0 : random.below(7);
    for (let n = 0; n < frames; n++) {
      if (!side.startsWith("curve") || random.oneIn(40)) grammar.frame(version);
      else this.#sealedFrame(random, side, n);
    }
  }

  #shakeHands(side: Side, peer: string): void {
    const grammar = this.#grammar;
    switch (side) {
      case "null":
      case "null-asking":
        return grammar.handshake("READY", grammar.metadata(peer));
      case "plain-server":
        grammar.hello();
        return grammar.handshake("INITIATE", grammar.metadata(peer));
      case "plain-client":
        grammar.handshake("WELCOME", NOTHING);
        return grammar.handshake("READY", grammar.metadata(peer));
      case "curve-server":
        grammar.handshake("HELLO", HELLO);
        return grammar.handshake("INITIATE", initiate(grammar.metadata(peer)));
      case "curve-client":
        grammar.handshake("WELCOME", WELCOME);
        return grammar.handshake("READY", ready(grammar.metadata(peer)));
    }
  }

  #sealedFrame(random: Random, side: Side, index: number): void {
    const grammar = this.#grammar;
    const isCommand = random.oneIn(3);
    const flags = random.oneIn(20)
      ? random.below(256)
      : isCommand
      ? 2
      : random.below(2);
    const body = isCommand ? grammar.command() : grammar.message();
    const from = side === "curve-server" ? "client" : "server";
    const count = (from === "client" ? 3 : 2) + index;
    const jump = random.oneIn(30) ? random.below(4) - 2 : 0;
    grammar.enclose(
      sealed(from, count + jump, flags, body),
      random.oneIn(6) ? COMMAND : 0,
    );
  }
}
