/**
 * Layer: engine. What happens beneath a socket, told to whoever asks: the
 * monitor events of libzmq under the names of zeromq.js, as listeners and as
 * an async iterable. Nothing is kept while nobody asks.
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
  /** The endpoint concerned; that of `bind:error` without its transport, as in zeromq.js. */
  readonly address: string;
}

/** Why something failed. */
export interface EventError extends Error {
  /** The stable code to match on, such as `"EADDRINUSE"`. */
  readonly code?: string;
  /** The endpoint concerned, where there is one. */
  readonly address?: string | undefined;
}

/** An event about something that failed. */
export interface FailureAt extends EventAt {
  /** Why it failed. */
  readonly error: EventError;
}

/** Who is at the other end, as it says itself. */
export interface PeerInfo {
  /** Its own address, such as `tcp://10.0.0.2:41234`. */
  readonly address: string;
  /** What it is, such as `"DEALER"`; empty where it does not tell. */
  readonly socketType: string;
  /** How it calls itself; empty where it leaves that to us. */
  readonly routingId: Uint8Array;
  /** The version of ZMTP that is spoken with it, such as `"3.1"`; empty where none is. */
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
 * | `connect:retry` | it failed or was lost, and is tried again in `interval` ms |
 * | `accept`, `accept:error` | a peer connected to a bound address, or could not |
 * | `handshake` | the peer and the socket understand each other: messages can flow; `peer` tells who it is |
 * | `handshake:error:protocol` | the peer broke the protocol, in its handshake or later |
 * | `handshake:error:auth` | the peer was not let in, or did not let us in; `error.status` is the ZAP status |
 * | `handshake:error:other` | the handshake took too long or the connection broke in it |
 * | `disconnect` | a connection is gone; `error` says why, unless it was closed in order |
 * | `close`, `close:error` | a bound address or a connection attempt was given up |
 * | `end` | the socket is closed; no event follows |
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

/** Told of an event. */
export type Listener<E extends EventType> = (event: EventOfType<E>) => void;

/** Events kept for a reader that is behind; above this the oldest are dropped. */
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
  readonly #listeners: Map<string, Map<(event: never) => void, boolean>> =
    new Map();
  #unread: Event[] | undefined;
  #waiting: ((event: Event | undefined) => void)[] = [];
  #isClosed = false;
  #errors: ErrorLog | undefined;
  #isEndRead = false;
  readonly #keepAlive: KeepAlive;

  /** @internal */
  constructor(keepAlive: KeepAlive = new KeepAlive()) {
    this.#keepAlive = keepAlive;
  }

  /** Whether the socket is closed: no event follows. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** Calls the listener with every event of the type. An error in it harms nobody. */
  on<E extends EventType>(type: E, listener: Listener<E>): this {
    return this.#add(type, listener, false);
  }

  /** Calls the listener no longer. */
  off<E extends EventType>(type: E, listener: Listener<E>): this {
    this.#listeners.get(type)?.delete(listener);
    return this;
  }

  /** Calls the listener with the next event of the type, and then no longer. */
  once<E extends EventType>(type: E, listener: Listener<E>): this {
    return this.#add(type, listener, true);
  }

  /**
   * Waits for the next event. From the first call on events are kept for the
   * next one, up to 1,000. A call that waits keeps the process alive.
   *
   * @returns The event; `end` once the socket is closed.
   * @throws {ZmqError} `EBADF` after `end`: no event follows.
   */
  async receive(): Promise<Event> {
    if (this.#isEndRead) {
      throw new ZmqError("EBADF", "The socket is closed: no event follows");
    }
    const event = await this.#next() ?? { type: "end" };
    this.#isEndRead = event.type === "end";
    return event;
  }

  /** Stops telling; the socket does this when it closes. */
  close(): void {
    if (this.#isClosed) return;
    this.emit({ type: "end" });
    this.#isClosed = true;
    for (const resolve of this.#waiting.splice(0)) {
      this.#keepAlive.release();
      resolve(undefined);
    }
    this.#listeners.clear();
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

  /** @internal Tells an event. */
  emit(event: Event): void {
    if (this.#isClosed) return;
    const listeners = this.#listeners.get(event.type) ?? new Map();
    for (const [listener, isOnce] of [...listeners]) {
      if (isOnce) listeners.delete(listener);
      callSafely(
        () => (listener as (event: Event) => unknown)(event),
        (error) => this.#log(event.type, error),
      );
    }
    const resolve = this.#waiting.shift();
    if (resolve !== undefined) {
      this.#keepAlive.release();
      resolve(event);
    } else if (this.#unread !== undefined) {
      this.#unread.push(event);
      if (this.#unread.length > MAX_UNREAD) this.#unread.shift();
    }
  }

  /** A peer decides how often an event comes, so that there is one line a second. */
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
    const listeners = this.#listeners.get(type) ?? new Map();
    this.#listeners.set(type, listeners.set(listener, isOnce));
    return this;
  }

  #next(): Promise<Event | undefined> {
    this.#unread ??= [];
    const event = this.#unread.shift();
    if (event !== undefined || this.#isClosed) return Promise.resolve(event);
    this.#keepAlive.acquire();
    const { promise, resolve } = withResolvers<Event | undefined>();
    this.#waiting.push(resolve);
    return promise;
  }
}
