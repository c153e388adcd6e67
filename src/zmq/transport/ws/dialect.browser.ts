/**
 * Layer: transport. The dialect of a connection in a browser, which is the client:
 * it cannot wait for the server's first frame, and tries the other dialect with
 * its next attempt if the server has shown it.
 *
 * @module
 */
import { flagsOfZws, ZWS_COMMAND } from "../../framing.ts";
import { OtherDialectError, WebSocketError } from "./errors.ts";
import type { Subprotocol } from "./subprotocol.ts";

/** The dialect of one connection. */
export class Dialect {
  readonly #subprotocol: Subprotocol;
  #isFirst = true;

  constructor(subprotocol: Subprotocol) {
    this.#subprotocol = subprotocol;
  }

  /**
   * The flags of ZMTP for the next frame of the peer.
   *
   * @throws {WebSocketError} The peer must not send such a frame.
   */
  flagsOf(flags: number): number {
    if (flags > ZWS_COMMAND) {
      throw new WebSocketError(`The peer's message has the flags ${flags}`);
    }
    if (this.#isFirst) {
      this.#isFirst = false;
      const { mechanism, dialects: [ours] } = this.#subprotocol;
      const theirs = flags === ZWS_COMMAND ? "commands" : "routing id";
      if (theirs !== ours) {
        throw mechanism === "NULL"
          ? new OtherDialectError(theirs)
          : new WebSocketError(
            `The peer began with a message, not with a command of ${mechanism}`,
          );
      }
    }
    return flagsOfZws(flags);
  }
}
