/**
 * Layer: engine. The outbound half of a session: takes messages out of the pipe,
 * encodes them, and writes the bytes to the wire.
 *
 *     idle ──something waits──▶ scheduled ──flush──▶ writing ──▶ idle
 *       └───────── the session ends, or a write fails ─────────▶ ended
 *
 * Messages stay in the pipe until they are written, nearly always as the bytes
 * to write already. Of those that wait, up to `OUTPUT_LIMIT` bytes do not count
 * against the high-water mark.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { Wire } from "../transport/wire.ts";
import type { Flushable } from "./flush_scheduler.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { Protocol } from "./protocol.ts";
import { type SocketCore, SUBSCRIBERS } from "./socket_core.ts";

/** How many bytes are enough for a write. */
export const OUTPUT_LIMIT = 65536;

/** Its reactions cost a third of those of `queueMicrotask`, which Node wraps (Node 20). */
const RESOLVED = Promise.resolve();

/** What a batch of bytes contains, as bits: messages, or whatever else must arrive before the connection ends. */
const MUST_ARRIVE = 1;
/** A PING, whose departure the heartbeat waits for. */
const PING = 2;

/** What the outbound half reports to its session. */
export interface OutboundEvents {
  /** A write has completed, so there is room for more. */
  written(): void;
  /** A message could not be encoded. */
  failed(error: unknown): void;
}

/** Encodes and writes what one session sends. */
export class Outbound implements Flushable {
  /** The pipe that messages come from, once the session has one. */
  pipe: Pipe | undefined;
  /** Follows the progress of writes. */
  heartbeat: Heartbeat | undefined;
  #state: "idle" | "scheduled" | "writing" | "ended" = "idle";
  readonly #core: SocketCore;
  readonly #wire: Wire;
  readonly #protocol: Protocol;
  readonly #events: OutboundEvents;
  /** The bit of a message. Subscriptions need not arrive: they are state of a socket that ends. */
  readonly #messageBit: number;
  /** What the encoded bytes contain, and what those of the current write do. */
  #encoded = 0;
  #inFlight = 0;
  #lastFlushTick = -1;

  constructor(
    core: SocketCore,
    wire: Wire,
    protocol: Protocol,
    events: OutboundEvents,
  ) {
    this.#core = core;
    this.#wire = wire;
    this.#protocol = protocol;
    this.#events = events;
    this.#messageBit = SUBSCRIBERS.has(core.type) ? 0 : MUST_ARRIVE;
  }

  /** Whether nothing is written any more. */
  get isEnded(): boolean {
    return this.#state === "ended";
  }

  /** Whether bytes are being written or wait for it. */
  get isBusy(): boolean {
    return this.#state === "writing" || this.#waiting > 0;
  }

  /** Sees to it that what waits gets written. */
  send(): void {
    if (this.#state === "writing" || this.#state === "ended") return;
    const size = this.#waiting;
    if (size >= OUTPUT_LIMIT) this.flush();
    else if (size > 0 && this.#state === "idle") this.#schedule();
  }

  /** The pipe is full: what fits into the next write does not count any more. */
  makeRoom(): void {
    if (this.#state === "ended" || this.#waiting >= OUTPUT_LIMIT) return;
    this.pipe!.grant();
  }

  /** Encodes a message that does not come from the pipe. */
  encode(message: Message): void {
    this.#protocol.send(message);
    this.#encoded |= MUST_ARRIVE;
  }

  /** Encodes a PING ahead of what waits in the pipe. */
  ping(timeToLiveMs: number): void {
    if (this.isEnded) return;
    this.#protocol.ping(timeToLiveMs);
    this.#encoded |= PING;
    this.send();
  }

  /** From now on everything that is encoded or being written must arrive before the connection ends. */
  requireDelivery(): void {
    if (this.#protocol.outputSize > 0) this.#encoded |= MUST_ARRIVE;
    if (this.#state === "writing") this.#inFlight |= MUST_ARRIVE;
  }

  /** Writes what has been encoded; called by the scheduler. */
  flush(): void {
    if (this.#state === "writing" || this.#state === "ended") return;
    // What is read makes room, and what is then sent must not be written first.
    this.#state = "writing";
    this.#encode();
    if (this.isEnded) return;
    const chunks = this.#protocol.takeOutput();
    if (chunks.length === 0) {
      this.#state = "idle";
      return;
    }
    this.#inFlight = this.#encoded;
    this.#encoded = 0;
    const { keepAlive, scheduler } = this.#core;
    keepAlive.acquire();
    this.#lastFlushTick = scheduler.tick;
    const isWatched = this.heartbeat?.isPinging === true;
    if (isWatched) this.heartbeat!.writing();
    this.#wire.write(
      chunks,
      this.#written,
      isWatched ? (size) => this.heartbeat?.progressed(size) : undefined,
    );
  }

  /**
   * Writes what must still arrive, then ends the wire.
   *
   * @returns false while such a write is under way.
   */
  end(): boolean {
    if (this.#protocol.outputSize > 0) this.flush();
    const mustArrive = ((this.#encoded | this.#inFlight) & MUST_ARRIVE) !== 0;
    if (mustArrive && this.#state === "writing") return false;
    this.#state = "ended";
    this.#wire.end(mustArrive);
    return true;
  }

  /** Writes nothing more. */
  stop(): void {
    this.#state = "ended";
  }

  /** How many bytes wait, encoded or in the pipe. */
  get #waiting(): number {
    const { outputSize } = this.#protocol;
    const pipe = this.pipe;
    pipe?.pull();
    // An empty pipe reports the next message, as it has been asked.
    return pipe?.canRead ? outputSize + pipe.unreadBytes : outputSize;
  }

  /** Encodes messages from the pipe until there are enough for a write. */
  #encode(): void {
    const pipe = this.pipe;
    if (pipe === undefined) return;
    const protocol = this.#protocol;
    try {
      pipe.pull();
      while (protocol.outputSize < OUTPUT_LIMIT && pipe.canRead) {
        const run = protocol.sendsRuns ? pipe.readRun() : undefined;
        if (run !== undefined) protocol.sendRun(run);
        else protocol.send(pipe.read()!);
        this.#encoded |= this.#messageBit;
      }
    } catch (error) {
      this.#events.failed(error);
    }
  }

  #schedule(): void {
    this.#state = "scheduled";
    const { scheduler } = this.#core;
    if (this.#lastFlushTick === scheduler.tick) scheduler.flushLater(this);
    else void RESOLVED.then(this.#flushNow);
  }

  readonly #flushNow = (): void => this.flush();

  readonly #written = (error?: Error | null): void => {
    const contents = this.#inFlight;
    this.#inFlight = 0;
    this.#core.keepAlive.release();
    this.#protocol.outputWritten();
    if (this.#state === "ended") return;
    if (error) {
      // The wire is about to report that it is closed; what waits is for the next one.
      this.#state = "ended";
      return;
    }
    this.#state = "idle";
    if ((contents & PING) !== 0) this.heartbeat?.left();
    this.#events.written();
  };
}
