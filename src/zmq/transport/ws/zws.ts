/**
 * Layer: transport. Translates between ZMTP, which sessions speak, and ZWS 2.0
 * (RFC 45), in which each frame of ZeroMQ is a binary message of WebSocket: a
 * byte of flags, then the body. ZWS has no greeting, since the upgrade has
 * agreed on the mechanism; so the greeting of the peer is made here, and ours is
 * dropped: `dialect.ts`. No I/O.
 *
 * Bodies are not stored, except for those that arrive in fragments. The header
 * of a frame is passed on before its body arrives, so the session checks its
 * limits before anything is stored.
 *
 * @module
 */
import { BytePile } from "./byte_pile.ts";
import { FRAMING_2, MAX_HEADER, zwsFlagsOf } from "../../framing.ts";
import { Dialect } from "./dialect.ts";
import { WebSocketError } from "./errors.ts";
import {
  BINARY,
  type FrameSink,
  mask,
  newMask,
  renewMask,
  writeHeader,
} from "./frames.ts";
import type { Subprotocol } from "./subprotocol.ts";

/** Bodies from this size on are written from where they are, unless they are masked. */
const WORTH_A_CHUNK = 8192;

/** With PLAIN and CURVE, the handshake is done when the server has sent so many commands. */
const COMMANDS_OF_HANDSHAKE = 2;

/** The translation of one connection. */
export class ZwsTranslator implements FrameSink {
  readonly #isServer: boolean;
  readonly #limit: number;
  readonly #subprotocol: Subprotocol;
  readonly #dialect: Dialect;
  readonly #outgoing: OutgoingFrames;
  /** The frames to give to the session after the greeting. */
  readonly #frames: BytePile = new BytePile();
  #bodySize = 0;
  #areFlagsMissing = false;
  #framesRead = 0;

  /** @param limit The option `maxMessageSize`. */
  constructor(subprotocol: Subprotocol, isServer: boolean, limit: number) {
    this.#isServer = isServer;
    this.#limit = limit;
    this.#subprotocol = subprotocol;
    this.#dialect = new Dialect(subprotocol, isServer);
    this.#outgoing = new OutgoingFrames(this.#dialect, !isServer);
  }

  /** Whether a part of the greeting is to be taken. */
  get hasGreeting(): boolean {
    return this.#dialect.hasGreeting;
  }

  /** Takes what is to be given to the session, each part on its own. */
  take(): Uint8Array[] {
    const parts = this.#dialect.takeGreeting();
    if (!this.#dialect.holdsFrames && this.#frames.size > 0) {
      parts.push(this.#frames.take());
    }
    return parts;
  }

  /** What to send to the peer for bytes that the session writes; they must not change before that is written. */
  translate(chunks: readonly Uint8Array[]): Uint8Array[] {
    return this.#outgoing.translate(chunks);
  }

  get fragmentLimit(): number {
    if (!this.#isHandshakeDone) return 0;
    return this.#limit < 0 ? Infinity : this.#limit + 1;
  }

  begin(size: number): void {
    if (size === 0) throw new WebSocketError("The peer's message has no flags");
    this.#bodySize = size - 1;
    this.#areFlagsMissing = true;
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#areFlagsMissing) {
      this.#areFlagsMissing = false;
      const flags = this.#dialect.flagsOf(bytes[start]!);
      writeZmtpHeader(this.#frames, flags, this.#bodySize);
      start++;
    }
    this.#frames.addPart(bytes, start, end);
  }

  end(): void {
    this.#framesRead++;
  }

  control(): void {}

  /** Until then, nothing in fragments is stored. */
  get #isHandshakeDone(): boolean {
    if (this.#subprotocol.mechanism === "NULL") return this.#framesRead > 0;
    const commands = this.#isServer ? this.#outgoing.frames : this.#framesRead;
    return commands >= COMMANDS_OF_HANDSHAKE;
  }
}

/** Translates the bytes that a session writes. */
class OutgoingFrames {
  /** How many frames have begun. */
  frames = 0;
  readonly #dialect: Dialect;
  /** The mask of the current message; only clients have one. */
  readonly #key: Uint8Array | undefined;
  readonly #header: Uint8Array = new Uint8Array(MAX_HEADER);
  #headerSize = 0;
  #missing = 0;
  #phase = 0;
  #pile: BytePile = new BytePile();
  #parts: Uint8Array[] = [];

  constructor(dialect: Dialect, isMasked: boolean) {
    this.#dialect = dialect;
    this.#key = isMasked ? newMask() : undefined;
  }

  translate(chunks: readonly Uint8Array[]): Uint8Array[] {
    for (const chunk of chunks) this.#translate(chunk);
    this.#cut();
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  #translate(chunk: Uint8Array): void {
    let at = this.#dialect.greetingSize(chunk);
    while (at < chunk.byteLength) {
      if (this.#missing === 0) at = this.#readHeader(chunk, at);
      else {
        const end = Math.min(chunk.byteLength, at + this.#missing);
        this.#missing -= end - at;
        this.#body(chunk, at, end);
        at = end;
      }
    }
  }

  /** Reads what is there of a header; returns where that ends. */
  #readHeader(chunk: Uint8Array, at: number): number {
    const header = this.#header;
    while (at < chunk.byteLength) {
      header[this.#headerSize++] = chunk[at++]!;
      if (this.#headerSize < FRAMING_2.headerSize(header, 0)) continue;
      this.#headerSize = 0;
      this.#begin(header[0]!, FRAMING_2.bodySize(header, 0));
      break;
    }
    return at;
  }

  /** Begins a message of WebSocket with its flags. */
  #begin(flags: number, bodySize: number): void {
    const key = this.#key;
    if (key !== undefined) renewMask(key);
    this.frames++;
    this.#missing = bodySize;
    writeHeader(this.#pile, BINARY, bodySize + 1, key);
    const zws = zwsFlagsOf(flags);
    this.#pile.byte(key === undefined ? zws : zws ^ key[0]!);
    this.#phase = 1;
  }

  #body(chunk: Uint8Array, start: number, end: number): void {
    const key = this.#key;
    if (key === undefined && end - start >= WORTH_A_CHUNK) {
      this.#cut();
      this.#parts.push(chunk.subarray(start, end));
      return;
    }
    const pile = this.#pile;
    const at = pile.size;
    pile.addPart(chunk, start, end);
    if (key === undefined) return;
    this.#phase = mask(pile.room(0), at, pile.size, key, this.#phase);
  }

  #cut(): void {
    if (this.#pile.size > 0) this.#parts.push(this.#pile.take());
  }
}

/** Appends a header of ZMTP 2.0 or 3. */
function writeZmtpHeader(pile: BytePile, flags: number, size: number): void {
  const bytes = pile.room(MAX_HEADER);
  pile.size = FRAMING_2.write(bytes, pile.size, size, flags);
}
