/**
 * Layer: zmtp. Frames in, messages of ZWS out (RFC 45): a byte of flags, then the
 * body. A browser sends each as it is, so each has memory of its own.
 *
 * @module
 */
import { COMMAND, type Framing, MORE, zwsFlagsOf } from "../framing.ts";
import type { Message } from "../message.ts";

/** Encodes the frames of one connection. */
export class FrameEncoder {
  /** The bytes that wait to be taken. */
  byteLength = 0;
  /** Without meaning here. */
  declare framing: Framing;
  /** Where the body belongs of the frame that `begin` began. */
  readonly bodyAt = 1;
  #messages: Uint8Array[] = [];

  /** Appends all frames of a message. */
  message(frames: Message): void {
    const last = frames.length - 1;
    for (let i = 0; i <= last; i++) this.frame(frames[i]!, i < last ? MORE : 0);
  }

  /** Appends a command: its name, then its data. */
  command(body: Uint8Array): void {
    this.frame(body, COMMAND);
  }

  /** Appends one frame. */
  frame(body: Uint8Array, flags: number): void {
    const message = this.begin(body.byteLength, flags);
    message.set(body, 1);
    this.commit(message);
  }

  /** Begins a frame whose body is made in its place, such as an encrypted one. */
  begin(size: number, flags: number): Uint8Array {
    const message = new Uint8Array(1 + size);
    message[0] = zwsFlagsOf(flags);
    return message;
  }

  /** Appends the frame that `begin` began. */
  commit(message: Uint8Array): void {
    this.#messages.push(message);
    this.byteLength += message.byteLength;
  }

  /** Is not called: runs are not in this framing. */
  run(): void {}

  /** Takes what waits, in order. */
  take(): Uint8Array[] {
    const messages = this.#messages;
    this.#messages = [];
    this.byteLength = 0;
    return messages;
  }

  /** What was taken has been written. */
  written(): void {}
}
