/**
 * Test support. What peers may say in ZMTP, right and wrong: greetings of every
 * version, metadata, commands and frames. Writes bytes by hand from RFC 13, 15,
 * 23, 24 and 37, and knows nothing of the engine's own encoders.
 *
 * @module
 */
import { SOCKET_TYPE_NAMES } from "../../src/zmq/types.ts";
import { COMMAND, LONG, MORE } from "../support/peers/zmtp_bytes.ts";
import type { Random } from "./random.ts";
import { Writer } from "./writer.ts";

/** Sizes at which something changes: of headers, windows, copies, slabs, limits. */
const SIZES = [0, 1, 2, 99, 100, 101, 254, 255, 256, 257, 511, 2048, 2049];
const LARGE_SIZES = [4095, 4097, 8191, 8192, 8193, 16385, 65535, 65537, 90000];
const LIES = [0xff, 0x100, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const NAMES = ["Socket-Type", "Identity", "Resource", "X-a"];
const COMMANDS = [
  "READY",
  "ERROR",
  "PING",
  "PONG",
  "SUBSCRIBE",
  "CANCEL",
  "HELLO",
  "WELCOME",
  "INITIATE",
  "MESSAGE",
  "JOIN",
  "LEAVE",
  "x",
];
const REASONS = ["400", "300", "500", "200", "", "no\u0007"];

/** Writes what one peer says. One for all inputs. */
export class Grammar {
  readonly #body: Writer = new Writer();
  #random!: Random;
  #to!: Writer;

  /** Begins an input. */
  begin(random: Random, to: Writer): void {
    this.#random = random;
    this.#to = to;
    to.clear();
  }

  /**
   * A greeting, mostly the right one; returns the framing of what should follow.
   *
   * @param peer The socket type of who speaks.
   */
  greeting(mechanism: string, isServer: boolean, peer: string): 1 | 2 | 3 {
    const random = this.#random;
    const to = this.#to;
    to.part();
    const kind = random.below(32);
    if (kind === 0) { // ZMTP 1.0: no greeting, but a frame with the identity
      this.#identity(1);
      return 1;
    }
    to.byte(0xff);
    to.repeat(0, 7);
    to.byte(random.oneIn(8) ? random.below(256) : 1);
    to.byte(random.oneIn(20) ? random.below(256) : 0x7f);
    if (kind === 1 || kind === 2) { // revision, socket type, then the identity
      const revision = random.oneIn(3) ? random.below(3) : 1;
      to.byte(revision);
      to.byte(
        random.oneIn(9)
          ? random.below(24)
          : (SOCKET_TYPE_NAMES as readonly string[]).indexOf(peer),
      );
      const version = revision === 0 ? 1 : 2;
      to.part();
      this.#identity(version);
      return version;
    }
    to.byte(kind === 3 ? random.below(256) : kind === 4 ? 4 : 3);
    to.byte(random.below(3) < 2 ? 1 : random.oneIn(9) ? 255 : 0);
    const name = kind === 5
      ? random.pick(["NULL", "PLAIN", "CURVE", "GSSAPI", "null", ""])
      : mechanism;
    to.text(name);
    to.repeat(0, 20 - name.length);
    to.byte(Number(random.oneIn(4) ? !isServer : isServer));
    to.repeat(random.oneIn(8) ? 0xff : 0, 31);
    return 3;
  }

  /** Metadata, mostly that of a peer of this type. */
  metadata(peer: string): Uint8Array {
    const random = this.#random;
    const body = this.#body;
    body.clear();
    this.#property("Socket-Type", peer);
    for (let n = random.oneIn(3) ? random.below(6) : 0; n > 0; n--) {
      const name = random.pick(NAMES);
      const value = random.pick([peer, random.pick(SOCKET_TYPE_NAMES), ""]);
      this.#property(
        random.oneIn(4) ? name.toUpperCase() : name,
        random.oneIn(30) ? "i".repeat(random.pick([255, 256, 70000])) : value,
      );
    }
    if (random.oneIn(20)) body.repeat(random.below(256), random.below(12));
    return body.written;
  }

  /** A command of the handshake, whole. */
  handshake(name: string, data: Uint8Array): void {
    this.#to.part();
    this.#header(1 + name.length + data.byteLength, COMMAND);
    this.#to.byte(name.length);
    this.#to.text(name);
    this.#to.append(data);
  }

  /** PLAIN's HELLO. */
  hello(): void {
    const random = this.#random;
    const body = this.#body;
    body.clear();
    for (let i = 0; i < 2; i++) {
      const size = random.oneIn(10) ? random.below(256) : random.below(8);
      body.byte(random.oneIn(30) ? random.below(256) : size);
      const start = body.size;
      body.repeat(97, size);
      if (random.oneIn(4)) random.fill(body.bytes, start, body.size);
    }
    this.handshake("HELLO", body.written);
  }

  /** Any frame after the handshake, in the framing of this version. */
  frame(version: 1 | 2 | 3): void {
    const isCommand = version === 3 && this.#random.below(5) < 2;
    const body = isCommand ? this.command() : this.#content();
    const flags = isCommand ? COMMAND : this.#flags();
    this.#to.part();
    if (version === 1) this.#oldHeader(body.byteLength, flags);
    else this.#header(body.byteLength, flags);
    this.#to.append(body);
  }

  /** A frame with this body. */
  enclose(body: Uint8Array, flags: number): void {
    this.#to.part();
    this.#header(body.byteLength, flags);
    this.#to.append(body);
  }

  /** The body of a command that may come after the handshake, or may not. */
  command(): Uint8Array {
    const random = this.#random;
    const body = this.#body;
    body.clear();
    if (random.oneIn(30)) {
      body.text(random.pick(["^RROR", "^RROR\u0003400", "\0", "\u00ff"]));
      return body.written;
    }
    const name = random.pick(COMMANDS);
    body.byte(random.oneIn(40) ? random.below(256) : name.length);
    body.text(name);
    if (name === "ERROR") {
      const reason = random.pick(REASONS);
      body.byte(reason.length + Number(random.oneIn(6)));
      body.text(reason);
    } else if (name === "PING" && !random.oneIn(8)) {
      body.byte(random.below(256));
      body.byte(random.below(256));
      body.repeat(random.below(256), random.below(40));
    } else body.repeat(random.below(256), this.#size() % 3000);
    return body.written;
  }

  /** The body of a frame of a message; a subscription now and then. */
  message(): Uint8Array {
    return this.#content();
  }

  /** Bytes without any sense. */
  noise(size: number): void {
    const to = this.#to;
    to.part();
    const start = to.size;
    to.repeat(0, size);
    this.#random.fill(to.bytes, start, to.size);
  }

  /** The frame with which an old greeting ends. */
  #identity(version: 1 | 2): void {
    const random = this.#random;
    const body = this.#body;
    body.clear();
    body.repeat(65, random.oneIn(12) ? this.#size() : random.below(4));
    const flags = random.oneIn(12) ? random.below(256) : 0;
    if (version === 1) this.#oldHeader(body.size, flags);
    else this.#header(body.size, flags);
    this.#to.append(body.written);
  }

  #property(name: string, value: string): void {
    const body = this.#body;
    body.byte(this.#random.oneIn(60) ? this.#random.below(256) : name.length);
    body.text(name);
    body.u32(this.#random.oneIn(60) ? this.#lie() : value.length);
    body.text(value);
  }

  #content(): Uint8Array {
    const body = this.#body;
    body.clear();
    const size = this.#size();
    if (size > 0) body.byte(this.#random.below(3));
    body.repeat(this.#random.below(256), size - 1);
    return body.written;
  }

  #size(): number {
    const random = this.#random;
    if (random.below(8) < 6) return random.below(24);
    return random.pick(random.oneIn(100) ? LARGE_SIZES : SIZES);
  }

  #flags(): number {
    const random = this.#random;
    if (random.oneIn(30)) return random.below(256);
    return random.oneIn(3) ? MORE : 0;
  }

  #lie(): number {
    return this.#random.pick(LIES);
  }

  #header(size: number, flags: number): void {
    const to = this.#to;
    const random = this.#random;
    const isLie = random.oneIn(80);
    if (size < 256 && !random.oneIn(20) && (flags & LONG) === 0) {
      to.byte(flags);
      to.byte(isLie ? random.below(256) : size);
      return;
    }
    to.byte(flags | LONG);
    to.u32(isLie ? random.pick([0, 1, 0x1fffff, 0x200000, 0xffffffff]) : 0);
    to.u32(isLie ? this.#lie() : size);
  }

  /** ZMTP 1.0: the length counts the flags too, and stands before them. */
  #oldHeader(size: number, flags: number): void {
    const to = this.#to;
    const isLie = this.#random.oneIn(80);
    if (size < 254 && !this.#random.oneIn(20)) {
      to.byte(isLie ? this.#random.below(256) : 1 + size);
    } else {
      to.byte(0xff);
      to.u32(0);
      to.u32(isLie ? this.#lie() : 1 + size);
    }
    to.byte(flags & (this.#random.oneIn(40) ? 0xff : MORE));
  }
}
