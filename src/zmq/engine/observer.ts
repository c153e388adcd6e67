/**
 * Layer: engine. The monitor of a socket: the events of libzmq under the names
 * of zeromq.js, for listeners and as an async iterable. Events are only
 * buffered while something reads them.
 *
 * @module
 */

import { withResolvers } from "../../async/promises.ts";
import { ErrorLog } from "../error_log.ts";
import { type AuthError, type ProtocolError, ZmqError } from "../errors.ts";
import { callSafely } from "../../async/call_safely.ts";
import { KeepAlive } from "../../async/keep_alive.ts";

/** An event about an endpoint. */
export interface EventAt {
  /** The endpoint; that of `bind:error` without its transport, as in zeromq.js. */
  readonly address: string;
}

/** The error of a monitor event. */
export interface EventError extends Error {
  /** The stable code to match on, such as `"EADDRINUSE"`. */
  readonly code?: string;
  /** The endpoint, if there is one. */
  readonly address?: string | undefined;
}

/** An event about a failure. */
export interface FailureAt extends EventAt {
  /** The cause of the failure. */
  readonly error: EventError;
}

/** The peer, as it describes itself. */
export interface PeerInfo {
  /** Its address, such as `tcp://10.0.0.2:41234`. */
  readonly address: string;
  /** Its socket type, such as `"DEALER"`; empty if it does not announce one. */
  readonly socketType: string;
  /** Its routing id; empty if it has not chosen one. */
  readonly routingId: Uint8Array;
  /** The version of ZMTP used with it, such as `"3.1"`; empty if none is. */
  readonly version: string;
}

/**
 * A monitor event.
 *
 * | type | meaning |
 * |---|---|
 * | `bind`, `bind:error` | the socket listens at the address, or cannot |
 * | `connect:delay` | a connection is being made |
 * | `connect` | a connection was made; its handshake follows |
 * | `connect:retry` | it failed or was lost, and is retried in `interval` ms |
 * | `accept`, `accept:error` | a peer connected to a bound address, or could not |
 * | `handshake` | the handshake has succeeded, so messages can flow; `peer` describes the peer |
 * | `handshake:error:protocol` | the peer broke the protocol, during the handshake or later |
 * | `handshake:error:auth` | authentication failed, on either side; `error.status` is the ZAP status |
 * | `handshake:error:other` | the handshake timed out, or the connection was lost during it |
 * | `disconnect` | a connection was closed; `error` has the cause, unless that was intended |
 * | `close`, `close:error` | a bound address was closed, or a connection attempt abandoned |
 * | `end` | the socket is closed; this is the last event |
 */
export type Event =
  | EventAt & { readonly type: "accept" }
  | FailureAt & { readonly type: "accept:error" }
  | EventAt & { readonly type: "bind" }
  | FailureAt & { readonly type: "bind:error" }
  | EventAt & { readonly type: "connect" }
  | EventAt & { readonly type: "connect:delay" }
  | EventAt & {
    readonly type: "connect:retry";
    readonly interval: number;
    readonly error: EventError | undefined;
  }
  | EventAt & { readonly type: "close" }
  | FailureAt & { readonly type: "close:error" }
  | EventAt & {
    readonly type: "disconnect";
    readonly error: EventError | undefined;
  }
  | { readonly type: "end" }
  | EventAt & { readonly type: "handshake"; readonly peer: PeerInfo }
  | EventAt & {
    readonly type: "handshake:error:protocol";
    readonly error: ProtocolError;
  }
  | EventAt & {
    readonly type: "handshake:error:auth";
    readonly error: AuthError;
  }
  | FailureAt & { readonly type: "handshake:error:other" };

/** The type of an event. */
export type EventType = Event["type"];

/** The event of a type. */
export type EventOfType<E extends EventType = EventType> = Extract<
  Event,
  { readonly type: E }
>;

/** Receives an event. */
export type Listener<E extends EventType> = (event: EventOfType<E>) => void;

/** How many events are buffered for a slow reader; the oldest are dropped above that. */
const MAX_UNREAD = 1000;

