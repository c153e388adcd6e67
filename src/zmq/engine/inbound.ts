/**
 * Layer: engine. The inbound half of a session: takes messages and events out of
 * the protocol, and puts the messages into the pipe.
 *
 *     reading ◀──there is room──▶ paused
 *        ▲  └─the peer has had its share─▶ yielding ──next tick──▶ paused
 *        └── any state ──the peer is refused, the session ends──▶ stopped
 *
 * In `paused` and `yielding` the wire is paused, so that the peer's system holds
 * back what it sends. Reading pauses while the pipe is full, while the peer is
 * being authenticated, and while it does not read the answers to its commands.
 *
 * @module
 */
import type { Message } from "../message.ts";
import { notePeer, type PeerIdentity } from "../peer_identity.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { Wire } from "../transport/wire.ts";
import type { ConnectionEvent } from "../zmtp/connection.ts";
import type { PausedReader } from "./flush_scheduler.ts";
import { OUTPUT_LIMIT } from "./outbound.ts";
import type { Protocol } from "./protocol.ts";
import { type IncomingValidator, incomingValidatorOf } from "./reception.ts";
import type { SocketCore } from "./socket_core.ts";

/** What the inbound half reports to its session. */
export interface InboundEvents extends PausedReader {
  /** The protocol has produced an event. */
  handle(event: ConnectionEvent): void;
  /** The peer broke the protocol, or a message could not be delivered. */
  failed(error: unknown): void;
}

/** Why {@link Inbound.read} has returned. */
export type ReadResult =
  /** Everything that has arrived is read. */
  | "drained"
  /** Reading is paused. */
  | "waiting"
  /** Nothing is read any more. */
  | "stopped";

/** Reads and delivers what one session receives. */
export class Inbound {
  /** The pipe that messages go to, once the session has one. */
  pipe: Pipe | undefined;
  /** The identity that the peer has proved, if the mechanism has one. */
  peerIdentity: PeerIdentity | undefined;
  #state: "reading" | "paused" | "yielding" | "stopped" = "reading";
  readonly #core: SocketCore;
  readonly #wire: Wire;
  readonly #protocol: Protocol;
  readonly #events: InboundEvents;
  /** Looked up once: for each message it took 1 to 4 ns (Bun 1.4, Deno 2.9). */
  readonly #validate: IncomingValidator | undefined;
  /** How many bytes of answers may wait to be written. */
  #answerLimit = OUTPUT_LIMIT;

  constructor(
    core: SocketCore,
    wire: Wire,
    protocol: Protocol,
    events: InboundEvents,
  ) {
    this.#core = core;
    this.#wire = wire;
    this.#protocol = protocol;
    this.#events = events;
    this.#validate = incomingValidatorOf(core.type);
  }

  /** Whether what has arrived may not be read yet. */
  get isPaused(): boolean {
    return this.#state === "paused" || this.#state === "yielding";
  }

  /** Delivers what has arrived, as long as there is room for it. */
  read(): ReadResult {
    if (this.#isStopped) return "stopped";
    const protocol = this.#protocol;
    // How many messages may be delivered; only an event can make it fewer.
    let room = 0;
    try {
      for (;;) {
        if (room === 0 && (room = this.#room) === 0) {
          this.#pause();
          return "waiting";
        }
        const item = protocol.next();
        if (item === undefined) {
          if (!protocol.isSpent) return "drained";
          this.#yield();
          return "waiting";
        }
        if (Array.isArray(item)) {
          room--;
          this.#deliver(item);
        } else {
          room = 0;
          this.#events.handle(item);
        }
        if (this.#isStopped) return "stopped";
      }
    } catch (error) {
      this.#events.failed(error);
      return "stopped";
    }
  }

  /** Resumes the wire, once all is read; returns whether it was paused. */
  resume(): boolean {
    if (!this.isPaused) return false;
    this.#state = "reading";
    this.#wire.resume();
    return true;
  }

  /** A new tick has begun: the peer gets its next share. Returns whether to read on. */
  endYield(): boolean {
    this.#protocol.rest();
    if (this.#state === "yielding") this.#state = "paused";
    return this.isPaused;
  }

  /** The wire is closed: what has arrived is delivered, although nothing can be answered. */
  finish(): void {
    this.#answerLimit = Infinity;
  }

  /** Ignores whatever the peer has sent and sends. */
  stop(): void {
    this.#state = "stopped";
  }

  get #isStopped(): boolean {
    return this.#state === "stopped";
  }

  /** How many messages can be read before this has to be asked again; 0: it has to wait. */
  get #room(): number {
    if (this.#mustWait) return 0;
    const pipe = this.pipe;
    return pipe === undefined || pipe.other.isClosed ? 1 : pipe.room;
  }

  /** Whether the peer is being authenticated, or does not read what answers it. */
  get #mustWait(): boolean {
    const protocol = this.#protocol;
    return protocol.ignoresInput || protocol.answerSize >= this.#answerLimit;
  }

  #pause(): void {
    if (this.#state !== "reading") return;
    this.#state = "paused";
    this.#wire.pause();
  }

  #yield(): void {
    this.#pause();
    if (this.#state === "yielding") return;
    this.#state = "yielding";
    this.#core.scheduler.readLater(this.#events);
  }

  #deliver(message: Message): void {
    const pipe = this.pipe!;
    if (pipe.other.isClosed) return; // the socket no longer receives from this peer
    if (this.#validate?.(message) === false) return;
    if (this.peerIdentity !== undefined) notePeer(message, this.peerIdentity);
    pipe.write(message, true);
  }
}
