/**
 * Layer: transport. Translates between ZMTP 2.0, which sessions speak, and the
 * messages of a WebSocket under the subprotocol `ZWS2.0`: each is a byte of
 * flags and the body of a frame, and the first one is the routing id. It is the
 * one dialect of RFC 45 whose name a browser can offer. No I/O.
 *
 * `../ws/zws.ts` does the same for all dialects, on the bytes of WebSocket
 * frames; here the browser has made messages of them.
 *
 * @module
 */
import { EMPTY } from "../../bytes.ts";
import { ZmqError } from "../../errors.ts";
import {
  bareGreeting,
  OLD_GREETING_SIZE,
  partnerOf,
} from "../ws/bare_greeting.ts";

const MORE = 1;
const LONG = 2;
const LONG_HEADER = 9;
const SHORT_HEADER = 2;
const MAX_SHORT = 255;

/** Up to this size, the header and the body of a frame are given to the session as one array. */
const WORTH_A_COPY = 4096;

/** Makes ZMTP of the messages that arrive. */
export class IncomingMessages {
  /** What came before our socket type was known; undefined afterwards. */
  #held: Uint8Array[] | undefined = [];

  /** The beginning of the peer's greeting. */
  greeting(): Uint8Array {
    return bareGreeting();
  }

  /**
   * The bytes for the session.
   *
   * @throws {ZmqError} `EPROTO` for a message that is no frame.
   */
  translate(message: Uint8Array): Uint8Array[] {
    const parts = frameOf(message);
    if (this.#held === undefined) return parts;
    this.#held.push(...parts);
    return [];
  }

  /** Our socket type is known, so the rest of the peer's greeting can be made; what was held follows it. */
  typeKnown(type: number): Uint8Array[] {
    const parts = [Uint8Array.of(partnerOf(type)), ...this.#held ?? []];
    this.#held = undefined;
    return parts;
  }
}

/** One frame of ZMTP 2.0. */
function frameOf(message: Uint8Array): Uint8Array[] {
  const flags = message[0];
  if (flags === undefined || flags > MORE) {
    throw new ZmqError(
      "EPROTO",
      flags === undefined
        ? "The peer's message has no flags"
        : `The peer's message has the flags ${flags}: in a browser, only the dialect of ZWS2.0 without commands is spoken`,
    );
  }
  const body = message.subarray(1);
  const size = body.byteLength;
  if (size > MAX_SHORT) {
    const header = new Uint8Array(LONG_HEADER);
    header[0] = flags | LONG;
    new DataView(header.buffer).setBigUint64(1, BigInt(size));
    if (size > WORTH_A_COPY) return [header, body];
    return [joined(header, body)];
  }
  return [joined(Uint8Array.of(flags, size), body)];
}

function joined(header: Uint8Array, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(header.byteLength + body.byteLength);
  whole.set(header);
  whole.set(body, header.byteLength);
  return whole;
}

/** Makes messages of the bytes that a session writes. */
export class OutgoingMessages {
  /** Our socket type, once the session's greeting has shown it. */
  type: number | undefined;
  readonly #header: Uint8Array = new Uint8Array(LONG_HEADER);
  #greetingRead = 0;
  #headerSize = 0;
  #message: Uint8Array = EMPTY;
  /** How much of the message is there; it is whole if that is all of it. */
  #filled = 0;

  /** The messages that are whole; they have memory of their own. */
  translate(chunks: readonly Uint8Array[]): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (const chunk of chunks) {
      let at = this.#skipGreeting(chunk);
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

  #skipGreeting(chunk: Uint8Array): number {
    const missing = OLD_GREETING_SIZE - this.#greetingRead;
    const size = Math.min(missing, chunk.byteLength);
    this.#greetingRead += size;
    // The type is the last byte.
    if (size > 0 && size === missing) this.type = chunk[size - 1];
    return size;
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
    this.#message[0] = flags & MORE;
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
