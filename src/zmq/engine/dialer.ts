/**
 * Layer: engine. A connected address: makes the connection, and makes it again
 * when it is lost, with back-off and jitter, until the socket says stop.
 *
 * The pipe exists from the start, so that messages can wait for the peer, and
 * outlives the connection; with the option `immediate` it comes and goes with
 * the connection.
 *
 * @module
 */
import { ProtocolError, ZmqError } from "../errors.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import type { Transport, Wire } from "../transport/wire.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import { unref } from "./heartbeat.ts";
import { type Host, sessionPipe, SUBSCRIBERS } from "./host.ts";
import { loadSecurity, securityOf } from "./security.ts";
import { Session, type SessionOwner } from "./session.ts";

/** A peer that does not speak our protocol is tried again ever more rarely, up to this. */
const MAX_PROTOCOL_RETRY_MS = 10_000;

/** One connected address of a socket. */
export class Dialer implements SessionOwner, PipeHolder {
  readonly isBound = false;
  readonly #host: Host;
  readonly #transport: Transport;
  readonly #address: string;
  /** The peer's, if a ROUTER was told it. */
  readonly #routingId: Uint8Array | undefined;
  readonly #stopped: AbortController = new AbortController();
  /** This side's end of the pipe. */
  #pipe: Pipe | undefined;
  #session: Session | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #delayMs: number;
  /** The socket wants this connection no more. */
  #isReleased = false;
  #isFinished = false;
  #isHolding = false;
  #whenFinished: (() => void) | undefined;

  /** Begins to connect. @param routingId The peer's, if a ROUTER was told it. */
  constructor(
    host: Host,
    transport: Transport,
    address: string,
    routingId?: Uint8Array,
  ) {
    this.#host = host;
    this.#transport = transport;
    this.#address = address;
    this.#delayMs = host.options.reconnectInterval;
    this.#routingId = routingId;
    if (!host.options.immediate) this.#makePipe(routingId);
    void this.#dial();
  }

  /** Whether the address was given up. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Closes the socket's end: what was sent before still leaves, then the connection ends. */
  closePipe(): void {
    this.#isReleased = true;
    if (this.#pipe === undefined) this.destroy();
    else this.#host.release(this.#pipe.other);
  }

  /** Resolves when nothing is left. */
  finish(): Promise<void> {
    if (this.#isFinished) return Promise.resolve();
    return new Promise((resolve) => this.#whenFinished = resolve);
  }

  /** Closes at once; what waits is lost. */
  destroy(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#hold(false);
    clearTimeout(this.#retryTimer);
    this.#stopped.abort();
    this.#session?.destroy();
    this.#pipe?.close();
    this.#host.events.emit({ type: "close", address: this.#address });
    this.#whenFinished?.();
  }

  opened(_session: Session, peer: PeerProperties): Pipe {
    this.#delayMs = this.#host.options.reconnectInterval;
    this.#hold(false);
    if (this.#pipe === undefined) {
      this.#makePipe(this.#routingId ?? peer.routingId);
    } else if (
      this.#pipe.other.routingId === undefined && !this.#pipe.other.isClosed
    ) {
      this.#pipe.other.routingId = peer.routingId;
      this.#pipe.other.holder.pipeIdentified?.(this.#pipe.other);
    }
    return this.#pipe!;
  }

  closed(_session: Session, error: Error | undefined): void {
    this.#session = undefined;
    const { events, options, type } = this.#host;
    events.emit({ type: "disconnect", address: this.#address, error });
    if (this.#isFinished) return;
    const pipe = this.#pipe;
    if (pipe !== undefined) {
      pipe.holder = this;
      this.#hold(pipe.unread > 0);
      if (this.#isReleased && pipe.unread === 0) return this.destroy();
      if (options.immediate || (pipe.other.isClosed && !this.#isReleased)) {
        this.#pipe = undefined;
        pipe.close();
      } else if (SUBSCRIBERS.has(type)) {
        pipe.discardUnread();
        pipe.other.holder.pipeReset?.(pipe.other);
      }
    }
    this.#retry(error);
  }

  /** A message waits, and there is no session to take it. */
  pipeReadable(): void {
    this.#hold(true);
  }

  pipeWritable(): void {}

  /** The socket has closed its end and nothing waits. Unless it is done with us, it may take another pipe later. */
  pipeClosed(pipe: Pipe): void {
    if (pipe === this.#pipe && this.#isReleased) this.destroy();
  }

  /** Keeps the process alive while messages wait for the connection. */
  #hold(isWaiting: boolean): void {
    if (isWaiting === this.#isHolding || SUBSCRIBERS.has(this.#host.type)) {
      return; // subscriptions are state, not messages
    }
    this.#isHolding = isWaiting;
    if (isWaiting) this.#host.keepAlive.acquire();
    else this.#host.keepAlive.release();
  }

  #makePipe(routingId: Uint8Array | undefined): void {
    const [ours, theirs] = sessionPipe(this.#host);
    ours.routingId = routingId;
    ours.address = this.#address;
    this.#pipe = theirs;
    theirs.holder = this;
    this.#host.attach(ours);
  }

  async #dial(): Promise<void> {
    if (this.#isFinished) return;
    const { events, options } = this.#host;
    const address = this.#address;
    events.emit({ type: "connect:delay", address });
    const timeout = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, timeout.signal]);
    const timer = options.connectTimeout > 0
      ? setTimeout(() => timeout.abort(), options.connectTimeout)
      : undefined;
    unref(timer ?? {});
    let wire: Wire;
    try {
      await loadSecurity(securityOf(options));
      wire = await this.#transport.connect(address, options, signal);
    } catch (error) {
      return this.#retry(
        timeout.signal.aborted
          ? new ZmqError(
            "ETIMEDOUT",
            `Cannot connect to "${address}": no connection within ${options.connectTimeout} ms`,
            { address },
          )
          : error as Error,
      );
    } finally {
      clearTimeout(timer);
    }
    if (this.#isFinished) return wire.destroy();
    events.emit({ type: "connect", address });
    this.#session = new Session(this.#host, wire, address, this);
  }

  #retry(error: Error | undefined): void {
    if (this.#isFinished) return;
    const { events, options } = this.#host;
    const address = this.#address;
    const base = options.reconnectInterval;
    if (base < 0) {
      if (error !== undefined) {
        events.emit({ type: "close:error", address, error });
      }
      return this.destroy();
    }
    const interval = Math.round(this.#delayMs + Math.random() * base);
    const isStranger = error instanceof ProtocolError;
    const most = Math.max(
      options.reconnectMaxInterval,
      isStranger ? MAX_PROTOCOL_RETRY_MS : 0,
    );
    if (most > 0) {
      this.#delayMs = Math.min(
        Math.max(this.#delayMs, 1) * 2,
        Math.max(most, base),
      );
    }
    events.emit({ type: "connect:retry", address, interval, error });
    this.#retryTimer = setTimeout(() => void this.#dial(), interval);
    unref(this.#retryTimer);
  }
}
