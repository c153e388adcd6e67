/**
 * Test support. What peers may say over `ws://`, right and wrong: the request or
 * response of an upgrade, frames of WebSocket, whole or in fragments, with
 * control frames among them, and the frames of ZWS 2.0 in them. Writes bytes by
 * hand from RFC 6455 and RFC 45.
 *
 * @module
 */
import { Grammar } from "./grammar.ts";
import { mutate, reorder } from "./mutate.ts";
import type { Random } from "./random.ts";
import { Writer } from "./writer.ts";

/** Where the answer to the key of a client belongs; as long as one. */
export const ACCEPT_PLACE = "@".repeat(28);

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const PROTOCOLS = ["ZWS2.0/NULL,ZWS2.0", "ZWS2.0/NULL", "ZWS2.0", "ZWS2.0"];
const ODD_PROTOCOLS = ["ZWS2.0/CURVE", "chat", "", "zws2.0", ","];
const ODD_LINES = [
  "Origin: http://localhost:8080",
  "Origin: http://evil.example",
  "Origin: null",
  "Origin: \x1b]0;x\x07",
  "Sec-WebSocket-Extensions: permessage-deflate",
  "Sec-WebSocket-Version: 8",
  "Upgrade: h2c",
  "no colon",
  ": no name",
  " folded",
  "__proto__: x",
];
const ODD_PATHS = ["/", "/zmq?a=b", "http://x/zmq", "/\x1b[2J", "zmq"];
const STARTS = ["101 Switching Protocols", "400 Bad Request", "\x9b31m", "200"];
/** The first bytes of frames: binary messages, rarely anything else. */
const BINARY = 0x82;
const CONTROLS = [0x88, 0x89, 0x89, 0x8a];
const SIZES = [125, 126, 127, 255, 256, 65_535, 65_536];

/** Makes what a peer sends. One for all inputs. */
export class WsGrammar {
  readonly #grammar = new Grammar();
  /** The body of a frame of ZWS. */
  readonly #body = new Writer();
  readonly #writer = new Writer();
  #random!: Random;
  #isMasked = false;
  #isPlain = false;

  /**
   * Makes the bytes that are sent to one side; they change with the next call.
   *
   * @param isToServer Whether the peer is the client.
   * @param peer The socket type of the peer.
   * @param how Whether it speaks PLAIN, as a client.
   */
  bytes(
    random: Random,
    isToServer: boolean,
    peer: string,
    { isPlain }: { readonly isPlain: boolean },
  ): Uint8Array {
    const writer = this.#writer;
    this.#random = random;
    this.#isPlain = isPlain;
    this.#isMasked = isToServer;
    this.#grammar.begin(random, this.#body);
    writer.clear();
    writer.part();
    if (isToServer) this.#request();
    else this.#response();
    this.#start(peer);
    for (let n = random.below(8); n > 0; n--) this.#message();
    if (random.oneIn(8)) reorder(writer, random);
    if (random.oneIn(4)) {
      for (let n = random.below(4); n > 0; n--) mutate(writer, random);
    }
    return writer.written;
  }

