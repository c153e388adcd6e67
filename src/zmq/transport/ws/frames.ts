/**
 * Layer: transport. The frames of WebSocket (RFC 6455, section 5): reads and
 * writes them. Bytes in, bytes out; no I/O. No extensions, so no compression.
 *
 *     fin, opcode    mask bit, size: 1, 3 or 9 bytes    mask: 0 or 4    payload
 *
 * @module
 */
import { EMPTY } from "../../bytes.ts";
import { BytePile } from "./byte_pile.ts";
import { WebSocketError } from "./errors.ts";

/** The kinds of frames. */
export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** Codes of the Close frame (RFC 6455, section 7.4). */
export const NORMAL_CLOSURE = 1000;
const UNSUPPORTED_DATA = 1003;
const TOO_BIG = 1009;

const FIN = 0x80;
const MASKED = 0x80;
const MAX_HEADER = 14;
const MAX_CONTROL_SIZE = 125;

/**
 * How many control frames and fragments of a peer are read in one tick of the
 * event loop. They cost work, and give the session nothing to count.
 */
const FRAMES_PER_TICK = 64;

/** What a {@link FrameReader} has read. */
export interface FrameSink {
  /** A binary message begins. Nothing of it is stored yet. */
  begin(size: number): void;
  /** A part of its payload: the bytes from `start` to `end`. */
  data(bytes: Uint8Array, start: number, end: number): void;
  /** It is complete. */
  end(): void;
  /** A Close, Ping or Pong. */
  control(opcode: number, payload: Uint8Array): void;
  /** How many bytes a message in fragments may have, whose size is known only at its end. */
  readonly fragmentLimit: number;
}

/** Reads the frames of one peer. */
export class FrameReader {
  readonly #isMasked: boolean;
  readonly #sink: FrameSink;
  readonly #header: Uint8Array = new Uint8Array(MAX_HEADER);
  /** How many bytes of the header have arrived; -1 while a payload arrives. */
  #headerSize = 0;
  #opcode = 0;
  #isFinal = true;
  /** What is missing of the payload. */
  #missing = 0;
  #maskPhase = 0;
  /** Whether the peer has sent a Close: what follows it does not count. */
  #isClosed = false;
  /** How many frames of this tick have cost work. */
  #work = 0;
  readonly #control: BytePile = new BytePile();
  /** The message whose fragments arrive, if one does. */
  #fragments: BytePile | undefined;

  /** @param isMasked Whether the peer must mask its frames, as clients must. */
  constructor(isMasked: boolean, sink: FrameSink) {
    this.#isMasked = isMasked;
    this.#sink = sink;
  }