/**
 * The monitor of one socket: `socket.events`.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using pull = new zmq.Pull();
 * pull.events.on("bind", ({ address }) => console.log("listening at", address));
 * await pull.bind("tcp://127.0.0.1:*");
 * ```
 */
export class Observer {
  /** By event type: the listeners, and whether each is called only once. */
  #listeners: Map<string, Map<(event: never) => void, boolean>> | undefined;
  #unread: Event[] | undefined;
  #waiting: ((event: Event | undefined) => void)[] | undefined;
  #isClosed = false;
  #errors: ErrorLog | undefined;
  #isEndRead = false;
  readonly #keepAlive: KeepAlive;

  /** @internal */
  constructor(keepAlive: KeepAlive = new KeepAlive()) {
    this.#keepAlive = keepAlive;
  }

  /** Whether the socket is closed, so that no event follows. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** Calls the listener with every event of the type. Errors thrown by a listener are caught and reported. */
  on<E extends EventType>(type: E, listener: Listener<E>): this {
    return this.#add(type, listener, false);
  }

  /** Removes the listener. */
  off<E extends EventType>(type: E, listener: Listener<E>): this {
    this.#listeners?.get(type)?.delete(listener);
    return this;
  }

  /** Calls the listener with the next event of the type only. */
  once<E extends EventType>(type: E, listener: Listener<E>): this {
    return this.#add(type, listener, true);
  }

  /**
   * Waits for the next event. From the first call on, up to 1,000 events are
   * buffered between calls. A waiting call keeps the process alive.
   *
   * @returns The event; `end` once the socket is closed.
   * @throws {ZmqError} `EBADF` after `end`.
   */
  async receive(): Promise<Event> {
    if (this.#isEndRead) {
      throw new ZmqError(
        "EBADF",
        "The socket is closed: there are no more events",
      );
    }
    const event = await this.#next() ?? { type: "end" };
    this.#isEndRead = event.type === "end";
    return event;
  }

  /** Ends the events; the socket calls this when it closes. */
  close(): void {
    if (this.#isClosed) return;
    this.emit({ type: "end" });
    this.#isClosed = true;
    for (const resolve of this.#waiting?.splice(0) ?? []) {
      this.#keepAlive.release();
      resolve(undefined);
    }
    this.#listeners?.clear();
    this.#errors?.close();
  }

  /** Iterates over events until the socket is closed; keeps the process alive meanwhile. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Event> {
    this.#unread ??= [];
    return {
      next: async () => {
        const value = await this.#next();
        return value === undefined
          ? { value: undefined, done: true }
          : { value, done: false };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** @internal Emits an event. */
  emit(event: Event): void {
    if (this.#isClosed) return;
    const listeners = this.#listeners?.get(event.type);
    for (const [listener, isOnce] of [...listeners ?? []]) {
      if (isOnce) listeners!.delete(listener);
      callSafely(
        () => (listener as (event: Event) => unknown)(event),
        (error) => this.#log(event.type, error),
      );
    }
    const resolve = this.#waiting?.shift();
    if (resolve !== undefined) {
      this.#keepAlive.release();
      resolve(event);
    } else if (this.#unread !== undefined) {
      this.#unread.push(event);
      if (this.#unread.length > MAX_UNREAD) this.#unread.shift();
    }
  }

  /** A peer may cause any number of events, so at most one line per second is logged. */
  #log(type: EventType, error: unknown): void {
    this.#errors ??= new ErrorLog();
    const text = `A listener for "${type}" threw`;
    this.#errors.add(new Error(text, { cause: error }));
    if (this.#isClosed) this.#errors.close();
  }

  #add(
    type: string,
    listener: (event: never) => void,
    isOnce: boolean,
  ): this {
    const all = this.#listeners ??= new Map();
    all.set(type, (all.get(type) ?? new Map()).set(listener, isOnce));
    return this;
  }

  #next(): Promise<Event | undefined> {
    this.#unread ??= [];
    const event = this.#unread.shift();
    if (event !== undefined || this.#isClosed) return Promise.resolve(event);
    this.#keepAlive.acquire();
    const { promise, resolve } = withResolvers<Event | undefined>();
    (this.#waiting ??= []).push(resolve);
    return promise;
  }
}
