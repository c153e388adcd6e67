/**
 * Layer: transport. Translates between ZMTP, which sessions speak, and the
 * messages of a WebSocket, each of which is a byte of flags and the body of a
 * frame. No I/O.
 *
 * `../ws/zws.ts` does the same on the bytes of WebSocket frames; here a browser
 * or a runtime has made messages of them.
 *
 * @module
 */
import { allocate, asFrame, EMPTY } from "../../bytes.ts";
import { FRAMING_2, MAX_HEADER, zwsFlagsOf } from "../../framing.ts";
import type { Dialect } from "../ws/dialect.ts";
import { WebSocketError } from "../ws/errors.ts";

/** Up to this size, the header and the body of a frame are given to the session as one array. */
const WORTH_A_COPY = 4096;

/** Makes ZMTP of the messages that arrive. */
export class IncomingMessages {
  readonly #dialect: Dialect;
  /** What waits for the rest of the peer's greeting. */
  #held: Uint8Array[] = [];

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Whether there is something to take. */
  get isReady(): boolean {
    return this.#dialect.hasGreeting;
  }

  /**
   * A message has arrived.
   *
   * @throws {WebSocketError} It is no frame, or not one of this dialect.
   */
  add(message: Uint8Array): void {
    const [flags] = message;
    if (flags === undefined) {
      throw new WebSocketError("The peer's message has no flags");
    }
    addFrame(
      this.#held,
      this.#dialect.flagsOf(flags),
      asFrame(message.subarray(1)),
    );
  }

  /** Takes the bytes for the session, each part on its own. */
  take(): Uint8Array[] {
    const parts = this.#dialect.takeGreeting();
    if (this.#dialect.holdsFrames || this.#held.length === 0) return parts;
    const frames = this.#held;
    this.#held = [];
    return parts.length === 0 ? frames : [...parts, ...frames];
  }
}

/** Appends a frame of ZMTP 2.0 or 3. */
function addFrame(to: Uint8Array[], flags: number, body: Uint8Array): void {
  const size = body.byteLength;
  const isJoined = size <= WORTH_A_COPY;
  const frame = allocate(MAX_HEADER + (isJoined ? size : 0));
  const end = FRAMING_2.write(frame, 0, size, flags);
  if (isJoined) frame.set(body, end);
  to.push(frame.subarray(0, isJoined ? end + size : end));
  if (!isJoined) to.push(body);
}

/** Makes messages of the bytes that a session writes. */
export class OutgoingMessages {
  readonly #dialect: Dialect;
  readonly #header: Uint8Array = new Uint8Array(MAX_HEADER);
  #headerSize = 0;
  #message: Uint8Array = EMPTY;
  /** How much of the message is there; it is whole if that is all of it. */
  #filled = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The messages that are whole; they have memory of their own. */
  translate(chunks: readonly Uint8Array[]): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (const chunk of chunks) {
      let at = this.#dialect.greetingSize(chunk);
      while (at < chunk.byteLength) {
        at = this.#filled === this.#message.byteLength
          ? this.#readHeader(chunk, at)
          : this.#readBody(chunk, at);
        const isWhole = this.#filled === this.#message.byteLength;
        if (isWhole && this.#headerSize === 0) messages.push(this.#message);
      }
    }
    return messages;
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const header = this.#header;
    header[this.#headerSize++] = chunk[at]!;
    if (this.#headerSize < FRAMING_2.headerSize(header, 0)) return at + 1;
    this.#headerSize = 0;
    const size = FRAMING_2.bodySize(header, 0);
    this.#message = new Uint8Array(1 + size);
    this.#message[0] = zwsFlagsOf(header[0]!);
    this.#filled = 1;
    return at + 1;
  }

  #readBody(chunk: Uint8Array, at: number): number {
    const missing = this.#message.byteLength - this.#filled;
    const part = chunk.subarray(at, at + missing);
    this.#message.set(part, this.#filled);
    this.#filled += part.byteLength;
    return at + part.byteLength;
  }
}
