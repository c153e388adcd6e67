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
import {
  COMMAND,
  Dialect,
  LONG,
  MORE,
  ZWS_COMMAND,
  ZWS_MORE,
} from "./dialect.ts";
import { WebSocketError } from "./errors.ts";
import {
  BINARY,
  type FrameSink,
  mask,
  newMask,
  writeHeader,
} from "./frames.ts";
import type { Subprotocol } from "./subprotocol.ts";

const MAX_ZMTP_HEADER = 9;

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

  data(bytes: Uint8Array): void {
    if (this.#areFlagsMissing) {
      this.#areFlagsMissing = false;
      const flags = this.#dialect.flagsOf(bytes[0]!);
      writeZmtpHeader(this.#frames, flags, this.#bodySize);
      bytes = bytes.subarray(1);
    }
    this.#frames.add(bytes);
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
  readonly #isMasked: boolean;
  readonly #header: Uint8Array = new Uint8Array(MAX_ZMTP_HEADER);
  #headerSize = 0;
  #missing = 0;
  #key: Uint8Array | undefined;
  #phase = 0;
  #pile: BytePile = new BytePile();
  #parts: Uint8Array[] = [];

  constructor(dialect: Dialect, isMasked: boolean) {
    this.#dialect = dialect;
    this.#isMasked = isMasked;
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
      if (this.#missing === 0) {
        this.#header[this.#headerSize++] = chunk[at++]!;
        this.#readHeader();
      } else {
        const end = Math.min(chunk.byteLength, at + this.#missing);
        this.#missing -= end - at;
        this.#body(chunk.subarray(at, end));
        at = end;
      }
    }
  }

  #readHeader(): void {
    const header = this.#header;
    const flags = header[0]!;
    const size = (flags & LONG) === 0 ? 2 : MAX_ZMTP_HEADER;
    if (this.#headerSize < size) return;
    this.#headerSize = 0;
    this.#missing = header[1]!;
    for (let i = 2; i < size; i++) {
      this.#missing = this.#missing * 256 + header[i]!;
    }
    this.frames++;
    const key = this.#key = this.#isMasked ? newMask() : undefined;
    writeHeader(this.#pile, BINARY, this.#missing + 1, key);
    const isCommand = (flags & COMMAND) !== 0;
    this.#phase = 0;
    this.#append(
      Uint8Array.of(isCommand ? ZWS_COMMAND : flags & MORE ? ZWS_MORE : 0),
    );
  }

  #body(part: Uint8Array): void {
    if (this.#isMasked || part.byteLength < WORTH_A_CHUNK) {
      return this.#append(part);
    }
    this.#cut();
    this.#parts.push(part);
  }

  #append(part: Uint8Array): void {
    const pile = this.#pile;
    const start = pile.size;
    pile.add(part);
    if (this.#key === undefined) return;
    const bytes = pile.room(0);
    this.#phase = mask(bytes, start, pile.size, this.#key, this.#phase);
  }

  #cut(): void {
    if (this.#pile.size > 0) this.#parts.push(this.#pile.take());
  }
}

/** Appends a header of ZMTP 2.0 or 3. */
function writeZmtpHeader(pile: BytePile, flags: number, size: number): void {
  if (size < 256) {
    pile.byte(flags);
    return pile.byte(size);
  }
  pile.byte(flags | LONG);
  for (let i = 7; i >= 0; i--) pile.byte(Math.floor(size / 256 ** i) & 0xff);
}
