/**
 * Layer: transport. Writes the control frames of WebSocket: Ping, Pong, Close.
 * They must not stand among the pieces of a message, and a peer that sends Pings
 * and reads nothing must not fill memory with Pongs. So one is written at a time,
 * and one waits, which a later one replaces (RFC 6455, section 5.5.3).
 *
 * @module
 */
import { EMPTY } from "../../bytes.ts";
import type { Wire } from "../wire.ts";
import { CLOSE, closePayload, controlFrame, PING, PONG } from "./frames.ts";

/** Writes the control frames of one connection. */
export class ControlFrames {
  readonly #wire: Wire;
  readonly #isMasked: boolean;
  /** Whether a message is being written. */
  #isInMessage = false;
  /** Whether a control frame is being written. */
  #isWriting = false;
  /** The one that waits. */
  #next: Uint8Array | undefined;

  /** @param isMasked Whether this side is the client. */
  constructor(wire: Wire, isMasked: boolean) {
    this.#wire = wire;
    this.#isMasked = isMasked;
  }

  /** A message begins: until its end, control frames wait. */
  beginMessage(): void {
    this.#isInMessage = true;
  }

  /** The message is written, or has failed. */
  endMessage(error: Error | null | undefined): void {
    this.#isInMessage = false;
    this.#writeNext(error);
  }

  /** Sends a Ping, unless the peer has something to read anyway. */
  ping(): void {
    if (!this.#isInMessage && !this.#isWriting) this.#write(PING, EMPTY);
  }

  /** Answers a Ping. */
  pong(payload: Uint8Array): void {
    this.#write(PONG, payload);
  }

  /** Sends a Close, unless a message is being written: it would never be whole. */
  close(code: number): void {
    if (this.#isInMessage) return;
    const frame = controlFrame(CLOSE, closePayload(code), this.#isMasked);
    this.#wire.write([frame], () => {}); // the last one need not wait
  }

  #write(opcode: number, payload: Uint8Array): void {
    this.#next = controlFrame(opcode, payload, this.#isMasked);
    this.#writeNext(undefined);
  }

  #writeNext(error: Error | null | undefined): void {
    const frame = this.#next;
    if (error || frame === undefined) return;
    if (this.#isInMessage || this.#isWriting) return;
    this.#next = undefined;
    this.#isWriting = true;
    this.#wire.write([frame], (error) => {
      this.#isWriting = false;
      this.#writeNext(error);
    });
  }
}
