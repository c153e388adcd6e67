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
import { copyOf } from "../bytes.ts";
import { AuthError, ProtocolError, ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import { PermissionError } from "../transport/permission.ts";
import type { Transport, Wire } from "../transport/wire.ts";
import { STREAM } from "../types.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import { unref } from "./heartbeat.ts";
import { type Host, noticesOf, sessionPipe, SUBSCRIBERS } from "./host.ts";
import { loadSecurity, securityOf } from "./security.ts";
import { Session, type SessionOwner } from "./session.ts";

/** A peer that does not speak our protocol, or has refused us, is tried again ever more rarely, up to this. */
const MAX_REFUSED_RETRY_MS = 10_000;

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
  /** Whether the session's handshake is done. */
  #isOpen = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #delayMs: number;
  /** The socket wants this connection no more. */
  #isReleased = false;
  /** It was the user who said so. */
  #isDisconnected = false;
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

  /** The same, when it is the user who disconnects. */
  disconnect(): void {
    this.#isDisconnected = true;
    this.#host.failures.clear(this.#address);
    this.closePipe();
    const isWaiting = this.#retryTimer !== undefined;
    if (isWaiting && this.#mustStop(undefined, false)) this.destroy();
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
    this.#host.failures.clear(this.#address);
    this.#delayMs = this.#host.options.reconnectInterval;
    this.#isOpen = true;
    this.#hold(false);
    if (this.#pipe === undefined) {
      this.#makePipe(this.#routingId ?? peer.routingId);
    } else if (
      this.#pipe.other.routingId === undefined && !this.#pipe.other.isClosed
    ) {
      this.#pipe.other.routingId = peer.routingId;
      this.#pipe.other.holder.pipeIdentified?.(this.#pipe.other);
    }
    const pipe = this.#pipe!;
    for (const notice of noticesOf(this.#host, "connect")) {
      pipe.announce(notice);
    }
    return pipe;
  }

  closed(_session: Session, error: Error | undefined): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#session = undefined;
    const { events, options, type } = this.#host;
    events.emit({ type: "disconnect", address: this.#address, error });
    if (this.#isFinished) return;
    const pipe = this.#pipe;
    if (pipe !== undefined) {
      if (wasOpen) this.#tellOfLoss(pipe);
      pipe.holder = this;
      // The rest of a stream of bytes means nothing to the next connection.
      if (type === STREAM) pipe.discardUnread();
      this.#hold(pipe.unread > 0);
      if (type === STREAM && pipe.other.isClosed) return this.destroy();
      if (this.#isReleased && pipe.unread === 0) return this.destroy();
      if (options.immediate || (pipe.other.isClosed && !this.#isReleased)) {
        this.#pipe = undefined;
        pipe.close();
      } else if (SUBSCRIBERS.has(type)) {
        pipe.discardUnread();
        pipe.other.holder.pipeReset?.(pipe.other);
      }
    }
    this.#retry(error, !wasOpen);
  }

  /** The connection was there, and is gone. */
  #tellOfLoss(pipe: Pipe): void {
    const { hiccupMessage } = this.#host.options;
    for (const notice of noticesOf(this.#host, "disconnect")) {
      pipe.announce(notice);
    }
    if (hiccupMessage !== null) pipe.announce([copyOf(toFrame(hiccupMessage))]);
  }

  /** A message waits, and there is no session to take it. */
  pipeReadable(): void {
    this.#hold(true);
  }

  pipeWritable(): void {}

  /** The socket has closed its end and nothing waits. Unless it is done with us, it may take another pipe later; a STREAM never does. */
  pipeClosed(pipe: Pipe): void {
    const isOver = this.#isReleased || this.#host.type === STREAM;
    if (pipe === this.#pipe && isOver) this.destroy();
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
    this.#retryTimer = undefined;
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

  /** Whether the options say not to try again. */
  #mustStop(error: Error | undefined, isHandshake: boolean): boolean {
    const { reconnectInterval, reconnectStop } = this.#host.options;
    const isRefused = (error as ZmqError | undefined)?.code === "ECONNREFUSED";
    return reconnectInterval < 0 || error instanceof PermissionError ||
      (isRefused && reconnectStop.includes("refused")) ||
      (isHandshake && reconnectStop.includes("handshake")) ||
      (this.#isDisconnected && reconnectStop.includes("disconnected"));
  }

  /** @param isHandshake Whether it was the handshake that failed. */
  #retry(error: Error | undefined, isHandshake = false): void {
    if (this.#isFinished) return;
    const { events, failures, options } = this.#host;
    const address = this.#address;
    const base = options.reconnectInterval;
    if (error !== undefined && !this.#isDisconnected) {
      failures.set(address, error);
    }
    if (this.#mustStop(error, isHandshake)) {
      if (error !== undefined) {
        events.emit({ type: "close:error", address, error });
      }
      return this.destroy();
    }
    const interval = Math.round(this.#delayMs + Math.random() * base);
    const isRefused = error instanceof ProtocolError ||
      error instanceof AuthError;
    const most = Math.max(
      options.reconnectMaxInterval,
      isRefused ? MAX_REFUSED_RETRY_MS : 0,
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
