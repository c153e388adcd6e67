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
import {
  COMMAND,
  type Dialect,
  LONG,
  MORE,
  ZWS_COMMAND,
  ZWS_MORE,
} from "../ws/dialect.ts";
import { WebSocketError } from "../ws/errors.ts";

const LONG_HEADER = 9;
const SHORT_HEADER = 2;
const MAX_SHORT = 255;

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
  if (size <= MAX_SHORT) {
    to.push(joined(Uint8Array.of(flags, size), body));
    return;
  }
  const header = new Uint8Array(LONG_HEADER);
  header[0] = flags | LONG;
  new DataView(header.buffer).setBigUint64(1, BigInt(size));
  if (size > WORTH_A_COPY) to.push(header, body);
  else to.push(joined(header, body));
}

function joined(header: Uint8Array, body: Uint8Array): Uint8Array {
  const whole = allocate(header.byteLength + body.byteLength);
  whole.set(header);
  whole.set(body, header.byteLength);
  return whole;
}

/** Makes messages of the bytes that a session writes. */
export class OutgoingMessages {
  readonly #dialect: Dialect;
  readonly #header: Uint8Array = new Uint8Array(LONG_HEADER);
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
    const flags = header[0]!;
    const isLong = (flags & LONG) !== 0;
    if (this.#headerSize < (isLong ? LONG_HEADER : SHORT_HEADER)) return at + 1;
    this.#headerSize = 0;
    const size = isLong
      ? Number(new DataView(header.buffer).getBigUint64(1))
      : header[1]!;
    this.#message = new Uint8Array(1 + size);
    this.#message[0] = (flags & COMMAND) !== 0
      ? ZWS_COMMAND
      : (flags & MORE) !== 0
      ? ZWS_MORE
      : 0;
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
