/**
 * Test support. One direction of a ZMTP connection for somebody in the middle:
 * the greeting byte by byte, and then whole frames, each of which may be
 * altered, held back, or followed by others. Knows nothing of the engine.
 *
 * @module
 */
import { bytes, LONG } from "../../support/peers/zmtp_bytes.ts";

/** The bytes of a greeting. */
export const GREETING = 64;

/** What to do with a frame: its bytes, header included, and its number from 0. */
export type Alter = (frame: Uint8Array, index: number) => Uint8Array[];

/** Cuts a stream into frames, and puts what is made of them together again. */
export class FrameStream {
  /** Every frame that came, as it came. */
  readonly frames: Uint8Array[] = [];
  readonly #alter: Alter;
  /** The mechanism to name in the greeting, instead of the true one. */
  readonly #mechanism: Uint8Array | undefined;
  #greeted = 0;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(alter: Alter = (frame) => [frame], mechanism?: string) {
    this.#alter = alter;
    if (mechanism !== undefined) {
      this.#mechanism = bytes(mechanism, new Uint8Array(20 - mechanism.length));
    }
  }

  /** Takes bytes; returns those to pass on. */
  pass(chunk: Uint8Array): Uint8Array {
    const passed: Uint8Array[] = [];
    const head = chunk.slice(0, GREETING - this.#greeted);
    for (let i = 0; i < head.byteLength; i++, this.#greeted++) {
      const byte = this.#mechanism?.[this.#greeted - 12];
      if (byte !== undefined) head[i] = byte;
    }
    passed.push(head);
    this.#rest = bytes(this.#rest, chunk.subarray(head.byteLength));
    for (;;) {
      const frame = this.#next();
      if (frame === undefined) return bytes(...passed);
      passed.push(...this.#alter(frame, this.frames.push(frame) - 1));
    }
  }

  #next(): Uint8Array | undefined {
    const rest = this.#rest;
    if (rest.byteLength < 2) return undefined;
    const isLong = (rest[0]! & LONG) !== 0;
    if (isLong && rest.byteLength < 9) return undefined;
    const view = new DataView(rest.buffer, rest.byteOffset);
    const end = isLong ? 9 + Number(view.getBigUint64(1)) : 2 + rest[1]!;
    if (rest.byteLength < end) return undefined;
    this.#rest = rest.slice(end);
    return rest.slice(0, end);
  }
}

/** The body of a frame. */
export function bodyOf(frame: Uint8Array): Uint8Array {
  return frame.subarray((frame[0]! & LONG) !== 0 ? 9 : 2);
}

/** The name of a command, or of what is in the place of one. */
export function nameOf(frame: Uint8Array): string {
  const body = bodyOf(frame);
  return String.fromCharCode(...body.subarray(1, 1 + (body[0] ?? 0)));
}
