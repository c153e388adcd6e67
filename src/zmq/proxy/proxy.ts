/**
 * Layer: proxy. `Proxy`: joins two sockets, as `zmq_proxy` does, with the
 * methods of zeromq.js. It runs on the event loop, not in a thread: it only
 * uses what every application can use, `poll`, `tryReceive` and `trySend`.
 *
 * @module
 */
import { type Resolvers, withResolvers } from "../../async/promises.ts";
import { ArgumentError, ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type { Socket } from "../sockets/socket.ts";
import { runLane, type Sink, type Source } from "./lane.ts";
import { untilClosed } from "./until_closed.ts";

/** How a proxy works. */
export interface ProxyOptions {
  /**
   * Is sent every message that was passed on, in both directions: a PUB, PUSH,
   * PAIR or DEALER. Any but a PUB holds the proxy up while it has no room. The
   * proxy does not close it.
   */
  capture?: Sink | undefined;
  /**
   * Is told of a message that was taken from one socket and refused by the
   * other, such as an answer for a peer that has gone (`EHOSTUNREACH`, only
   * from a ROUTER with `mandatory`). Default: the message is dropped.
   */
  onUndeliverable?:
    | ((message: Message, error: unknown) => void)
    | undefined;
}

/**
 * Passes messages on between two sockets, in the directions that their types
 * have: both for ROUTER and DEALER (a queue) and for XSUB and XPUB (a
 * forwarder), one for PULL and PUSH (a streamer).
 *
 * It takes a message only when it can be passed on, so the high-water marks
 * hold back the senders; neither direction, nor the rest of the program, waits
 * for a flood in the other.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using proxy = new zmq.Proxy(new zmq.Router(), new zmq.Dealer());
 * await proxy.frontEnd.bind("tcp://127.0.0.1:*");
 * await proxy.backEnd.bind("tcp://127.0.0.1:*");
 * const ended = proxy.run();
 *
 * await using request = new zmq.Request();
 * await using reply = new zmq.Reply();
 * request.connect(proxy.frontEnd.lastEndpoint!);
 * reply.connect(proxy.backEnd.lastEndpoint!);
 * await request.send("anybody there?");
 * await reply.receive();
 * await reply.send("yes");
 * await request.receive();
 *
 * proxy.terminate();
 * await ended;
 * ```
 */
export class Proxy<F extends Socket = Socket, B extends Socket = Socket> {
  /** The socket that clients, publishers or producers see. */
  readonly frontEnd: F;
  /** The socket that workers, subscribers or consumers see. */
  readonly backEnd: B;

  readonly #options: ProxyOptions;
  readonly #lanes: readonly { from: Source; to: Sink }[];
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #hasEnded = false;
  #paused: Resolvers<void> | undefined;

  /**
   * Creates the proxy; `run` starts it.
   *
   * @param frontEnd One socket; bind or connect it as you like.
   * @param backEnd The other socket.
   * @throws {TypeError} An argument is not what it must be.
   * @throws {ZmqError} `EINVAL` if no message can pass in either direction.
   */
  constructor(frontEnd: F, backEnd: B, options: ProxyOptions = {}) {
    requireSocket(frontEnd, "front end");
    requireSocket(backEnd, "back end");
    if (typeof options !== "object" || options === null || isSocket(options)) {
      throw new ArgumentError(
        "The options of a proxy must be an object: { capture, onUndeliverable }",
      );
    }
    if (options.capture !== undefined) {
      requireSocket(options.capture, "capture socket");
    }
    this.frontEnd = frontEnd;
    this.backEnd = backEnd;
    this.#options = options;
    this.#lanes = [...laneOf(frontEnd, backEnd), ...laneOf(backEnd, frontEnd)];
    if (this.#lanes.length === 0) {
      throw new ZmqError("EINVAL", "Neither socket can send to the other");
    }
  }

  /**
   * Passes messages on until the proxy is terminated or one of its sockets is
   * closed. When it ends, it closes the front end and the back end.
   *
   * @returns Resolves once both are closed: what was passed on has left, for as
   *   long as their `linger` says. Another call gives the same promise.
   * @throws {ZmqError} `EINVAL` if a socket is neither bound nor connected, or
   *   closed: nothing happens then, and it may be run later. A socket refused a
   *   message for good. A promise that rejects.
   */
  run(): Promise<void> {
    if (this.#running === undefined) {
      try {
        requireEndpoint(this.frontEnd, "front end");
        requireEndpoint(this.backEnd, "back end");
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return this.#start();
  }

  /**
   * Leaves messages where they are until `resume`.
   *
   * @throws {ZmqError} `EBADF` if the proxy does not run.
   */
  pause(): void {
    this.#requireRunning("pause");
    this.#paused ??= withResolvers();
  }

  /**
   * Goes on after `pause`.
   *
   * @throws {ZmqError} `EBADF` if the proxy does not run.
   */
  resume(): void {
    this.#requireRunning("resume");
    this.#goOn();
  }

  /**
   * Ends the proxy; see `run`. What it has not taken yet is not passed on.
   *
   * @throws {ZmqError} `EBADF` if the proxy does not run.
   */
  terminate(): void {
    this.#requireRunning("terminate");
    this.close().catch(() => {}); // told by `run`
  }

  /**
   * Ends the proxy, and closes its front end and its back end even if it was
   * never run.
   *
   * @returns Settles as `run` does. Safe to call again.
   */
  close(): Promise<void> {
    this.#stop.abort();
    return this.#start();
  }

  /** Ends the proxy, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(): Promise<void> {
    return this.#running ??= this.#run().finally(() => this.#hasEnded = true);
  }

  #requireRunning(what: string): void {
    if (this.#running !== undefined && !this.#hasEnded) return;
    const why = this.#hasEnded ? "it has ended" : "it was not run";
    throw new ZmqError("EBADF", `Cannot ${what} the proxy: ${why}`);
  }

  #goOn(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { capture, onUndeliverable = () => {} } = this.#options;
    const sockets = [this.frontEnd, this.backEnd, ...capture ? [capture] : []];
    const parts: Promise<unknown>[] = [];
    try {
      for (const socket of sockets) parts.push(untilClosed(socket, signal));
      for (const lane of this.#lanes) {
        parts.push(runLane({
          ...lane,
          capture,
          signal,
          paused: () => this.#paused?.promise,
          undeliverable: onUndeliverable,
        }));
      }
      await Promise.race(parts);
    } catch (error) {
      const isEnd = signal.aborted || sockets.some((socket) => socket.closed);
      if (!isEnd) throw error;
    } finally {
      this.#stop.abort();
      this.#goOn();
      await Promise.allSettled(parts);
      await Promise.all([this.frontEnd.close(), this.backEnd.close()]);
    }
  }
}

/** By what it can do: it may be made by another copy of this module. */
function isSocket(value: unknown): boolean {
  const { poll, bind } = (value ?? {}) as Partial<Socket>;
  return typeof poll === "function" && typeof bind === "function";
}

function requireSocket(value: unknown, what: string): void {
  if (isSocket(value)) return;
  throw new ArgumentError(`The ${what} of a proxy must be a socket`);
}

function requireEndpoint(socket: Socket, what: string): void {
  if (!socket.closed && socket.hasEndpoints) return;
  const why = socket.closed
    ? "it is closed"
    : "it is neither bound nor connected";
  throw new ZmqError("EINVAL", `Cannot run a proxy with that ${what}: ${why}`);
}

function laneOf(from: Socket, to: Socket): { from: Source; to: Sink }[] {
  const isLane = "tryReceive" in from && "trySend" in to;
  return isLane ? [{ from: from as Source, to: to as Sink }] : [];
}