  /**
   * Reads bytes, and unmasks them where they are.
   *
   * @returns How many: not all of them if the peer's share of the tick is used up.
   * @throws {WebSocketError} The peer broke the protocol.
   */
  push(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.byteLength && this.#work < FRAMES_PER_TICK) {
      if (this.#isClosed) return chunk.byteLength;
      if (this.#headerSize >= 0) {
        at = this.#readHeader(chunk, at);
        continue;
      }
      const end = Math.min(chunk.byteLength, at + this.#missing);
      this.#missing -= end - at;
      if (this.#isMasked) {
        this.#maskPhase = mask(chunk, at, end, this.#header, this.#maskPhase);
      }
      this.#payload(chunk, at, end);
      at = end;
      if (this.#missing === 0) this.#endFrame();
    }
    return at;
  }

  /** A new tick of the event loop begins. */
  rest(): void {
    this.#work = 0;
  }

  /** Reads what is there of a header; returns where that ends. */
  #readHeader(chunk: Uint8Array, at: number): number {
    const header = this.#header;
    while (at < chunk.byteLength) {
      header[this.#headerSize++] = chunk[at++]!;
      if (this.#headerSize < 2) continue;
      const short = header[1]! & 0x7f;
      if (this.#headerSize === 2) this.#checkStart(short);
      const needed = 2 + extendedSize(short) + (this.#isMasked ? 4 : 0);
      if (this.#headerSize < needed) continue;
      this.#endHeader();
      break;
    }
    return at;
  }

  #endHeader(): void {
    const header = this.#header;
    const short = header[1]! & 0x7f;
    const bytes = extendedSize(short);
    const size = bytes === 0 ? short : sizeAt(header, bytes);
    // The mask goes to the start.
    for (let i = 0; i < 4; i++) header[i] = header[2 + bytes + i]!;
    this.#headerSize = -1;
    this.#missing = size;
    this.#maskPhase = 0;
    this.#beginFrame(size);
    if (size === 0) this.#endFrame();
  }

  /** Checks the first two bytes of a header. */
  #checkStart(short: number): void {
    const first = this.#header[0]!;
    const second = this.#header[1]!;
    const opcode = first & 0x0f;
    this.#isFinal = (first & FIN) !== 0;
    this.#opcode = opcode;
    if ((first & 0x70) !== 0) {
      throw new WebSocketError("The peer uses an extension of WebSocket");
    }
    if (((second & MASKED) !== 0) !== this.#isMasked) {
      throw new WebSocketError(
        this.#isMasked
          ? "The client's frame is not masked"
          : "The server's frame is masked",
      );
    }
    if (opcode === TEXT) {
      throw new WebSocketError(
        "The peer sent a text message; those of ZeroMQ are binary",
        UNSUPPORTED_DATA,
      );
    }
    if (opcode > BINARY && (opcode < CLOSE || opcode > PONG)) {
      throw new WebSocketError(`The peer's frame has the opcode ${opcode}`);
    }
    if (opcode >= CLOSE && (!this.#isFinal || short > MAX_CONTROL_SIZE)) {
      throw new WebSocketError("The peer's control frame is too large");
    }
    const isContinued = this.#fragments !== undefined;
    if (opcode < CLOSE && (opcode === CONTINUATION) !== isContinued) {
      throw new WebSocketError("The peer's fragments are not in order");
    }
  }

  #beginFrame(size: number): void {
    if (this.#opcode >= CLOSE) return;
    if (this.#opcode === BINARY && this.#isFinal) return this.#sink.begin(size);
    this.#fragments ??= new BytePile();
    const limit = this.#sink.fragmentLimit;
    if (this.#fragments.size + size > limit) {
      throw new WebSocketError(
        `The peer's message in fragments is larger than ${limit} bytes`,
        TOO_BIG,
      );
    }
  }

  #payload(chunk: Uint8Array, start: number, end: number): void {
    if (this.#opcode >= CLOSE) this.#control.addPart(chunk, start, end);
    else if (this.#fragments !== undefined) {
      this.#fragments.addPart(chunk, start, end);
    } else this.#sink.data(chunk, start, end);
  }

  #endFrame(): void {
    this.#headerSize = 0;
    const sink = this.#sink;
    if (this.#opcode !== BINARY || !this.#isFinal) this.#work++;
    if (this.#opcode >= CLOSE) {
      this.#isClosed = this.#opcode === CLOSE;
      return sink.control(this.#opcode, this.#control.take());
    }
    if (!this.#isFinal) return;
    if (this.#fragments !== undefined) {
      const message = this.#fragments.take();
      this.#fragments = undefined;
      sink.begin(message.byteLength);
      const { byteLength } = message;
      if (byteLength > 0) sink.data(message, 0, byteLength);
    }
    sink.end();
  }
}

/** How many bytes the size of a frame has beyond the first. */
function extendedSize(short: number): 0 | 2 | 8 {
  return short < 126 ? 0 : short === 126 ? 2 : 8;
}

/** Reads the extended size of a frame. */
function sizeAt(header: Uint8Array, bytes: number): number {
  let size = 0;
  for (let i = 0; i < bytes; i++) size = size * 256 + header[2 + i]!;
  if (size <= Number.MAX_SAFE_INTEGER) return size;
  throw new WebSocketError("The peer's frame is above 2^53 bytes", TOO_BIG);
}

/** From this size on, four bytes at a time are faster, on all three runtimes. */
const WORTH_WORDS = 1024;

/** The mask of the next word, as bytes and as a number. */
const wordBytes = new Uint8Array(4);
const word = new Int32Array(wordBytes.buffer);

/**
 * Masks or unmasks bytes in place.
 *
 * @param phase The number of bytes before these in the payload, modulo 4.
 * @returns The phase after them.
 */
export function mask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: Uint8Array,
  phase: number,
): number {
  if (end - start < WORTH_WORDS) {
    return maskBytes(bytes, start, end, key, phase);
  }
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  const inWord = maskBytes(bytes, start, aligned, key, phase);
  for (let i = 0; i < 4; i++) wordBytes[i] = key[(inWord + i) & 3]!;
  const words = new Int32Array(
    bytes.buffer,
    bytes.byteOffset + aligned,
    (end - aligned) >>> 2,
  );
  const value = word[0]!;
  for (let i = 0; i < words.length; i++) words[i] = words[i]! ^ value;
  return maskBytes(bytes, aligned + words.byteLength, end, key, inWord);
}

function maskBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: Uint8Array,
  phase: number,
): number {
  for (let i = start; i < end; i++, phase++) {
    bytes[i] = bytes[i]! ^ key[phase & 3]!;
  }
  return phase & 3;
}

/**
 * Appends the header of a final frame.
 *
 * @param key Its mask, if it has one.
 */
export function writeHeader(
  pile: BytePile,
  opcode: number,
  size: number,
  key: Uint8Array | undefined,
): void {
  const bytes = pile.room(MAX_HEADER);
  const bit = key === undefined ? 0 : MASKED;
  let at = pile.size;
  bytes[at++] = FIN | opcode;
  const extended = size < 126 ? 0 : size < 65536 ? 2 : 8;
  bytes[at++] = bit | (extended === 0 ? size : extended === 2 ? 126 : 127);
  for (let i = extended - 1; i >= 0; i--) {
    bytes[at++] = Math.floor(size / 256 ** i) & 0xff;
  }
  if (key !== undefined) {
    for (let i = 0; i < 4; i++) bytes[at++] = key[i]!;
  }
  pile.size = at;
}

/** A control frame. @param isMasked Whether it is from a client. */
export function controlFrame(
  opcode: number,
  payload: Uint8Array,
  isMasked: boolean,
): Uint8Array {
  const pile = new BytePile();
  const key = isMasked ? newMask() : undefined;
  writeHeader(pile, opcode, payload.byteLength, key);
  const start = pile.size;
  pile.add(payload);
  const frame = pile.take();
  if (key !== undefined) mask(frame, start, frame.byteLength, key, 0);
  return frame;
}

/** The payload of a Close frame. */
export function closePayload(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

const RANDOM_SIZE = 4096;
let random: Uint8Array = EMPTY;
let randomAt = 0;

/** A new mask; RFC 6455 wants it to be unpredictable. */
export function newMask(): Uint8Array {
  const key = new Uint8Array(4);
  renewMask(key);
  return key;
}

/** Makes a mask a new one. */
export function renewMask(key: Uint8Array): void {
  if (randomAt === random.byteLength) {
    random = crypto.getRandomValues(new Uint8Array(RANDOM_SIZE));
    randomAt = 0;
  }
  for (let i = 0; i < 4; i++) key[i] = random[randomAt++]!;
}
