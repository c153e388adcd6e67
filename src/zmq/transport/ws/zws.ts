/**
 * Layer: transport. Translates between ZMTP, which sessions speak, and ZWS 2.0
 * (RFC 45), in which each frame of ZeroMQ is a binary message of WebSocket: a
 * byte of flags, then the body. ZWS has no greeting, since the upgrade has
 * agreed on the mechanism; so the greeting of the peer is made here, and ours is
 * dropped. No I/O.
 *
 *     subprotocol                  greeting of the peer
 *     ZWS2.0/NULL, PLAIN, CURVE    ZMTP 3.0: subscriptions are messages, as RFC 45 has them
 *     ZWS2.0, routing id first     ZMTP 2.0, with a socket type that fits ours
 *     ZWS2.0, READY first          ZMTP 3.1, NULL: the dialect of omq.ts
 *
 * Bodies are not stored, except for those that arrive in fragments. The header
 * of a frame is passed on before its body arrives, so the session checks its
 * limits before anything is stored.
 *
 * @module
 */
import { encodeText } from "../../bytes.ts";
import {
  bareGreeting,
  OLD_GREETING_SIZE,
  partnerOf,
  SIGNATURE,
} from "./bare_greeting.ts";
import { BytePile } from "./byte_pile.ts";
import {
  BINARY,
  type FrameSink,
  mask,
  newMask,
  RoutingIdError,
  WebSocketError,
  writeHeader,
} from "./frames.ts";
import type { MechanismName, Subprotocol } from "./subprotocol.ts";

// The flags of ZWS.
const ZWS_MORE = 1;
const ZWS_COMMAND = 2;
// The flags of ZMTP.
const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/** A greeting of ZMTP 3, and the part of it that shows the version. */
const GREETING_SIZE = 64;
const VERSION_SIZE = 12;
const MAX_ZMTP_HEADER = 9;

/** Bodies from this size on are written from where they are, unless they are masked. */
const WORTH_A_CHUNK = 8192;

/** With PLAIN and CURVE, the handshake is done when the server has sent so many commands. */
const COMMANDS_OF_HANDSHAKE = 2;

type Dialect =
  /** The peer's first frame will show it. */
  | "unknown"
  /** A mechanism runs. */
  | "commands"
  /** The routing id comes first. */
  | "routing id";

/** The translation of one connection. */
export class ZwsTranslator implements FrameSink {
  readonly #isServer: boolean;
  readonly #limit: number;
  readonly #mechanism: MechanismName | undefined;
  readonly #outgoing: OutgoingFrames;
  #dialect: Dialect;
  /** Parts of the greeting to give to the session, one by one. */
  #greeting: Uint8Array[] = [];
  /** The frames to give to it afterwards; with ZMTP 2.0, once our socket type is known. */
  readonly #frames: BytePile = new BytePile();
  #areFramesHeld = false;
  #bodySize = 0;
  #areFlagsMissing = false;
  #framesRead = 0;

