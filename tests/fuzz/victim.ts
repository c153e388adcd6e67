/**
 * Test support. A socket of any type that is bound to wires in memory, with all
 * that stands between them; it is attacked by one peer after the other, and
 * asked by honest ones whether it still serves.
 *
 * @module
 */
import { yieldToEventLoop } from "../../src/async/event_loop.ts";
import type { AuthRequest } from "../../src/zmq/auth.ts";
import { Acceptor } from "../../src/zmq/engine/acceptor.ts";
import { ConnectionLimits } from "../../src/zmq/transport/connection_limits.ts";
import { Context } from "../../src/zmq/engine/context.ts";
import type { SocketCore } from "../../src/zmq/engine/socket_core.ts";
import { InprocRegistry } from "../../src/zmq/engine/inproc.ts";
import type { Message } from "../../src/zmq/message.ts";
import { createSocket } from "../../src/zmq/sockets/create.ts";
import type { Socket } from "../../src/zmq/sockets/socket.ts";
import type { Transport, Wire } from "../../src/zmq/transport/wire.ts";
import {
  CHANNEL,
  DISH,
  GATHER,
  PAIR,
  PUB,
  PULL,
  PUSH,
  RADIO,
  REP,
  REQ,
  SCATTER,
  type SocketType,
  SUB,
  XPUB,
  XSUB,
} from "../../src/zmq/types.ts";
import { cutAt, texts, utf8 } from "../support/bytes.ts";
import { FakeWire } from "../support/fake_wire.ts";
import {
  bytes as joined,
  command,
  greeting,
  message,
  property,
} from "../support/peers/zmtp_bytes.ts";
import { PEERS, type Side } from "./conversation.ts";
import { codeOf, demand } from "./target.ts";

const ADDRESS = "tcp://192.0.2.1:5555";
/** Marks so small that what comes fills them. */
const MARK = 4;
/** After this many ticks a wait fails. An input of 60,000 bytes may be 5,000 commands, of which 256 are read per tick. */
const MOST_TICKS = 100;

/** What any socket can do, below the forms that the types give it. */
interface AnySocket {
  tryReceiveMessage(): Message | undefined;
  trySendMessage(message: Message): boolean;
  /** SUB. */
  subscribe?(topic: string): void;
  /** DISH. */
  join?(group: string): void;
}

/** Types that receive nothing, that send nothing, and that have one peer at most. */
const DEAF: readonly SocketType[] = [PUSH, PUB, SCATTER, RADIO];
const MUTE: readonly SocketType[] = [PULL, SUB, GATHER, DISH];
const LONELY: readonly SocketType[] = [PAIR, CHANNEL];
const GROUP = "group";

/** A socket under attack. */
export class Victim {
  readonly #type: SocketType;
  readonly #side: Side;
  readonly #context = new CatchingContext();
  readonly #socket: Socket & AnySocket;
  #acceptor!: Acceptor;
  #accept!: (wire: Wire) => void;
  #failure: Error | undefined;
  #accepted = 0;
  #gone = 0;
  #shaken = 0;
  #served = 0;

