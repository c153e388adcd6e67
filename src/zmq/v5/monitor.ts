/**
 * Layer: v5. The events of a monitor under the names of v5.
 *
 * @module
 */
import type { Event, EventType } from "../engine/observer.ts";
import type { Observer } from "../engine/observer.ts";
import type { MonitorEvent } from "./constants.ts";
import { asSocketError } from "./socket_error.ts";

/** Names as in libzmq; handshakes had no events when v5 was made. */
const NAMES: Partial<Record<EventType, MonitorEvent>> = {
  "connect": "connect",
  "connect:delay": "connect_delay",
  "connect:retry": "connect_retry",
  "bind": "listen",
  "bind:error": "bind_error",
  "accept": "accept",
  "accept:error": "accept_error",
  "close": "close",
  "close:error": "close_error",
  "disconnect": "disconnect",
};

/** An event: its value, the endpoint, and the error. */
export type MonitorListener = (
  name: MonitorEvent,
  value: number | undefined,
  address: string,
  error: Error | undefined,
) => void;

/** Reports what happens to the connections of a socket, while it is enabled. */
export class Monitor {
  readonly #events: Observer;
  readonly #report: MonitorListener;
  #isOn = false;

  constructor(events: Observer, report: MonitorListener) {
    this.#events = events;
    this.#report = report;
  }

  /** Begins to report. */
  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    for (const type of Object.keys(NAMES)) {
      this.#events.on(type as EventType, this.#onEvent);
    }
  }

  /** Stops reporting. */
  stop(): void {
    this.#isOn = false;
    for (const type of Object.keys(NAMES)) {
      this.#events.off(type as EventType, this.#onEvent);
    }
  }

  /** Reports that an address cannot be bound, without the engine. */
  bindFailed(address: string, error: Error): void {
    this.#onEvent({ type: "bind:error", address, error });
  }

  readonly #onEvent = (event: Event): void => {
    const name = NAMES[event.type];
    if (name === undefined || event.type === "end") return;
    const { address } = event;
    const failure = "error" in event ? event.error : undefined;
    const error = failure && asSocketError(failure, address);
    const value = event.type === "connect:retry"
      ? event.interval
      : error?.errno;
    // Later, as in v5, where events are read from time to time.
    queueMicrotask(() => {
      if (this.#isOn) this.#report(name, value, address, error);
    });
  };
}