  /** @param limit The option `maxMessageSize`. */
  constructor(subprotocol: Subprotocol, isServer: boolean, limit: number) {
    this.#isServer = isServer;
    this.#limit = limit;
    this.#mechanism = subprotocol.mechanism;
    this.#outgoing = new OutgoingFrames(!isServer);
    this.#dialect = "unknown";
    // A server waits for the client's first frame, as every client sends it
    // without waiting.
    if (this.#mechanism !== undefined) this.#speakCommands(0, this.#mechanism);
    else if (!isServer) this.#speakRoutingId();
  }

  /** Whether a part of the greeting is to be taken. */
  get hasGreeting(): boolean {
    return this.#greeting.length > 0;
  }

  /** Takes what is to be given to the session, each part on its own. */
  take(): Uint8Array[] {
    const parts = this.#greeting;
    this.#greeting = [];
    if (!this.#areFramesHeld && this.#frames.size > 0) {
      parts.push(this.#frames.take());
    }
    return parts;
  }

  /** What to send to the peer for bytes that the session writes; they must not change before that is written. */
  translate(chunks: readonly Uint8Array[]): Uint8Array[] {
    const parts = this.#outgoing.translate(chunks);
    const { type } = this.#outgoing;
    if (this.#areFramesHeld && type !== undefined) {
      this.#areFramesHeld = false;
      this.#greeting.push(Uint8Array.of(partnerOf(type)));
    }
    return parts;
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
      this.#header(bytes[0]!);
      bytes = bytes.subarray(1);
    }
    this.#frames.add(bytes);
  }

  end(): void {
    this.#framesRead++;
  }

  control(): void {}

  #header(flags: number): void {
    if (flags > ZWS_COMMAND) {
      throw new WebSocketError(`The peer's message has the flags ${flags}`);
    }
    if (this.#dialect === "unknown") {
      if (flags === ZWS_COMMAND) this.#speakCommands(1, "NULL");
      else this.#speakRoutingId();
    }
    const isCommand = flags === ZWS_COMMAND;
    const isStart = this.#framesRead === 0 && this.#mechanism === "NULL";
    if (isStart && !isCommand && !this.#isServer) {
      throw new RoutingIdError("The server began with a message, not READY");
    }
    writeZmtpHeader(
      this.#frames,
      isCommand ? COMMAND : flags === ZWS_MORE ? MORE : 0,
      this.#bodySize,
    );
  }

  #speakCommands(minor: 0 | 1, mechanism: MechanismName): void {
    this.#dialect = "commands";
    // A peer that shows no more than its version waits for our greeting, so the
    // session does not wait for the rest.
    const bytes = modernGreeting(minor, mechanism, !this.#isServer);
    this.#greeting.push(
      bytes.subarray(0, VERSION_SIZE),
      bytes.subarray(VERSION_SIZE),
    );
  }

  #speakRoutingId(): void {
    this.#dialect = "routing id";
    this.#outgoing.greetingSize = OLD_GREETING_SIZE;
    this.#greeting.push(bareGreeting());
    this.#areFramesHeld = true;
  }

  /** Until then, nothing in fragments is stored. */
  get #isHandshakeDone(): boolean {
    if (this.#mechanism === undefined || this.#mechanism === "NULL") {
      return this.#framesRead > 0;
    }
    const commands = this.#isServer ? this.#outgoing.frames : this.#framesRead;
    return commands >= COMMANDS_OF_HANDSHAKE;
  }
}

/** Translates the bytes that a session writes. */
class OutgoingFrames {
  /** The size of our greeting, which is dropped. */
  greetingSize: number = GREETING_SIZE;
  /** Our socket type, if it was in the greeting. */
  type: number | undefined;
  /** How many frames have begun. */
  frames = 0;
  readonly #isMasked: boolean;
  readonly #header: Uint8Array = new Uint8Array(MAX_ZMTP_HEADER);
  #greetingRead = 0;
  #headerSize = 0;
  #missing = 0;
  #key: Uint8Array | undefined;
  #phase = 0;
  #pile: BytePile = new BytePile();
  #parts: Uint8Array[] = [];

  constructor(isMasked: boolean) {
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
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#greetingRead < this.greetingSize) {
        if (this.#greetingRead++ === OLD_GREETING_SIZE - 1) {
          if (this.greetingSize === OLD_GREETING_SIZE) this.type = chunk[at];
        }
        at++;
      } else if (this.#missing === 0) {
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

/** A greeting of ZMTP 3. */
function modernGreeting(
  minor: 0 | 1,
  mechanism: MechanismName,
  isServer: boolean,
): Uint8Array {
  const bytes = new Uint8Array(GREETING_SIZE);
  bytes.set(SIGNATURE);
  bytes.set([3, minor], SIGNATURE.byteLength);
  bytes.set(encodeText(mechanism), VERSION_SIZE);
  bytes[32] = isServer && mechanism !== "NULL" ? 1 : 0;
  return bytes;
}
