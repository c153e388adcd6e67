/**
 * Layer: engine. What one connection writes: when, how much at a time, and what
 * of it must still arrive when the connection ends.
 *
 * @module
 */
import type { Wire } from "../transport/wire.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { SocketCore } from "./socket_core.ts";
import type { Protocol } from "./protocol.ts";
import type { Flushable } from "./flush_scheduler.ts";

/** What waits in memory to be written, at most, before messages stay in the pipe. */
export const OUTPUT_LIMIT = 65536;

/** Its jobs cost a third of those of `queueMicrotask`, which Node wraps (Node 20). */
const DONE = Promise.resolve();

/** Writes what a connection has encoded. */
export class Output implements Flushable {
  /** Whether a write is under way. */
  isWriting = false;
  /** Nothing is written any more. */
  isEnded = false;
  /** Whether messages are among what is encoded: that must arrive. */
  isOwed = false;
  /** Wants to know how writes go on. */
  heartbeat: Heartbeat | undefined;
  readonly #core: SocketCore;
  readonly #wire: Wire;
  readonly #connection: Protocol;
  readonly #whenWritten: () => void;
  /** Whether messages are among what is being written. */
  #isWriteOwed = false;
  /** Whether a PING is among what is encoded, and among what is being written. */
  #isPingWaiting = false;
  #isPingLeaving = false;
  #isFlushDue = false;
  #lastFlushTick = -1;

  /** @param whenWritten Called when more can be written. */
  constructor(
    core: SocketCore,
    wire: Wire,
    connection: Protocol,
    whenWritten: () => void,
  ) {
    this.#core = core;
    this.#wire = wire;
    this.#connection = connection;
    this.#whenWritten = whenWritten;
  }

  /** Whether messages have still to leave. */
  get isLeaving(): boolean {
    return this.isWriting && (this.#isWriteOwed || this.isOwed);
  }

  /** All that is encoded and being written must arrive. */
  oweAll(): void {
    this.isOwed = this.#connection.outputSize > 0;
    this.#isWriteOwed = this.isWriting;
  }

  /** Encodes a PING. */
  ping(timeToLiveMs: number): void {
    this.#connection.ping(timeToLiveMs);
    this.#isPingWaiting = true;
  }

  /**
   * Sees to it that what has been encoded is written.
   *
   * @returns Whether that has begun, so that there is room for more.
   */
  schedule(): boolean {
    const { outputSize } = this.#connection;
    if (this.isWriting || outputSize === 0 || this.isEnded) return false;
    if (outputSize >= OUTPUT_LIMIT) {
      // Enough for a write: while it is under way, the next is filled.
      this.flush();
      return true;
    }
    if (this.#isFlushDue) return false;
    this.#isFlushDue = true;
    if (this.#lastFlushTick === this.#core.scheduler.tick) {
      this.#core.scheduler.flushLater(this);
    } else void DONE.then(this.#flushNow);
    return false;
  }

  /** Writes what has been encoded; called by the turns. */
  flush(): void {
    this.#isFlushDue = false;
    if (this.isWriting || this.isEnded) return;
    const chunks = this.#connection.takeOutput();
    if (chunks.length === 0) return;
    this.isWriting = true;
    this.#isWriteOwed = this.isOwed;
    this.isOwed = false;
    this.#isPingLeaving = this.#isPingWaiting;
    this.#isPingWaiting = false;
    this.#core.keepAlive.acquire();
    this.#lastFlushTick = this.#core.scheduler.tick;
    const isWatched = this.heartbeat?.isPinging === true;
    if (isWatched) this.heartbeat!.writing();
    this.#wire.write(
      chunks,
      this.#written,
      isWatched ? this.#progressed : undefined,
    );
  }

  /** Writes what is left, if that must arrive, and ends; returns false while that is under way. */
  end(): boolean {
    if (!this.isWriting && this.#connection.outputSize > 0) this.flush();
    if (this.isLeaving) return false;
    this.isEnded = true;
    this.#wire.end(this.#isWriteOwed || this.isOwed);
    return true;
  }

  readonly #flushNow = (): void => this.flush();

  readonly #progressed = (size: number): void =>
    this.heartbeat?.progressed(size);

  readonly #written = (error?: Error | null): void => {
    this.isWriting = false;
    this.#isWriteOwed = false;
    this.#core.keepAlive.release();
    this.#connection.outputWritten();
    if (this.isEnded) return;
    if (error) {
      // The wire is about to say that it is closed: what waits is not for it.
      this.isEnded = true;
      return;
    }
    if (this.#isPingLeaving) this.heartbeat?.left();
    this.#whenWritten();
  };
}
