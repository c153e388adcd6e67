/**
 * Test support. Fuzzes `ws://` with what a peer sends over TCP: the request or
 * response of the upgrade, frames of WebSocket, and in them ZWS. Behind the
 * WebSocket stands the ZMTP state machine, as in a session. What is delivered
 * must be the same however the bytes were cut.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { asFrame, EMPTY } from "../../../src/zmq/bytes.ts";
import { ZmqError } from "../../../src/zmq/errors.ts";
import { escaped } from "../../../src/zmq/escape.ts";
import { defaultOptions } from "../../../src/zmq/options/check.ts";
import { isOwnOrigin } from "../../../src/zmq/transport/ws/origin.ts";
import type { Subprotocol } from "../../../src/zmq/transport/ws/subprotocol.ts";
import {
  ClientUpgrade,
  type Route,
  ServerUpgrade,
  type Upgrade,
} from "../../../src/zmq/transport/ws/upgrade.ts";
import { WsWire } from "../../../src/zmq/transport/ws/ws_wire.ts";
import type { Wire, WireHandler } from "../../../src/zmq/transport/wire.ts";
import type { SocketType } from "../../../src/zmq/types.ts";
import { Connection } from "../../../src/zmq/zmtp/connection.ts";
import { sameBytes } from "../../support/bytes.ts";
import { bytes as joined } from "../../support/peers/zmtp_bytes.ts";
import { PEERS, TYPES } from "../conversation.ts";
import { chooseCuts } from "../mutate.ts";
import type { Random } from "../random.ts";
import { codeOf, demand, type Input, type Target } from "../target.ts";
import { ACCEPT_PLACE, WsGrammar } from "../ws_grammar.ts";

/** What the tested side speaks, with NULL and with PLAIN. */
function offers(mechanism: "NULL" | "PLAIN"): Subprotocol[] {
  const dialects: Subprotocol["dialects"] = mechanism === "NULL"
    ? ["routing id", "commands"]
    : ["commands"];
  return [
    { name: `ZWS2.0/${mechanism}`, mechanism, dialects: ["commands"] },
    { name: "ZWS2.0", mechanism, dialects },
  ];
}

const LIMITS = [-1, 0, 100, 70_000];
/** What is sent without having been asked for: an upgrade, a greeting, READY. */
const OWN_BYTES = 1024;
/** The header of ZMTP for 256 bytes has nine bytes; that of WebSocket, with the flags, five. */
const HEADER_FACTOR = 265 / 261;
/** A Ping of two bytes is answered by a Pong with a mask: six. */
const ANSWER_FACTOR = 3;
/** The longest message of an error about what a peer sent. */
const MAX_TEXT = 1024;
/** More microtasks than what arrives takes to get through all parts. */
const MICROTASKS = 10;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CODES = new Set(["EPROTO", "ECONNRESET"]);

/** Makes the target. */
export function wsTarget(share: number): Target {
  const grammar = new WsGrammar();
  return {
    name: "ws",
    share,
    generate(random: Random): Input {
      const type = random.pick(TYPES);
      const isServer = random.below(2);
      const isPlain = random.oneIn(4) ? isServer : 0;
      const bytes = grammar.bytes(random, isServer === 1, PEERS[type]!, {
        isPlain: isPlain === 1,
      });
      const setup = {
        type,
        isServer,
        isPlain,
        maxMessageSize: random.pick(LIMITS),
        path: random.oneIn(3) ? "/zmq" : "",
      };
      const cuts = random.oneIn(3) ? chooseCuts(random, bytes.byteLength) : [];
      return { setup, bytes, cuts };
    },
    async run({ setup, bytes, cuts }: Input): Promise<string> {
      const whole = await talk(setup, bytes, []);
      if (cuts.length === 0) return whole.outcome;
      const pieces = await talk(setup, bytes, cuts);
      // After an error, what came before it may have been dropped.
      if (whole.outcome.startsWith("E") || pieces.outcome.startsWith("E")) {
        return whole.outcome;
      }
      demand(
        pieces.outcome === whole.outcome,
        `cut up, "${whole.outcome}" becomes "${pieces.outcome}"`,
      );
      demand(
        sameBytes(joined(...pieces.delivered), joined(...whole.delivered)),
        "cut up, other bytes are delivered",
      );
      return whole.outcome;
    },
  };
}

/** Sends bytes, cut into chunks, and judges what comes of it. */
async function talk(
  setup: Input["setup"],
  bytes: Uint8Array,
  cuts: readonly number[],
): Promise<Talk> {
  const one = new Talk(setup);
  await one.begin();
  const sent = one.withAccept(bytes);
  let start = 0;
  for (const end of [...cuts, sent.byteLength]) {
    await one.receive(sent.slice(start, end));
    start = end;
  }
  await one.end();
  one.judge(bytes.byteLength);
  return one;
}

/** One connection: the peer is here, the WebSocket and ZMTP are what is tested. */
class Talk implements WireHandler {
  readonly delivered: Uint8Array[] = [];
  readonly #inner = new PeerWire();
  readonly #wire: WsWire;
  readonly #upgrade: Upgrade;
  readonly #zmtp: Connection;
  readonly #isServer: boolean;
  #error = "";
  #failure: Error | undefined;

