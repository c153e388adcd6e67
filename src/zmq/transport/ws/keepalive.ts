/**
 * Layer: transport. Heartbeats over a WebSocket: Ping frames, which every peer
 * has to answer (RFC 6455, section 5.5.2), libzmq and browsers included. RFC 45
 * has no others. Anything that arrives, and progress of a write, is a sign of
 * life.
 *
 * @module
 */
import { timerMs, unref } from "../../../async/timers.ts";
import type { WireOptions } from "../wire.ts";

/** After a timeout, data that arrived while this process was busy gets this many milliseconds to be read. */
const GRACE_MS = 10;

/** What the heartbeats make their wire do. */
export interface KeepaliveActions {
  /** Sends a Ping, unless a write is under way. */
  ping(): void;
  /** The peer has been silent for too long. */
  silent(silentMs: number): void;
}

/** The heartbeats of one connection. */
export class Keepalive {
  readonly #actions: KeepaliveActions;
  readonly #timeoutMs: number;
  readonly #interval: ReturnType<typeof setInterval> | undefined;
  #countdown: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;

  constructor(options: WireOptions, actions: KeepaliveActions) {
    const { heartbeatInterval, heartbeatTimeout } = options;
    this.#actions = actions;
    this.#timeoutMs = heartbeatTimeout >= 0
      ? heartbeatTimeout
      : heartbeatInterval;
    if (heartbeatInterval <= 0) return;
    this.#interval = setInterval(this.#tick, timerMs(heartbeatInterval));
    unref(this.#interval);
  }

  /** Something has arrived, or was written. */
  alive(): void {
    if (this.#countdown === undefined) return;
    clearTimeout(this.#countdown);
    this.#countdown = undefined;
  }

  /** This side does not read, so silence means nothing. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    this.alive();
  }

  /** Ends all timers. */
  stop(): void {
    clearInterval(this.#interval);
    this.alive();
  }

  readonly #tick = (): void => {
    if (this.#isPaused || this.#countdown !== undefined) return;
    this.#actions.ping();
    if (this.#timeoutMs > 0) this.#count(this.#timeoutMs, this.#late);
  };

  readonly #late = (): void => {
    this.#count(GRACE_MS, () => this.#actions.silent(this.#timeoutMs));
  };

  #count(ms: number, then: () => void): void {
    this.#countdown = setTimeout(then, timerMs(ms));
    unref(this.#countdown);
  }
}
