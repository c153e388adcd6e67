/**
 * Layer: engine. Heartbeats of one connection (RFC 37, "Connection
 * Heartbeating"): sends PING, and notices a peer that has gone silent. No timer
 * runs unless it is asked for.
 *
 * A sign of life is whatever comes from the peer, and that what is written goes
 * on: a large message may be on its way for longer than any timeout. The time
 * for an answer counts from when the PING has left. For the peer's sake, while
 * one of its messages takes long to arrive, it is sent a PONG now and then: all
 * it can see of that otherwise is how its own system takes the bytes.
 *
 * @module
 */
import type { OptionValues } from "../options/values.ts";
import { MAX_TIMER_MS, unref } from "../../async/timers.ts";

/** What has come while we were held up has so long to be heard, in milliseconds. */
const HEAR_MS = 10;
/** While a message arrives, the peer is sent a sign of that so often, in milliseconds. */
const SIGN_MS = 100;

/** A write that takes longer than this is held up by the line, in milliseconds. */
const HELD_UP_MS = 2;
/** What the buffers of systems and relays on the way hold at most, in bytes. */
const BUFFERED = 32 * 2 ** 20;

/** What a heartbeat does. */
export interface HeartbeatActions {
  /** Send a PING that tells this time to live; `left` is to be called when it has been written. */
  ping(timeToLiveMs: number): void;
  /** Send a PONG that nobody has asked for. */
  pong(): void;
  /** The peer has been silent for too long. */
  silent(silentMs: number): void;
}

/** The heartbeat of one connection. */
export class Heartbeat {
  readonly #actions: HeartbeatActions;
  readonly #pingTimer: ReturnType<typeof setInterval> | undefined;
  readonly #timeoutMs: number;
  /** Counts the silence after a PING of ours. */
  readonly #answer: Countdown;
  /** Counts the silence that the peer allows itself. */
  readonly #promise: Countdown;
  #promiseMs = 0;
  /** When the PING was made that has not left yet; 0 if there is none. */
  #leavingSince = 0;
  /** Whether the count began while that PING was leaving. */
  #isCountEarly = false;
  /** When something has left last. */
  #progressAt = 0;
  /** The bytes that have left since the last PING did; and of those that the line held up, how many, and for how long. */
  #written = 0;
  #heldUp = 0;
  #heldUpMs = 0;
  /** Since when a message arrives, or when the peer was last sent a sign of it; 0 if none does. */
  #arrivingSince = 0;
  #isUnderstood: boolean;

  /** @param isUnderstood Whether the peer is known to understand PING and PONG; ZMTP 3.0 does not say so. */
  constructor(
    options: Readonly<OptionValues>,
    isUnderstood: boolean,
    actions: HeartbeatActions,
  ) {
    this.#actions = actions;
    this.#isUnderstood = isUnderstood;
    this.#answer = new Countdown(actions.silent);
    this.#promise = new Countdown(actions.silent);
    const intervalMs = options.heartbeatInterval;
    this.#timeoutMs = options.heartbeatTimeout >= 0
      ? options.heartbeatTimeout
      : intervalMs;
    if (intervalMs > 0) {
      this.#pingTimer = setInterval(
        () => this.#ping(options.heartbeatTimeToLive),
        intervalMs,
      );
      unref(this.#pingTimer);
    }
  }

  /** Whether the progress of what is written counts. */
  get isPinging(): boolean {
    return this.#pingTimer !== undefined;
  }

  /** Something came from the peer, or it is listened to again. */
  heard(): void {
    this.#answer.stop();
    this.#isCountEarly = false;
    this.#promise.start(this.#promiseMs);
  }

  /** The peer has sent PING or PONG: it understands them. */
  understood(): void {
    this.#isUnderstood = true;
  }

  /** A write begins. */
  writing(): void {
    this.#progressAt = performance.now();
  }

  /** So many bytes of what is being written have left for the system's buffers. */
  progressed(size: number): void {
    const now = performance.now();
    const tookMs = now - this.#progressAt;
    this.#progressAt = now;
    this.#written = Math.min(this.#written + size, BUFFERED);
    if (tookMs > HELD_UP_MS) {
      this.#heldUpMs += tookMs;
      this.#heldUp += size;
    }
    // What is behind the PING says nothing of its answer.
    if (this.#isCountEarly) this.#answer.restart();
  }

  /** The PING has left. */
  left(): void {
    this.#leavingSince = 0;
    // What is before it in the system's buffers takes its time on the line.
    const aheadMs = this.#heldUp > 0
      ? this.#written * this.#heldUpMs / this.#heldUp
      : 0;
    this.#written = this.#heldUp = this.#heldUpMs = 0;
    if (!this.#isCountEarly) return;
    this.#isCountEarly = false;
    if (this.#answer.isRunning) this.#answer.start(this.#timeoutMs + aheadMs);
  }

  /** Something has come, and of a message there is only a part; or there is none. */
  arriving(isPart: boolean): void {
    if (!isPart) {
      this.#arrivingSince = 0;
      return;
    }
    const now = performance.now();
    if (this.#arrivingSince === 0) this.#arrivingSince = now;
    if (now - this.#arrivingSince < SIGN_MS || !this.#isUnderstood) return;
    this.#arrivingSince = now;
    this.#actions.pong();
  }

  /** The peer has told how long it may be silent; 0 takes that back. */
  expect(timeToLiveMs: number): void {
    this.#promiseMs = timeToLiveMs;
    this.#promise.start(timeToLiveMs);
  }

  /** Ends all timers. */
  stop(): void {
    clearInterval(this.#pingTimer);
    this.#answer.end();
    this.#promise.end();
  }

  #ping(timeToLiveMs: number): void {
    if (!this.#isUnderstood) return;
    if (!this.#answer.isRunning) {
      this.#answer.start(this.#timeoutMs);
      this.#isCountEarly = true;
    }
    if (this.#leavingSince > 0) return; // one that waits is enough
    this.#leavingSince = performance.now();
    this.#actions.ping(timeToLiveMs);
  }
}

/** A time that runs out unless it is started anew. */
class Countdown {
  #limitMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  readonly #whenOver: (limitMs: number) => void;

  constructor(whenOver: (limitMs: number) => void) {
    this.#whenOver = whenOver;
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Starts, or starts anew; a limit of 0 is none. */
  start(limitMs: number): void {
    this.stop();
    if (limitMs <= 0 || this.#isOver) return;
    this.#limitMs = Math.min(Math.round(limitMs), MAX_TIMER_MS);
    this.#timer = setTimeout(this.#look, this.#limitMs);
    unref(this.#timer);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Begins once more, if it has begun. */
  restart(): void {
    if (this.#timer !== undefined) this.start(this.#limitMs);
  }

  /** Stops for good. */
  end(): void {
    this.stop();
    this.#isOver = true;
  }

  /** If it was we who were held up, a sign of life may lie there already. */
  readonly #look = (): void => {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#whenOver(this.#limitMs);
    }, HEAR_MS);
    unref(this.#timer);
  };
}
