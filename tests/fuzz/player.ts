/**
 * Test support. Feeds bytes to a connection and judges what it does. Remembers
 * a digest of all that came out, so that two runs can be compared without
 * keeping either.
 *
 * @module
 */
import type {
  Connection,
  ConnectionEvent,
} from "../../src/zmq/zmtp/connection.ts";
import type { Message } from "../../src/zmq/message.ts";
import type { Verdict } from "../../src/zmq/zmtp/mechanism/mechanism.ts";
import { MemoryMeter } from "./memory_meter.ts";
import { codeOf, demand } from "./target.ts";

/** What a connection may write without having been asked: its greeting and handshake. */
const OWN_OUTPUT = 1024;
/** What it may ask for whatever comes: a slab, a window, and small things. */
const OWN_MEMORY = 4 * 65536;
/** A part of a frame below this size is copied together with what follows it. */
const JOINED = 8192 + 256;

/** Plays inputs; one for many. */
export class Player {
  /** How often each event, and a message, came out. */
  readonly counts: Map<string, number> = new Map();
  readonly meter: MemoryMeter = new MemoryMeter();
  /** Of messages and events, in order. */
  digest = 0;
  /** Of the bytes written. */
  outputDigest = 0;
  #outputSize = 0;
  #items = 0;

  /**
   * Feeds bytes, cut into chunks, to their end or that of the connection.
   *
   * @param copies Whether each chunk has memory of its own, as on a wire.
   * @returns "open", "waiting" or "refused", or the code of the error.
   */
  play(
    connection: Connection,
    bytes: Uint8Array,
    cuts: readonly number[],
    status: Verdict["status"],
    copies: boolean,
  ): string {
    this.digest = this.outputDigest = 0;
    this.#outputSize = this.#items = 0;
    this.meter.clear();
    const size = bytes.byteLength;
    let outcome = "";
    let start = 0;
    for (let i = 0; i <= cuts.length && outcome === ""; i++) {
      const end = cuts[i] ?? size;
      if (end <= start) continue;
      const chunk = bytes.subarray(start, end);
      start = end;
      connection.receive(copies ? new Uint8Array(chunk) : chunk);
      // Where chunks are small, one more is there before the decision.
      const isLate = connection.ignoresInput;
      if (!isLate) outcome = this.#drain(connection, size);
      if (!connection.ignoresInput || (!isLate && copies && end < size)) {
        continue;
      }
      connection.resume({ status, text: "" });
      if (connection.ignoresInput) outcome = "refused";
      else outcome = this.#drain(connection, size);
    }
    if (outcome === "" && connection.isWaitingForPeer) {
      // What it did not say, as the peer was to speak first, it says late.
      connection.stopWaiting();
      outcome = this.#drain(connection, size);
    }
    this.#output(connection, size);
    this.#judgeMemory(size, cuts.length + 1);
    return outcome || (connection.isOpen ? "open" : "waiting");
  }

  #drain(connection: Connection, size: number): string {
    try {
      for (;;) {
        const item = connection.next();
        if (item === undefined) {
          if (!connection.isSpent) break;
          connection.rest();
          continue;
        }
        // Every item took two bytes at least, but for the first two events.
        demand(++this.#items <= size / 2 + 2, "more comes out than went in");
        if (Array.isArray(item)) this.#message(item);
        else this.#event(item);
      }
    } catch (error: unknown) {
      return codeOf(error);
    } finally {
      this.#output(connection, size);
    }
    return "";
  }

  #output(connection: Connection, size: number): void {
    const { outputSize, answerSize } = connection;
    demand(answerSize <= outputSize, "answerSize is above outputSize");
    let written = 0;
    for (const chunk of connection.takeOutput()) {
      written += chunk.byteLength;
      this.outputDigest = digestOf(chunk, this.outputDigest);
    }
    connection.outputWritten();
    demand(written === outputSize, "outputSize is not what is written");
    this.#outputSize += written;
    demand(this.#outputSize <= size + OWN_OUTPUT, "it answers more than asked");
  }

  #judgeMemory(size: number, chunks: number): void {
    const { total, largest } = this.meter;
    demand(
      largest <= size + OWN_MEMORY,
      "it takes memory that was only promised",
    );
    demand(
      total <= 8 * size + JOINED * chunks + OWN_MEMORY,
      "it copies again and again",
    );
  }

  #message(message: Message): void {
    demand(message.length > 0, "a message has no frames");
    this.#count("message");
    this.#mix(message.length);
    for (const frame of message) {
      this.#mix(frame.byteLength);
      this.digest = digestOf(frame, this.digest);
    }
  }

  #event(event: ConnectionEvent): void {
    this.#count(event.type);
    this.#mix(-event.type.length);
    if (event.type === "ping") this.#mix(event.timeToLiveMs);
    else if (event.type === "ready") {
      const { version, socketType, routingId } = event.peer;
      demand(routingId.byteLength <= 255, "a routing id is above 255 bytes");
      this.#mixText(version.name);
      this.#mixText(socketType);
      this.digest = digestOf(routingId, this.digest);
    } else if (event.type === "credentials") {
      this.#mixText(JSON.stringify(event.credentials));
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #mix(value: number): void {
    const digest = Math.imul(this.digest ^ value, 0x01000193);
    this.digest = digest ^ (digest >>> 15);
  }

  #mixText(text: string): void {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
  }
}

/** A digest of bytes that goes on from another (after FNV-1a). */
function digestOf(bytes: Uint8Array, start: number): number {
  let digest = start;
  for (let i = 0; i < bytes.byteLength; i++) {
    digest = Math.imul(digest ^ bytes[i]!, 0x01000193);
    digest ^= digest >>> 15;
  }
  return digest;
}
