/**
 * Layer: engine. Heartbeats of one connection (RFC 37, "Connection
 * Heartbeating"): sends PING, and notices a peer that has gone silent. Any
 * traffic counts as a sign of life. No timer runs unless it is asked for.
 *
 * @module
 */
import type { OptionValues } from "../options/values.ts";
import { unref } from "./timers.ts";

/** What has come while we were held up has so long to be heard, in milliseconds. */
const HEAR_MS = 10;

/** What a heartbeat does. */
export interface HeartbeatActions {
  /** Send a PING that tells this time to live. */
  ping(timeToLiveMs: number): void;
  /** The peer has been silent for too long. */
  silent(silentMs: number): void;
}

/** The heartbeat of one connection. */
export class Heartbeat {
  readonly #actions: HeartbeatActions;
  readonly #pingTimer: ReturnType<typeof setInterval> | undefined;
  readonly #timeoutMs: number;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceLimitMs = 0;
  #peerLimitMs = 0;
  #isStopped = false;

  constructor(options: Readonly<OptionValues>, actions: HeartbeatActions) {
    this.#actions = actions;
    const intervalMs = options.heartbeatInterval;
    this.#timeoutMs = options.heartbeatTimeout >= 0
      ? options.heartbeatTimeout
      : intervalMs;
    if (intervalMs > 0) {
      this.#pingTimer = setInterval(() => {
        actions.ping(options.heartbeatTimeToLive);
        this.#watch(this.#timeoutMs);
      }, intervalMs);
      unref(this.#pingTimer);
    }
  }

  /** Something came from the peer, or it is listened to again. */
  heard(): void {
    if (this.#silenceTimer !== undefined) {
      clearTimeout(this.#silenceTimer);
      this.#silenceTimer = undefined;
    }
    this.#watch(this.#peerLimitMs);
  }

  /** The peer has told how long it may be silent; 0 takes that back. */
  expect(timeToLiveMs: number): void {
    this.#peerLimitMs = timeToLiveMs;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = undefined;
    this.#watch(timeToLiveMs);
  }

  /** Ends all timers. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
  }

  /** Starts to count silence; a count that ends sooner goes on. */
  #watch(limitMs: number): void {
    if (limitMs <= 0 || this.#isStopped) return;
    if (this.#silenceTimer !== undefined && this.#silenceLimitMs <= limitMs) {
      return;
    }
    clearTimeout(this.#silenceTimer);
    this.#silenceLimitMs = limitMs;
    this.#silenceTimer = setTimeout(() => {
      // If it was we who were held up, its answer may lie there already.
      this.#silenceTimer = setTimeout(() => {
        this.#silenceTimer = undefined;
        this.#actions.silent(limitMs);
      }, HEAR_MS);
      unref(this.#silenceTimer);
    }, limitMs);
    unref(this.#silenceTimer);
  }
}