  private constructor(type: SocketType, side: Side) {
    this.#type = type;
    this.#side = side;
    const options = {
      context: this.#context,
      maxMessageSize: 100_000,
      handshakeInterval: 0,
      linger: 0,
      ...(side === "plain-server" && { plainServer: true }),
      ...(side !== "null" && { authenticate: isWelcome }),
      ...(type === REQ && { relaxed: true }),
      ...(!DEAF.includes(type) && { receiveHighWaterMark: MARK }),
      ...(!MUTE.includes(type) && { sendHighWaterMark: MARK }),
    };
    const socket = createSocket(type, options) as Socket;
    this.#socket = socket as Socket & AnySocket;
    if (type === SUB) this.#socket.subscribe!("");
    this.#socket.join?.(GROUP);
    if (type === XSUB) this.#socket.trySendMessage([Uint8Array.of(1)]);
    const { events } = this.#socket;
    events.on("accept", () => void this.#accepted++);
    events.on("handshake", () => void this.#shaken++);
    events.on("disconnect", () => void this.#gone++);
    for (const kind of ["protocol", "auth", "other"] as const) {
      events.on(`handshake:error:${kind}`, ({ error }) => {
        this.#failure ??= error;
      });
    }
  }

  /** Makes a socket of this type, for peers of this side's kind. */
  static async start(type: SocketType, side: Side): Promise<Victim> {
    const victim = new Victim(type, side);
    await victim.#socket.bind("inproc://victim");
    const host = victim.#context.inproc.caught!;
    victim.#acceptor = new Acceptor(
      host,
      new ConnectionLimits(host.options),
      victim.#transport(),
      ADDRESS,
    );
    await victim.#acceptor.open();
    return victim;
  }

  /** Lets a peer send bytes, and go. Returns the outcome of its connection. */
  async attack(
    bytes: Uint8Array,
    cuts: readonly number[],
    honest: "never" | "beside" | "after",
    isSlow: boolean,
  ): Promise<string> {
    this.#failure = undefined;
    const before = this.#shaken;
    const wire = this.#connect();
    wire.isQuick = !isSlow;
    for (const chunk of cutAt(bytes, cuts)) {
      if (wire.isDestroyed || !await this.#goesOn(wire)) break;
      wire.feed(chunk);
    }
    await yieldToEventLoop();
    this.#drain();
    const outcome = this.#outcome(before);
    if (honest === "beside" && !LONELY.includes(this.#type)) {
      await this.#serve();
    }
    await this.#leave(wire);
    demand(this.#gone === this.#accepted, "a connection is not gone");
    demand(!wire.hasWrittenAfterEnd, "it writes after its end");
    if (honest === "after") await this.#serve();
    return outcome;
  }

  /** Closes the socket, and all that stands around it. */
  async close(): Promise<void> {
    this.#acceptor.destroy();
    await this.#acceptor.stop();
    await this.#context.close();
  }

  #transport(): Transport {
    return {
      name: "tcp",
      isAvailable: true,
      check: () => {},
      permit: () => {},
      connect: () => Promise.reject(new Error("nothing connects here")),
      listen: (_address, _options, onWire) => {
        this.#accept = onWire;
        const close = () => Promise.resolve();
        return Promise.resolve({ endpoint: ADDRESS, close });
      },
    };
  }

  #connect(): FakeWire {
    const wire = new FakeWire();
    this.#accept(wire);
    return wire;
  }

  #outcome(before: number): string {
    if (this.#failure !== undefined) return codeOf(this.#failure);
    return this.#shaken > before ? "open" : "waiting";
  }

  /** Whether a wire takes more; one that is paused must, once the socket has been read. */
  async #goesOn(wire: FakeWire): Promise<boolean> {
    for (let n = 0; wire.isPaused && !wire.isEnded && !wire.isDestroyed; n++) {
      demand(n < MOST_TICKS, "a wire stays paused");
      this.#drain();
      if (wire.isWriting) wire.finishWrite();
      await yieldToEventLoop();
    }
    return !wire.isDestroyed;
  }

  /** Ends a wire from outside; what was read still goes to the socket. */
  async #leave(wire: FakeWire): Promise<void> {
    const failure = this.#failure;
    wire.isQuick = true;
    wire.close();
    if (wire.isWriting) wire.finishWrite();
    for (let n = 0; n < MOST_TICKS && this.#gone < this.#accepted; n++) {
      this.#drain();
      await yieldToEventLoop();
    }
    this.#drain();
    this.#failure = failure; // that a peer goes in its handshake is no news
  }

  /** Receives all that waits, and answers where that is owed. */
  #drain(): string[][] {
    const all: string[][] = [];
    if (DEAF.includes(this.#type)) return all;
    const socket = this.#socket;
    while (socket.readable) {
      all.push(texts(socket.tryReceiveMessage()!));
      if (this.#type === REP) socket.trySendMessage([utf8("answer")]);
    }
    return all;
  }

  /** An honest peer comes, is served, and goes. */
  async #serve(): Promise<void> {
    const failure = this.#failure;
    this.#failure = undefined;
    const word = `word ${++this.#served};`;
    const wire = this.#connect();
    wire.feed(this.#handshake(word));
    await this.#goesOn(wire);
    const said = this.#said(word);
    if (said !== undefined) wire.feed(said);
    let isServed = false;
    for (let n = 0; !isServed && n < MOST_TICKS; n++) {
      await yieldToEventLoop();
      isServed = this.#isServed(wire, word);
    }
    // What the attacker has sent may fail only now, as it is read in several turns.
    demand(isServed, `an honest peer is not served: ${this.#failure}`);
    demand(!wire.isDestroyed, `an honest peer is gone: ${this.#failure}`);
    await this.#leave(wire);
    this.#failure = failure;
  }

  #handshake(identity: string): Uint8Array {
    const metadata = joined(
      property("Socket-Type", PEERS[this.#type]!),
      property("Identity", identity),
    );
    if (this.#side !== "plain-server") {
      return joined(greeting(), command("READY", metadata));
    }
    return joined(
      greeting({ mechanism: "PLAIN" }),
      command("HELLO", "\x02ok\x00"),
      command("INITIATE", metadata),
    );
  }

  /** What an honest peer says. */
  #said(word: string): Uint8Array | undefined {
    switch (this.#type) {
      case PUSH:
      case SCATTER:
      case REQ:
        return undefined;
      case RADIO:
        return command("JOIN", word);
      case DISH:
        return message(GROUP, word);
      case PUB:
      case XPUB:
        return command("SUBSCRIBE", word);
      case REP:
        return message("", word);
      default:
        return message(word);
    }
  }

  /** Whether the word has gone the way that the socket type has for it. */
  #isServed(wire: FakeWire, word: string): boolean {
    const type = this.#type;
    if (DEAF.includes(type) || type === REQ) {
      if (texts([wire.take()])[0]!.includes(word)) return true;
      const body = utf8(word);
      this.#socket.trySendMessage(type === RADIO ? [body, body] : [body]);
      return false;
    }
    return this.#drain().some((frames) =>
      frames.some((text) => text === word || text === `\x01${word}`)
    );
  }
}

/** PLAIN accepts names with an even number of characters; NULL, everything. */
function isWelcome({ username = "" }: AuthRequest): Promise<boolean> {
  return Promise.resolve(username.length % 2 === 0);
}

/** Keeps the host of the socket that binds a name. */
class CatchingRegistry extends InprocRegistry {
  caught: SocketCore | undefined;

  override bind(_address: string, host: SocketCore): void {
    this.caught = host;
  }
}

/** A context that gives away the host of its socket. */
class CatchingContext extends Context {
  override readonly inproc: CatchingRegistry = new CatchingRegistry();
  override readonly transports = [this.inproc];
}
