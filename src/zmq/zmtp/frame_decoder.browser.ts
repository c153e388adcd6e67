/**
 * Layer: zmtp. Messages of ZWS in, frames out: a browser hands over whole ones.
 *
 * @module
 */
import { flagsOfZws, type Framing } from "../framing.ts";
import type { FrameGate } from "./frame_decoder.ts";

export type { FrameGate };

/** Decodes the frames of one connection. */
export class FrameDecoder {
  /** The flags of the frame that `next` returned last. */
  flags = 0;
  /** Without meaning here. */
  declare framing: Framing;
  #messages: (Uint8Array | undefined)[] = [];
  #next = 0;
  readonly #gate: FrameGate;

  /** @param gate Called with the size and flags of each frame. */
  constructor(gate: FrameGate) {
    this.#gate = gate;
  }

  /** Whether anything is left to read. */
  get isPartial(): boolean {
    return this.#messages.length > 0;
  }

  /** Takes a message, which must not change afterwards. */
  push(message: Uint8Array): void {
    this.#messages.push(message);
  }

  /** The body of the next frame, or `undefined` until another message arrives. */
  next(): Uint8Array | undefined {
    const message = this.#messages[this.#next];
    if (message === undefined) return undefined;
    this.#messages[this.#next++] = undefined;
    if (this.#next === this.#messages.length) {
      this.#messages = [];
      this.#next = 0;
    }
    this.flags = flagsOfZws(message[0]!);
    this.#gate(message.byteLength - 1, this.flags);
    return message.subarray(1);
  }
}
