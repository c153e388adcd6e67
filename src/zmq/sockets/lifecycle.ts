/**
 * Layer: sockets. The life of one socket: its pattern, the pipes to its peers,
 * its addresses, and how all of that is closed.
 *
 *     open ──close()──▶ closing ──bind and unbind are done──▶ closed
 *
 * @module
 */
import { authenticatePeer } from "../engine/authenticator.ts";
import { ConnectFailures } from "../engine/connect_failures.ts";
import type { Context } from "../engine/context.ts";
import { SocketEndpoints } from "../engine/endpoints.ts";
import { Observer } from "../engine/observer.ts";
import { Pending } from "../engine/pending.ts";
import {
  setHighWaterMarks,
  type SocketCore,
  type SocketHost,
} from "../engine/socket_core.ts";
import { ZmqError } from "../errors.ts";
import type { OptionValues } from "../options/values.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import { SmallSet } from "../routing/small_set.ts";
import type { SocketType } from "../types.ts";
import type { Credentials, Verdict } from "../zmtp/mechanism/mechanism.ts";
import type { Pattern } from "./pattern.ts";
import { type CallScope, WaitingCalls } from "./waiting_calls.ts";

/** What a socket is, before it has any peer. */
export interface SocketParts {
  readonly type: SocketType;
  readonly context: Context;
  readonly options: Readonly<OptionValues>;
  readonly pattern: Pattern;
}

/** Joins a pattern to the peers of its socket. */
export class SocketLifecycle implements PipeHolder, SocketHost, CallScope {
  readonly context: Context;
  readonly options: Readonly<OptionValues>;
  readonly pattern: Pattern;
  readonly failures: ConnectFailures = new ConnectFailures();
  /** The calls that send, receive and poll. */
  readonly calls: WaitingCalls;
  /** Where the socket is bound and connected. */
  readonly endpoints: SocketEndpoints;
  readonly #core: SocketCore;
  readonly #pipes: SmallSet<Pipe> = new SmallSet();
  /** Calls of `bind` and `unbind` that have not settled yet. */
  readonly #changes = new Pending();
  #state: "open" | "closing" | "closed" = "open";

  constructor({ type, context, options, pattern }: SocketParts) {
    this.context = context;
    this.options = options;
    this.pattern = pattern;
    const { keepAlive, scheduler, slabs, transports } = context;
    this.#core = {
      type,
      options,
      events: new Observer(keepAlive),
      scheduler,
      slabs,
      keepAlive,
      failures: this.failures,
      host: this,
    };
    this.endpoints = new SocketEndpoints(this.#core, transports);
    this.calls = new WaitingCalls(this);
  }

  /** What happens to connections. */
  get events(): Observer {
    return this.#core.events;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Whether the socket is bound or connected to anything, or being bound. */
  get hasEndpoints(): boolean {
    return !this.#changes.isIdle || !this.endpoints.isEmpty;
  }

  requireOpen(): void {
    if (this.#state !== "open") {
      throw new ZmqError("EBADF", "The socket is closed");
    }
  }

  /** Binds; see `Socket.bind`. */
  async bind(address: string): Promise<void> {
    this.requireOpen();
    await this.#changes.run(() => this.endpoints.bind(address));
  }

  /** Unbinds; see `Socket.unbind`. */
  async unbind(address: string): Promise<void> {
    this.requireOpen();
    await this.#changes.run(() => this.endpoints.end(address, "unbind"));
  }

  /** Connects; see `Socket.connect`. @param routingId The peer's, if it is known beforehand. */
  connect(address: string, routingId?: Uint8Array): void {
    this.requireOpen();
    this.endpoints.connect(address, routingId);
  }

  /** Disconnects; see `Socket.disconnect`. */
  disconnect(address: string): Promise<void> {
    this.requireOpen();
    return this.endpoints.end(address, "disconnect");
  }

  /** Applies the high-water marks of the options to existing pipes. */
  updateHighWaterMarks(): void {
    this.#pipes.forEach((pipe) => setHighWaterMarks(this.#core, pipe));
  }

  /** Serves waiting calls: the pattern may have got a message, or room. */
  wake(): void {
    this.calls.serveReceivers();
    this.calls.serveSenders();
  }

  /** Closes the socket once what it binds or unbinds is done. @param onClosed Called when nothing is left. */
  async close(onClosed: () => void): Promise<void> {
    this.#state = "closing";
    if (!this.#changes.isIdle) await this.#changes.idle();
    this.#state = "closed";
    this.calls.rejectAll();
    const { keepAlive } = this.context;
    keepAlive.acquire();
    const stopping = this.pattern.stop();
    const closing = this.endpoints.close(this.options.linger);
    for (const pipe of this.#pipes.values()) this.release(pipe);
    await Promise.all([stopping, closing]);
    this.events.close();
    onClosed();
    keepAlive.release();
  }

  // Called by its connections.

  authenticate(
    credentials: Credentials,
    address: string,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { zap } = this.context;
    return authenticatePeer(this.#core, credentials, address, zap, signal);
  }

  attach(pipe: Pipe): void {
    if (this.isClosed) return pipe.close();
    pipe.holder = this;
    this.#pipes.add(pipe);
    setHighWaterMarks(this.#core, pipe);
    this.pattern.attach(pipe);
    this.wake();
  }

  release(pipe: Pipe): void {
    if (!this.#pipes.delete(pipe)) return;
    this.pattern.detach(pipe);
    pipe.close();
    if (!this.isClosed) this.wake();
  }

  // Called by the pipes.

  pipeReadable(pipe: Pipe): void {
    this.pattern.readable(pipe);
    this.calls.serveReceivers();
  }

  pipeWritable(pipe: Pipe): void {
    this.pattern.writable(pipe);
    this.calls.serveSenders();
  }

  pipeClosed(pipe: Pipe): void {
    this.release(pipe);
  }

  pipeEnding(pipe: Pipe): void {
    this.pattern.ending(pipe);
  }

  pipeReset(pipe: Pipe): void {
    this.pattern.reset(pipe);
  }

  pipeIdentified(pipe: Pipe): void {
    this.pattern.identified(pipe);
    this.wake();
  }
}
