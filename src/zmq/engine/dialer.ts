/**
 * Layer: engine. A connected address: connects, and reconnects with back-off
 * and jitter when the connection is lost, until the socket disconnects.
 *
 * The pipe exists from the start, so that messages can wait for the peer, and
 * outlives the connection; with the option `immediate` it exists only as long
 * as the connection.
 *
 * @module
 */
import { Latch } from "../../async/latch.ts";
import { bytesEqual, copyOf } from "../bytes.ts";
import { ProtocolError, ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";
import { type Protection, protectionOf } from "../options/protection.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import { PermissionError } from "../transport/permission_error.ts";
import type { Transport, Wire } from "../transport/wire.ts";
import { type SocketTraits, traitsOf } from "../socket_traits.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import { Backoff } from "./backoff.ts";
import type { Connected } from "./connected.ts";
import {
  notificationsOf,
  releaseFor,
  sessionPipe,
  type SocketCore,
  SUBSCRIBERS,
} from "./socket_core.ts";
import { loadSecurity, securityOf } from "./security_options.ts";
import { Session, type SessionOwner } from "./session.ts";
import { unref } from "../../async/timers.ts";

/** Error codes after which no connection can be expected soon: the address or this machine would have to change, or the peer disconnects at once. */
const HOPELESS: ReadonlySet<string | undefined> = new Set([
  "ECONNRESET",
  "EPIPE",
  "EACCES",
  "EPERM",
  "EINVAL",
  "ENOTSUP",
  "ENAMETOOLONG",
]);

type DialerState =
  | "active"
  /** The socket has closed its end; what waits is still delivered. */
  | "closing"
  /** The same, after the user has called `disconnect`. */
  | "disconnecting"
  /** Nothing is left. */
  | "finished";

/** One connected address of a socket. */
export class Dialer implements Connected, SessionOwner, PipeHolder {
  readonly isBound = false;
  readonly protection: Protection;
  readonly #core: SocketCore;
  readonly #transport: Transport;
  readonly #address: string;
  /** The peer's, if it was passed to `connect` of a ROUTER. */
  readonly #routingId: Uint8Array | undefined;
  readonly #stopped: AbortController = new AbortController();
  /** This side's end of the pipe. */
  #pipe: Pipe | undefined;
  #session: Session | undefined;
  /** Whether the session's handshake is done. */
  #isOpen = false;
  readonly #backoff: Backoff;
  #state: DialerState = "active";
  /** Whether it keeps the process alive. */
  #isHolding = false;
  readonly #whenFinished = new Latch();

  /** Begins to connect. @param routingId The peer's, if it was passed to `connect` of a ROUTER. */
  constructor(
    host: SocketCore,
    transport: Transport,
    address: string,
    routingId?: Uint8Array,
  ) {
    this.#core = host;
    this.protection = protectionOf(host.options, false);
    this.#transport = transport;
    this.#address = address;
    this.#backoff = new Backoff(host.options);
    this.#routingId = routingId;
    if (!host.options.immediate) this.#makePipe(routingId);
    void this.#dial();
  }

  /** Whether the socket has closed its end. */
  get #isClosing(): boolean {
    return this.#state !== "active";
  }

  get #afterReconnect(): SocketTraits["afterReconnect"] {
    return traitsOf(this.#core.type).afterReconnect;
  }

  /** Whether the address was abandoned. */
  get isFinished(): boolean {
    return this.#state === "finished";
  }

  /** Closes the socket's end; messages sent before are still delivered, then the connection ends. */
  closePipe(): void {
    if (this.#state === "active") this.#state = "closing";
    if (this.#pipe === undefined) this.destroy();
    else releaseFor(this.#core, this.#pipe);
  }

  /** The same, when it is the user who disconnects. */
  disconnect(): void {
    if (!this.isFinished) this.#state = "disconnecting";
    this.#core.failures.clear(this.#address);
    this.closePipe();
    if (this.#backoff.isWaiting && this.#mustStop(undefined, false)) {
      this.destroy();
    }
  }

  /** Resolves when nothing is left. */
  finish(): Promise<void> {
    if (this.isFinished) return Promise.resolve();
    return this.#whenFinished.wait();
  }

  /** Closes at once; what waits is lost. */
  destroy(): void {
    if (this.isFinished) return;
    this.#state = "finished";
    this.#hold(false);
    this.#backoff.stop();
    this.#stopped.abort();
    this.#session?.destroy();
    this.#pipe?.close();
    this.#core.events.emit({ type: "close", address: this.#address });
    this.#whenFinished.release();
  }

  opened(
    _session: Session,
    peer: PeerProperties,
    identity: PeerIdentity | undefined,
  ): Pipe {
    this.#core.failures.clear(this.#address);
    this.#backoff.reset();
    this.#isOpen = true;
    this.#hold(false);
    const pipe = this.#pipeTo(this.#routingId ?? peer.routingId, identity);
    for (const notice of notificationsOf(this.#core, "connect")) {
      pipe.announce(notice);
    }
    return pipe;
  }

  /** The pipe to the peer that has just connected. */
  #pipeTo(
    routingId: Uint8Array,
    identity: PeerIdentity | undefined,
  ): Pipe {
    const pipe = this.#pipe;
    if (pipe === undefined) return this.#makePipe(routingId, identity);
    const { other } = pipe;
    if (other.isClosed) return pipe;
    if (other.routingId === undefined) {
      other.peerIdentity = identity;
      other.routingId = routingId;
      other.holder.pipeIdentified?.(other);
    } else if (
      this.#afterReconnect === "send to same peer" &&
      !bytesEqual(other.routingId, routingId)
    ) {
      // Another peer is connected now: waiting messages are for the previous
      // peer, and unread ones are from it.
      const made = this.#makePipe(routingId, identity);
      pipe.close();
      return made;
    }
    other.peerIdentity = identity;
    return pipe;
  }

  closed(_session: Session, error: Error | undefined): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#session = undefined;
    const { events, options } = this.#core;
    events.emit({ type: "disconnect", address: this.#address, error });
    if (this.isFinished) return;
    const pipe = this.#pipe;
    if (pipe !== undefined) {
      if (wasOpen) this.#reportLoss(pipe);
      pipe.holder = this;
      // The rest of a byte stream is meaningless to the next connection.
      const isDropped = this.#afterReconnect === "drop";
      if (isDropped) pipe.discardUnread();
      this.#hold(pipe.unread > 0);
      if (isDropped && pipe.other.isClosed) return this.destroy();
      if (this.#isClosing && pipe.unread === 0) return this.destroy();
      if (options.immediate || (pipe.other.isClosed && !this.#isClosing)) {
        this.#pipe = undefined;
        pipe.close();
      } else if (this.#afterReconnect === "subscribe again") {
        pipe.discardUnread();
        pipe.other.holder.pipeReset?.(pipe.other);
      }
    }
    this.#retry(error, wasOpen ? "open" : "handshake");
  }

  /** The connection was open, and is lost. */
  #reportLoss(pipe: Pipe): void {
    const { hiccupMessage } = this.#core.options;
    for (const notice of notificationsOf(this.#core, "disconnect")) {
      pipe.announce(notice);
    }
    if (hiccupMessage !== null) pipe.announce([copyOf(toFrame(hiccupMessage))]);
  }

  /** A message waits, but there is no session to send it. */
  pipeReadable(): void {
    this.#hold(true);
  }

  pipeWritable(): void {}

  /** The socket has closed its end and nothing waits. Unless the dialer is closing, the socket may get another pipe later, except a STREAM. */
  pipeClosed(pipe: Pipe): void {
    const isOver = this.#isClosing || this.#afterReconnect === "drop";
    if (pipe === this.#pipe && isOver) this.destroy();
  }

  /** Keeps the process alive while messages wait for the connection. */
  #hold(isWaiting: boolean): void {
    if (isWaiting === this.#isHolding || SUBSCRIBERS.has(this.#core.type)) {
      return; // subscriptions are state, not messages
    }
    this.#isHolding = isWaiting;
    if (isWaiting) this.#core.keepAlive.acquire();
    else this.#core.keepAlive.release();
  }

  #makePipe(
    routingId: Uint8Array | undefined,
    identity?: PeerIdentity,
  ): Pipe {
    const [ours, theirs] = sessionPipe(this.#core);
    ours.routingId = routingId;
    ours.peerIdentity = identity;
    ours.address = this.#address;
    this.#pipe = theirs;
    theirs.holder = this;
    this.#core.attach(ours);
    return theirs;
  }

  async #dial(): Promise<void> {
    if (this.isFinished) return;
    const { events, options } = this.#core;
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
            `Cannot connect to "${address}": timed out after ${options.connectTimeout} ms`,
            { address },
          )
          : error as Error,
        "connect",
      );
    } finally {
      clearTimeout(timer);
    }
    if (this.isFinished) return wire.destroy();
    events.emit({ type: "connect", address });
    this.#session = new Session(this.#core, wire, address, this);
  }

  /** Whether the options forbid another attempt. */
  #mustStop(error: Error | undefined, isHandshake: boolean): boolean {
    const { reconnectInterval, reconnectStop } = this.#core.options;
    const isRefused = (error as ZmqError | undefined)?.code === "ECONNREFUSED";
    return reconnectInterval < 0 || error instanceof PermissionError ||
      (isRefused && reconnectStop.includes("refused")) ||
      (isHandshake && reconnectStop.includes("handshake")) ||
      (this.#state === "disconnecting" &&
        reconnectStop.includes("disconnected"));
  }

  /** @param stage What failed, or ended. */
  #retry(
    error: Error | undefined,
    stage: "connect" | "handshake" | "open",
  ): void {
    if (this.isFinished) return;
    const { events, failures } = this.#core;
    const address = this.#address;
    if (error !== undefined && this.#state !== "disconnecting") {
      failures.set(address, error);
    }
    if (this.#mustStop(error, stage === "handshake")) {
      if (error !== undefined) {
        events.emit({ type: "close:error", address, error });
      }
      return this.destroy();
    }
    const { code } = error as ZmqError | undefined ?? {};
    const isHopeless = stage === "handshake" ||
      error instanceof ProtocolError ||
      (stage === "connect" && HOPELESS.has(code));
    const interval = this.#backoff.next(isHopeless);
    events.emit({ type: "connect:retry", address, interval, error });
    this.#backoff.wait(interval, () => void this.#dial());
  }
}
