/**
 * Layer: proxy. `Proxy`: connects two sockets, as `zmq_proxy` does, with the
 * methods of zeromq.js. It runs on the event loop, not in a thread, and only
 * uses public methods: `poll`, `tryReceive` and `trySend`.
 *
 * @module
 */
import { type Resolvers, withResolvers } from "../../async/promises.ts";
import { ArgumentError, ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type { Socket } from "../sockets/socket.ts";
import { forward, type Sink, type Source } from "./forward.ts";
import { untilClosed } from "./until_closed.ts";

/** The options of a proxy. */
export interface ProxyOptions {
  /**
   * Receives a copy of every forwarded message, in both directions: a PUB,
   * PUSH, PAIR or DEALER. Unless it is a PUB, the proxy waits while it has no
   * room. The proxy does not close it.
   */
  capture?: Sink | undefined;
  /**
   * Called with a message that was taken from one socket and rejected by the
   * other, such as a reply to a disconnected peer (`EHOSTUNREACH`, only from a
   * ROUTER with `mandatory`). Default: the message is dropped.
   */
  onUndeliverable?:
    | ((message: Message, error: unknown) => void)
    | undefined;
}

/**
 * Forwards messages between two sockets, in the directions that their types
 * allow: both for ROUTER and DEALER (a queue) and for XSUB and XPUB (a
 * forwarder), one for PULL and PUSH (a streamer).
 *
 * It takes a message only when it can be forwarded, so the high-water marks
 * apply to the senders. A flood in one direction blocks neither the other
 * direction nor the rest of the program.
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
  readonly #directions: readonly { from: Source; to: Sink }[];
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #hasEnded = false;
  #paused: Resolvers<void> | undefined;

  /**
   * Creates the proxy; `run` starts it.
   *
   * @param frontEnd One socket; bind or connect it as needed.
   * @param backEnd The other socket.
   * @throws {TypeError} An argument is invalid.
   * @throws {ZmqError} `EINVAL` if neither socket can send to the other.
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
    this.#directions = [
      ...directionOf(frontEnd, backEnd),
      ...directionOf(backEnd, frontEnd),
    ];
    if (this.#directions.length === 0) {
      throw new ZmqError("EINVAL", "Neither socket can send to the other");
    }
  }

  /**
   * Forwards messages until the proxy is terminated or one of its sockets is
   * closed. When it ends, it closes the front end and the back end.
   *
   * @returns Resolves once both are closed, and forwarded messages are
   *   delivered for as long as their `linger` says. Another call returns the
   *   same promise.
   * @throws {ZmqError} `EINVAL` if a socket is closed, or neither bound nor
   *   connected; then nothing has happened, and the proxy may be run later.
   *   Also the error of a socket that rejected a message. The promise rejects.
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
   * Stops taking messages until `resume`.
   *
   * @throws {ZmqError} `EBADF` if the proxy is not running.
   */
  pause(): void {
    this.#requireRunning("pause");
    this.#paused ??= withResolvers();
  }

  /**
   * Continues after `pause`.
   *
   * @throws {ZmqError} `EBADF` if the proxy is not running.
   */
  resume(): void {
    this.#requireRunning("resume");
    this.#continue();
  }

  /**
   * Ends the proxy; see `run`. Messages that it has not taken yet are not
   * forwarded.
   *
   * @throws {ZmqError} `EBADF` if the proxy is not running.
   */
  terminate(): void {
    this.#requireRunning("terminate");
    this.close().catch(() => {}); // reported by `run`
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

  #continue(): void {
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
      for (const direction of this.#directions) {
        parts.push(forward({
          ...direction,
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
      this.#continue();
      await Promise.allSettled(parts);
      await Promise.all([this.frontEnd.close(), this.backEnd.close()]);
    }
  }
}

/** Checks the methods, as it may come from another copy of this module. */
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

function directionOf(from: Socket, to: Socket): { from: Source; to: Sink }[] {
  const isPossible = "tryReceive" in from && "trySend" in to;
  return isPossible ? [{ from: from as Source, to: to as Sink }] : [];
}