  #request(): void {
    const random = this.#random;
    const method = random.oneIn(30) ? random.pick(["POST", "get", ""]) : "GET";
    this.#lines([
      `${method} ${random.oneIn(9) ? random.pick(ODD_PATHS) : "/zmq"} HTTP/1.1`,
      "Host: 127.0.0.1",
      random.oneIn(20) ? "" : "Connection: keep-alive, Upgrade",
      `Sec-WebSocket-Key: ${random.oneIn(20) ? "short" : KEY}`,
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Protocol: ${this.#protocols()}`,
    ]);
  }

  #response(): void {
    const random = this.#random;
    const start = random.oneIn(12) ? random.pick(STARTS) : STARTS[0];
    this.#lines([
      `HTTP/1.1 ${start}`,
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${random.oneIn(20) ? "wrong" : ACCEPT_PLACE}`,
      `Sec-WebSocket-Protocol: ${this.#protocols().split(",")[0]}`,
    ]);
  }

  #protocols(): string {
    const random = this.#random;
    if (random.oneIn(20)) return random.pick(ODD_PROTOCOLS);
    const usual = random.pick(PROTOCOLS);
    return this.#isPlain ? usual.replaceAll("NULL", "PLAIN") : usual;
  }

  #lines(lines: readonly string[]): void {
    const random = this.#random;
    const to = this.#writer;
    for (const line of lines) to.text(line === "" ? "" : `${line}\r\n`);
    to.text("Upgrade: websocket\r\n");
    if (random.oneIn(8)) to.text(`${random.pick(ODD_LINES)}\r\n`);
    if (random.oneIn(50)) to.text(`X-A: ${"a".repeat(random.pick(SIZES))}\r\n`);
    to.text("\r\n");
  }

  /** READY or a routing id, mostly; with PLAIN, HELLO and INITIATE. */
  #start(peer: string): void {
    const random = this.#random;
    const body = this.#body;
    if (random.oneIn(10)) return;
    const metadata = this.#grammar.metadata(peer);
    if (this.#isPlain) {
      this.#command("HELLO");
      body.byte(1);
      body.repeat(65, 1);
      body.byte(random.oneIn(9) ? random.below(256) : 2);
      body.repeat(66, 2);
      this.#frames(body, 20);
    }
    if (random.oneIn(3)) {
      body.clear();
      body.byte(0);
      body.repeat(65, random.below(4));
    } else {
      this.#command(this.#isPlain ? "INITIATE" : "READY");
      body.append(metadata);
    }
    this.#frames(body, 20);
  }

  /** The beginning of a command. */
  #command(name: string): void {
    this.#body.clear();
    this.#body.byte(2);
    this.#body.byte(name.length);
    this.#body.text(name);
  }

  /** A frame of ZWS, and whatever stands around it. */
  #message(): void {
    const random = this.#random;
    const body = this.#body;
    if (random.oneIn(4)) this.#control();
    const isCommand = random.oneIn(5);
    const content = isCommand ? this.#grammar.command() : undefined;
    body.clear();
    body.byte(
      random.oneIn(40) ? random.below(256) : isCommand ? 2 : random.below(2),
    );
    if (content !== undefined) body.append(content);
    else body.repeat(random.below(256), this.#size());
    this.#frames(body);
  }

  /**
   * A message of WebSocket: one frame, or several with control frames among them.
   *
   * @param oneIn One in so many is in fragments.
   */
  #frames(body: Writer, oneIn = 4): void {
    const random = this.#random;
    if (!random.oneIn(oneIn)) {
      return this.#frame(BINARY, body.bytes, 0, body.size);
    }
    const count = 1 + random.below(5);
    for (let n = 0, at = 0; n <= count; n++) {
      const isLast = n === count;
      const end = isLast ? body.size : at + random.below(body.size - at + 1);
      this.#frame((isLast ? 0x80 : 0) | (n === 0 ? 2 : 0), body.bytes, at, end);
      if (random.oneIn(6)) this.#control();
      at = end;
    }
  }

  #control(): void {
    const random = this.#random;
    const size = random.oneIn(20) ? 126 : random.below(random.pick([3, 126]));
    const payload = new Uint8Array(size).fill(random.below(256));
    this.#frame(random.pick(CONTROLS), payload, 0, size);
  }

  #frame(first: number, bytes: Uint8Array, start: number, end: number): void {
    const random = this.#random;
    const to = this.#writer;
    const size = end - start;
    to.part();
    to.byte(random.oneIn(60) ? random.below(256) : first);
    const isMasked = random.oneIn(80) ? !this.#isMasked : this.#isMasked;
    const bit = isMasked ? 0x80 : 0;
    const said = random.oneIn(80) ? random.below(70_000) : size;
    if (said < 126 && !random.oneIn(20)) to.byte(bit | said);
    else if (said < 65_536 && !random.oneIn(20)) {
      to.byte(bit | 126);
      to.byte(said >> 8);
      to.byte(said & 0xff);
    } else {
      to.byte(bit | 127);
      to.u32(random.oneIn(20) ? random.next() : 0);
      to.u32(said);
    }
    const key = isMasked && random.oneIn(2) ? random.next() : 0;
    if (isMasked) to.u32(key);
    const from = to.size;
    to.append(bytes.subarray(start, end));
    for (let at = from; key !== 0 && at < to.size; at++) {
      to.bytes[at]! ^= key >>> (8 * (3 - (at - from) % 4));
    }
  }

  #size(): number {
    const random = this.#random;
    return random.oneIn(20) ? random.pick(SIZES) : random.below(30);
  }
}
