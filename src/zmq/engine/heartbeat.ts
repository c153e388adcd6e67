/**
 * Layer: engine. Heartbeats of one connection (RFC 37, "Connection
 * Heartbeating"): sends PING, and detects a silent peer. No timer runs unless
 * an option or the peer demands it.
 *
 * Anything that arrives from the peer is a sign of life, and so is progress of
 * our writes: a large message may take longer to transmit than any timeout. The
 * timeout for an answer starts when the PING has been written. While a message
 * of the peer takes long to arrive, the peer is sent a PONG now and then, as
 * all it sees otherwise is that its own system accepts the bytes.
 *
 * @module
 */
import type { OptionValues } from "../options/values.ts";
import { MAX_TIMER_MS, unref } from "../../async/timers.ts";
import { WriteMeter } from "./write_meter.ts";

/** After a timeout, data that arrived while this process was busy gets this many milliseconds to be read. */
const GRACE_MS = 10;
/** While a message arrives, the peer is sent a PONG at this interval in milliseconds. */
const PONG_INTERVAL_MS = 100;

/** What a heartbeat makes its session do. */
export interface HeartbeatActions {
  /** Send a PING with this time to live; call `left` when it has been written. */
  ping(timeToLiveMs: number): void;
  /** Send an unsolicited PONG. */
  pong(): void;
  /** The peer has been silent for too long. */
  silent(silentMs: number): void;
}

/** The heartbeat of one connection. */
export class Heartbeat {
  readonly #actions: HeartbeatActions;
  readonly #pingTimer: ReturnType<typeof setInterval> | undefined;
  readonly #timeoutMs: number;
  /** Measures the silence after our PING. */
  readonly #answer: Countdown;
  /** Measures the silence that the peer has announced with its PING. */
  readonly #promise: Countdown;
  #promiseMs = 0;
  /** Whether a PING was encoded that has not been written yet. */
  #isPingPending = false;
  /** Whether the countdown started before that PING was written. */
  #isCountEarly = false;
  readonly #meter = new WriteMeter();
  /** When a message began to arrive, or the last PONG was sent for it; 0 if none is arriving. */
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
    this.#answer = new Countdown(actions);
    this.#promise = new Countdown(actions);
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

  /** Whether the progress of writes is needed. */
  get isPinging(): boolean {
    return this.#pingTimer !== undefined;
  }

  /** Data arrived from the peer, or it is read from again. */
  received(): void {
    this.#answer.stop();
    this.#isCountEarly = false;
    this.#promise.start(this.#promiseMs);
  }

  /** The peer has sent PONG, so it understands heartbeats. */
  understood(): void {
    this.#isUnderstood = true;
  }

  /** A write begins. */
  writing(): void {
    this.#meter.start();
  }

  /** Part of the current write has been accepted by the system's buffers. */
  progressed(sizeBytes: number): void {
    this.#meter.add(sizeBytes);
    // The answer cannot arrive before the bytes ahead of the PING have left.
    if (this.#isCountEarly) this.#answer.restart();
  }

  /** The PING has been written. */
  left(): void {
    this.#isPingPending = false;
    const aheadMs = this.#meter.takeEstimate();
    if (!this.#isCountEarly) return;
    this.#isCountEarly = false;
    if (this.#answer.isRunning) this.#answer.start(this.#timeoutMs + aheadMs);
  }

  /** Data has arrived. @param isPart Whether it ended within a message. */
  arriving(isPart: boolean): void {
    if (!isPart) {
      this.#arrivingSince = 0;
      return;
    }
    const now = performance.now();
    if (this.#arrivingSince === 0) this.#arrivingSince = now;
    if (now - this.#arrivingSince < PONG_INTERVAL_MS || !this.#isUnderstood) {
      return;
    }
    this.#arrivingSince = now;
    this.#actions.pong();
  }

  /** The peer announces with a PING how long it may be silent; 0 for any time. */
  expect(timeToLiveMs: number): void {
    this.#isUnderstood = true;
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
    if (this.#isPingPending) return; // one is enough
    this.#isPingPending = true;
    this.#actions.ping(timeToLiveMs);
  }
}

/** A timeout that can be restarted. */
class Countdown {
  #limitMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  readonly #actions: Pick<HeartbeatActions, "silent">;

  constructor(actions: Pick<HeartbeatActions, "silent">) {
    this.#actions = actions;
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Starts or restarts it; 0 for no limit. */
  start(limitMs: number): void {
    this.stop();
    if (limitMs <= 0 || this.#isOver) return;
    this.#limitMs = Math.min(Math.round(limitMs), MAX_TIMER_MS);
    this.#timer = setTimeout(this.#onTimeout, this.#limitMs);
    unref(this.#timer);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Restarts it, if it is running. */
  restart(): void {
    if (this.#timer !== undefined) this.start(this.#limitMs);
  }

  /** Stops for good. */
  end(): void {
    this.stop();
    this.#isOver = true;
  }

  /** If this process was busy, data from the peer may be waiting already. */
  readonly #onTimeout = (): void => {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#actions.silent(this.#limitMs);
    }, GRACE_MS);
    unref(this.#timer);
  };
}
