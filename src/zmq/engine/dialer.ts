/**
 * Layer: engine. A connected address: connects, and reconnects with back-off
 * and jitter when the connection is lost, until the socket disconnects.
 *
 * `dialer_pipe.ts` has the pipe, which outlives the connection.
 *
 * @module
 */
import { Latch } from "../../async/latch.ts";
import { ProtocolError, ZmqError } from "../errors.ts";
import { type Protection, protectionOf } from "../options/protection.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import type { Pipe } from "../routing/pipe.ts";
import { PermissionError } from "../transport/permission_error.ts";
import type { Transport, Wire } from "../transport/wire.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import { Backoff } from "./backoff.ts";
import type { Connected } from "./connected.ts";
import { DialerPipe, type DialerPipeOwner } from "./dialer_pipe.ts";
import type { SocketCore } from "./socket_core.ts";
import { loadSecurity } from "../zmtp/mechanism/security.ts";
import { securityOf } from "./security_options.ts";
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
  "ERR_TLS",
  "ERR_TLS_CERT_DATE",
  "ERR_TLS_CERT_HOST",
  "ERR_TLS_CERT_UNTRUSTED",
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
export class Dialer implements Connected, SessionOwner, DialerPipeOwner {
  readonly isBound = false;
  readonly protection: Protection;
  readonly #core: SocketCore;
  readonly #transport: Transport;
  readonly #address: string;
  /** Ends the attempt to connect that is under way; kept with the connection, it took a kilobyte (V8). */
  #attempt: AbortController | undefined;
  readonly #pipe: DialerPipe;
  #session: Session | undefined;
  /** Whether the session's handshake is done. */
  #isOpen = false;
  readonly #backoff: Backoff;
  #state: DialerState = "active";
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
    this.#pipe = new DialerPipe(host, address, routingId, this);
    void this.#dial();
  }

  /** Whether the socket has closed its end. */
  get #isClosing(): boolean {
    return this.#state !== "active";
  }

  /** Whether the address was abandoned. */
  get isFinished(): boolean {
    return this.#state === "finished";
  }

  /** Closes the socket's end; messages sent before are still delivered, then the connection ends. */
  closePipe(): void {
    if (this.#state === "active") this.#state = "closing";
    if (!this.#pipe.release()) this.destroy();
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
    this.#backoff.stop();
    this.#attempt?.abort();
    this.#session?.destroy();
    this.#pipe.destroy();
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
    return this.#pipe.open(peer.routingId, identity);
  }

  pipeReleased(isFinal: boolean): void {
    if (isFinal || this.#isClosing) this.destroy();
  }

  closed(_session: Session, error: Error | undefined): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#session = undefined;
    const address = this.#address;
    this.#core.events.emit({ type: "disconnect", address, error });
    if (this.isFinished) return;
    const hasMore = this.#pipe.lost(wasOpen, this.#isClosing);
    if (!hasMore) return this.destroy();
    this.#retry(error, wasOpen ? "open" : "handshake");
  }

  async #dial(): Promise<void> {
    if (this.isFinished) return;
    const { events, options } = this.#core;
    const address = this.#address;
    events.emit({ type: "connect:delay", address });
    const attempt = this.#attempt = new AbortController();
    const { signal } = attempt;
    const { connectTimeout } = options;
    const timer = connectTimeout > 0
      ? setTimeout(
        () => attempt.abort(timedOut(address, connectTimeout)),
        connectTimeout,
      )
      : undefined;
    unref(timer ?? {});
    let wire: Wire;
    try {
      await loadSecurity(securityOf(options));
      wire = await this.#transport.connect(address, options, signal);
    } catch (error) {
      const cause = signal.aborted ? signal.reason : error;
      return this.#retry(cause as Error, "connect");
    } finally {
      clearTimeout(timer);
      this.#attempt = undefined;
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
    const { onReachable } = this.#transport;
    this.#backoff.wait(interval, () => void this.#dial(), onReachable);
  }
}

function timedOut(address: string, timeoutMs: number): ZmqError {
  return new ZmqError(
    "ETIMEDOUT",
    `Cannot connect to "${address}": timed out after ${timeoutMs} ms`,
    { address },
  );
}