  constructor(
    { type, isServer, isPlain, maxMessageSize, path }: Input["setup"],
  ) {
    const subprotocols = offers(isPlain === 1 ? "PLAIN" : "NULL");
    const limit = maxMessageSize as number;
    this.#isServer = isServer === 1;
    const options = {
      ...defaultOptions(type as SocketType),
      maxMessageSize: limit,
    };
    const route: Route = {
      options,
      subprotocols,
      allows: (origin) => isOwnOrigin(origin, "127.0.0.1"),
    };
    this.#upgrade = this.#isServer
      ? new ServerUpgrade((asked) =>
        path === "" || asked === path ? route : undefined
      )
      : new ClientUpgrade("127.0.0.1:80", "/zmq", subprotocols, options);
    this.#wire = new WsWire(this.#inner, {
      isServer: this.#isServer,
      upgrade: this.#upgrade,
      remoteAddress: "ws://127.0.0.1:1",
    });
    this.#zmtp = new Connection({
      type: type as SocketType,
      routingId: EMPTY,
      isBound: this.#isServer,
      maxMessageSize: limit,
      security: isPlain === 1
        ? { type: "plain-server" }
        : { type: "null", authenticatesPeers: false },
    });
  }

  /** In a word. */
  get outcome(): string {
    if (this.#error !== "") return this.#error;
    return this.#zmtp.isOpen ? "open" : "waiting";
  }

  /** Begins the upgrade. */
  async begin(): Promise<void> {
    void this.#wire.open(new AbortController().signal).then(
      () => this.#start(),
      (error) => this.wireClosed(error),
    );
    await microtasks();
  }

  /** The bytes with the answer to the key of a client, which the generator could not know, where it belongs. */
  withAccept(bytes: Uint8Array): Uint8Array {
    const sent = Buffer.from(bytes);
    const key = /-Key: (.*)\r/.exec(
      Buffer.from(this.#upgrade.request).toString(),
    );
    const at = sent.indexOf(ACCEPT_PLACE);
    if (key !== null && at >= 0) sent.write(acceptOf(key[1]!), at);
    return asFrame(sent);
  }

  async receive(chunk: Uint8Array): Promise<void> {
    this.#inner.receive(chunk);
    await microtasks();
  }

  async end(): Promise<void> {
    this.#wire.destroy();
    await microtasks();
  }

  judge(size: number): void {
    const total = this.delivered.reduce((sum, one) => sum + one.byteLength, 0);
    demand(
      total <= HEADER_FACTOR * size + OWN_BYTES,
      "more is delivered than was sent",
    );
    demand(
      this.#inner.written <= ANSWER_FACTOR * size + OWN_BYTES,
      "it answers more than asked",
    );
    if (this.#failure === undefined) return;
    const { message } = this.#failure;
    demand(message.length <= MAX_TEXT, "an error has an endless text");
    demand(
      escaped(message) === message.replaceAll("\\", "\\\\"),
      "an error has control characters",
    );
    if (this.#failure instanceof ZmqError && CODES.has(this.#failure.code)) {
      return;
    }
    throw this.#failure;
  }

  wireData(chunk: Uint8Array): void {
    this.delivered.push(chunk);
    if (this.#error !== "") return;
    try {
      this.#zmtp.receive(chunk);
      for (;;) {
        const event = this.#zmtp.next();
        const isEvent = event !== undefined && !Array.isArray(event);
        if (isEvent && event.type === "credentials") {
          this.#zmtp.resume({ status: 200, text: "OK" });
        }
        if (event !== undefined) continue;
        if (!this.#zmtp.isSpent) break;
        this.#zmtp.rest();
      }
    } catch (error) {
      this.#error = codeOf(error);
    }
    this.#answer();
  }

  wireClosed(error: Error | undefined): void {
    this.#failure ??= error;
    if (this.#error !== "" || error === undefined) return;
    this.#error = `E ${(error as { code?: string }).code}`;
  }

  #start(): void {
    this.#wire.start(this);
    this.#answer();
  }

  #answer(): void {
    const chunks = this.#zmtp.takeOutput();
    this.#zmtp.outputWritten();
    if (chunks.length > 0) this.#wire.write(chunks, () => {});
  }
}

/** A connection of TCP whose other end is the fuzzed peer. */
class PeerWire implements Wire {
  readonly remoteAddress = "tcp://127.0.0.1:1";
  written = 0;
  #handler: WireHandler | undefined;
  #isPaused = true;
  #isClosed = false;
  readonly #waiting: Uint8Array[] = [];

  receive(chunk: Uint8Array): void {
    this.#waiting.push(chunk);
    this.#deliver();
  }

  start(handler: WireHandler): void {
    this.#handler = handler;
    this.resume();
  }

  write(chunks: readonly Uint8Array[], done: (error?: Error) => void): void {
    for (const { byteLength } of chunks) this.written += byteLength;
    queueMicrotask(done);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    queueMicrotask(() => this.#deliver());
  }

  /** The peer does not end its half, and goes on sending. */
  end(): void {
    this.resume();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    queueMicrotask(() => this.#handler?.wireClosed(undefined));
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isClosed && this.#waiting.length > 0) {
      this.#handler!.wireData(this.#waiting.shift()!);
    }
  }
}

/** The answer to a key (RFC 6455, section 4.2.2). */
function acceptOf(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}

async function microtasks(): Promise<void> {
  for (let i = 0; i < MICROTASKS; i++) await undefined;
}
