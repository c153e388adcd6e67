/**
 * Test support. Fuzzes two honest connections with somebody between them who
 * alters, drops, doubles, holds back, reflects and makes up what passes. With
 * CURVE, what arrives is what was sent, in its order, up to some point.
 *
 * @module
 */
import type { Message } from "../../../src/zmq/message.ts";
import { DEALER } from "../../../src/zmq/types.ts";
import { Connection } from "../../../src/zmq/zmtp/connection.ts";
import type { Security } from "../../../src/zmq/zmtp/mechanism/security.ts";
import { hexes, utf8 } from "../../support/bytes.ts";
import { bytes as joined } from "../../support/peers/zmtp_bytes.ts";
import { FrameStream } from "../../zmq/security/frame_stream.ts";
import { Random } from "../random.ts";
import { CLIENT, drawFrom, SERVER, withoutChance } from "../seeded_sodium.ts";
import { codeOf, demand, type Input, type Target } from "../target.ts";
import { Writer } from "../writer.ts";

const ACCEPT = { status: 200, text: "" } as const;
/** What each side sends; the frames differ, and so do the numbers of them. */
const SENT: readonly (readonly string[])[] = [
  ["1"],
  ["2a", "2b", "2c"],
  ["", "3b"],
  ["4a", "4b"],
];
/** Two that answer each other for longer than this would never end. */
const MOST_ROUNDS = 64;

/** Makes the target. */
export function middleTarget(share: number): Target {
  const writer = new Writer();
  return {
    name: "middle",
    share,
    open: withoutChance,
    /** The bytes are what the one in the middle does, and to what. */
    generate(random: Random): Input {
      writer.clear();
      // Mostly nothing for a while: the handshake shall succeed.
      writer.repeat(0, random.pick([0, 2, 4, 5, 6, 8, 10]));
      for (let n = random.below(12); n > 0; n--) {
        writer.byte(random.oneIn(3) ? random.below(256) : random.below(10));
        writer.byte(random.below(256));
      }
      return { setup: {}, bytes: writer.written, cuts: [] };
    },
    run({ bytes }: Input): string {
      const talk = new Tampered(bytes);
      talk.run();
      if (bytes.every((step) => step === 0)) {
        for (const { got } of [talk.server, talk.client]) {
          demand(got.length === SENT.length, "something did not arrive");
        }
      }
      return `server ${talk.server.outcome}, client ${talk.client.outcome}`;
    },
  };
}

/** One side, and what it got. */
class Side {
  readonly connection: Connection;
  readonly chance: Random;
  readonly got: Message[] = [];
  error = "";
  #hasSent = false;

  constructor(security: Security, seed: number) {
    this.chance = Random.of(seed);
    drawFrom(this.chance);
    this.connection = new Connection({
      type: DEALER,
      routingId: new Uint8Array(0),
      maxMessageSize: -1,
      security,
    });
  }

  get outcome(): string {
    if (this.error !== "") return "failed";
    return this.connection.isOpen ? "open" : "waiting";
  }

  /** Takes bytes, and sends its messages once it can. */
  receive(bytes: Uint8Array): void {
    if (this.error !== "") return;
    drawFrom(this.chance);
    const { connection } = this;
    try {
      connection.receive(bytes);
      for (;;) {
        const item = connection.next();
        if (item === undefined) {
          if (!connection.isSpent) break;
          connection.rest();
          continue;
        }
        if (Array.isArray(item)) this.got.push(item);
        else if (item.type === "credentials") connection.resume(ACCEPT);
      }
    } catch (error: unknown) {
      this.error = codeOf(error);
      return;
    }
    if (this.#hasSent || !connection.isOpen) return;
    this.#hasSent = true;
    for (const frames of SENT) connection.send(frames.map(utf8));
  }

  take(): Uint8Array {
    const output = joined(...this.connection.takeOutput());
    this.connection.outputWritten();
    return this.error === "" ? output : new Uint8Array(0);
  }

  /** What arrived is the beginning of what was sent. */
  judge(): void {
    const sent = SENT.map((frames) => hexes(frames.map(utf8)).join());
    this.got.forEach((message, i) => {
      const got = hexes(message).join();
      demand(got === sent[i], `message ${i} was not sent so: ${got}`);
    });
  }
}

/** A conversation with somebody in the middle. */
class Tampered {
  readonly client: Side;
  readonly server: Side;
  readonly #script: Uint8Array;
  readonly #toServer: FrameStream;
  readonly #toClient: FrameStream;
  #at = 0;
  /** Frames that go back to where they came from. */
  readonly #reflected: Map<FrameStream, Uint8Array[]> = new Map();

  constructor(script: Uint8Array) {
    this.#script = script;
    const keys = { ...CLIENT, serverKey: SERVER.publicKey };
    this.client = new Side({ type: "curve-client", keys }, 1);
    const { secretKey } = SERVER;
    this.server = new Side({ type: "curve-server", secretKey }, 2);
    this.#toServer = new FrameStream((frame) => this.#alter(frame, true));
    this.#toClient = new FrameStream((frame) => this.#alter(frame, false));
  }

  run(): void {
    for (let round = 0;; round++) {
      demand(round < MOST_ROUNDS, "the talk does not end");
      const toServer = this.#pass(this.#toServer, this.client.take());
      const toClient = this.#pass(this.#toClient, this.server.take());
      if (toServer.byteLength + toClient.byteLength === 0) break;
      this.server.receive(toServer);
      this.client.receive(toClient);
    }
    this.server.judge();
    this.client.judge();
  }

  #pass(stream: FrameStream, output: Uint8Array): Uint8Array {
    const reflected = this.#reflected.get(stream) ?? [];
    this.#reflected.delete(stream);
    return joined(stream.pass(output), ...reflected);
  }

  /** The next step of the script. */
  #step(): number {
    return this.#script[this.#at++] ?? 0;
  }

  #alter(frame: Uint8Array, isToServer: boolean): Uint8Array[] {
    const step = this.#step();
    const value = step === 0 ? 0 : this.#step();
    const [there, back] = isToServer
      ? [this.#toServer, this.#toClient]
      : [this.#toClient, this.#toServer];
    switch (step) {
      case 1:
        return [];
      case 2:
        return [frame, frame];
      case 3:
        return [flipped(frame, value)];
      case 4:
        return [frame.subarray(0, value % frame.byteLength)];
      case 5:
        return [there.frames[value % there.frames.length]!, frame];
      case 6: // reflect
        this.#reflected.set(back, [frame]);
        return value % 2 === 0 ? [] : [frame];
      case 7:
        return [frame, Uint8Array.of(value % 8, 1, value)];
      case 8: // the whole box of another, under the head of this
        return [spliced(frame, there.frames[value % there.frames.length]!)];
      case 9: { // the other direction's latest
        const latest = back.frames.at(-1);
        return latest === undefined ? [frame] : [latest, frame];
      }
      default:
        return [frame];
    }
  }
}

function flipped(frame: Uint8Array, value: number): Uint8Array {
  const copy = frame.slice();
  const at = Math.imul(value, 31) % copy.byteLength;
  copy[at]! ^= 1 << (value % 8);
  return copy;
}

function spliced(head: Uint8Array, box: Uint8Array): Uint8Array {
  const at = Math.min(18, head.byteLength, box.byteLength);
  return joined(head.subarray(0, at), box.subarray(at));
}
