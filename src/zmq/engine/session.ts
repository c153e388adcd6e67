/**
 * Layer: engine. One connection at work. A session joins an inbound half, which
 * moves messages from the wire to the pipe, and an outbound half, which moves
 * them from the pipe to the wire. The session itself knows how far the
 * connection is:
 *
 *     handshake ──ready──▶ open ──the socket closes its end──▶ draining ─▶ closed
 *         │                 └──────the wire closes──▶ finishing ──all read───▶
 *         └──not accepted──▶ refused ──the peer has been sent the reason─────▶
 *
 * From any state, an error ends the connection at once. Backpressure works both
 * ways: a full pipe pauses the wire, and while the wire is busy messages stay in
 * the pipe. A wire that delivers more than a session may read in one tick of the
 * event loop is paused until the next tick. What has arrived before the wire
 * closes still reaches the socket.
 *
 * @module
 */
import {
  AuthError,
  type AuthStatus,
  ProtocolError,
  ZmqError,
} from "../errors.ts";
import { peerHostOf } from "../endpoint.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import type { Wire, WireHandler } from "../transport/wire.ts";
import { STREAM } from "../types.ts";
import type { ConnectionEvent } from "../zmtp/connection.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import type { Credentials, Verdict } from "../zmtp/mechanism/mechanism.ts";
import type { Version } from "../zmtp/versions.ts";
import { doneEvent, errorOf, failedEvent } from "./handshake_events.ts";
import { HandshakePhase } from "./handshake_phase.ts";
import { Heartbeat, type HeartbeatActions } from "./heartbeat.ts";
import { identityOf, serverIdentityOf } from "./identity.ts";
import { Inbound, type InboundEvents } from "./inbound.ts";
import { Outbound, type OutboundEvents } from "./outbound.ts";
import type { Protocol } from "./protocol.ts";
import { protocolOf } from "./protocol_of.ts";
import { helloOf, type SocketCore } from "./socket_core.ts";

/** What the dialer or acceptor of a connection decides. */
export interface SessionOwner {
  /** Whether the peer connected to us. */
  readonly isBound: boolean;
  /** Why a peer is rejected although its handshake has succeeded. */
  refusal?(session: Session): Error | undefined;
  /** The handshake has succeeded: gives the session its end of a pipe. */
  opened(
    session: Session,
    peer: PeerProperties,
    identity: PeerIdentity | undefined,
  ): Pipe;
  /** The connection is closed. Called once. */
  closed(session: Session, error: Error | undefined): void;
}

type SessionState =
  | "handshake"
  | "open"
  /** The wire is closed; what has arrived over it is still delivered. */
  | "finishing"
  /** The socket has closed its end of the pipe; what it sent is still written. */
  | "draining"
  /** The handshake has failed; the peer is sent the reason and otherwise ignored. */
  | "refused"
  | "closed";

/**
 * One connection between a socket and a peer. Its parts call its methods: a
 * closure for each took 600 bytes of an idle connection (V8).
 */
export class Session
  implements
    PipeHolder,
    WireHandler,
    InboundEvents,
    OutboundEvents,
    HeartbeatActions {
  readonly #core: SocketCore;
  readonly #wire: Wire;
  readonly #owner: SessionOwner;
  readonly #address: string;
  readonly #protocol: Protocol;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  /** Until the handshake is over. */
  #handshake: HandshakePhase | undefined;
  /** Once there is a reason for one: most connections have none. */
  #heartbeat: Heartbeat | undefined;
  /** The peer's version, once it is known. */
  #version: Version | undefined;
  #state: SessionState = "handshake";
  /** Why the connection ends, while something is left to be done before. */
  #reason: Error | undefined;

  /** @param address The endpoint to name in events. */
  constructor(
    core: SocketCore,
    wire: Wire,
    address: string,
    owner: SessionOwner,
  ) {
    this.#core = core;
    this.#wire = wire;
    this.#address = address;
    this.#owner = owner;
    const protocol = this.#protocol = protocolOf(core, owner.isBound);
    this.#inbound = new Inbound(core, wire, protocol, this);
    this.#inbound.peerIdentity = serverIdentityOf(core.options);
    this.#outbound = new Outbound(core, wire, protocol, this);
    const limitMs = core.options.handshakeInterval;
    this.#handshake = new HandshakePhase(limitMs, () => {
      const message = `The handshake took longer than ${limitMs} ms`;
      this.failed(new ZmqError("ETIMEDOUT", message));
    });
    wire.start(this);
    this.#outbound.flush();
    // The peer of a STREAM need not send anything to be connected.
    if (core.type === STREAM) queueMicrotask(() => this.#read());
  }

  /** Closes at once; whatever waits is lost. */
  destroy(error?: Error): void {
    this.#close(error);
  }

  /** Closes a session that has no pipe yet; one that has is closed through its pipe. */
  close(): void {
    if (this.#state === "handshake") this.#close(undefined);
  }

  // Called by the wire.

  wireData(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#core.scheduler.beginTick();
    this.#heartbeat?.received();
    if (this.#ignoresInput) return;
    const protocol = this.#protocol;
    protocol.receive(chunk);
    this.#read();
    if (protocol.isPartial) this.#needHeartbeat()?.arriving(true);
    else this.#heartbeat?.arriving(false);
    if (this.#state === "handshake" && protocol.isWaitingForPeer) {
      this.#handshake!.waitForPeer(() => {
        protocol.stopWaiting();
        this.#read();
      });
    }
  }

  wireClosed(error: Error | undefined): void {
    if (this.#state === "open") {
      const hasMore = this.#protocol.end?.() === true;
      if (hasMore || this.#inbound.isPaused) return this.#finish(error);
    }
    if (this.#state !== "handshake") return this.#close(error);
    const message = "The peer closed the connection during the handshake";
    this.failed(error ?? new ZmqError("ECONNRESET", message));
  }

  // Called by the pipe.

  pipeReadable(): void {
    this.#outbound.send();
  }

  pipeFull(): void {
    this.#outbound.makeRoom();
  }

  pipeWritable(): void {
    if (this.#inbound.isPaused) this.#read();
  }

  /** The socket has closed its end, and all that it sent has been encoded. */
  pipeClosed(): void {
    if (this.#state === "finishing") return this.#close(this.#reason);
    if (this.#state !== "open") return;
    const ours = this.#inbound.pipe?.other;
    if (ours?.isCut) return this.#close(ours.reason);
    this.#reason = ours?.reason;
    this.#state = "draining";
    this.#endIfDrained();
  }

  /** Whether whatever the peer sends has no effect any more. */
  get #ignoresInput(): boolean {
    return this.#state === "refused" ||
      this.#state === "draining" && this.#outbound.isEnded;
  }

  /** Delivers what has arrived, then sends what that has led to, such as answers of the protocol. */
  #read(): void {
    const result = this.#inbound.read();
    if (result === "stopped") return;
    if (result === "drained") {
      if (this.#state === "finishing") return this.#close(this.#reason);
      if (this.#inbound.resume()) this.#heartbeat?.received();
    }
    this.#outbound.send();
  }

  // Called by its halves.

  written(): void {
    this.#outbound.send();
    if (this.#inbound.isPaused) this.#read();
    this.#endIfDrained();
  }

  readOn(): void {
    if (this.#inbound.endYield()) this.#read();
  }

  handle(event: ConnectionEvent): void {
    switch (event.type) {
      case "ready":
        return this.#open(event.peer);
      case "credentials":
        this.#authenticate(event.credentials)
          .catch((error) => this.failed(error));
        return;
      case "ping":
        return this.#needHeartbeat()!.expect(event.timeToLiveMs);
      case "pong":
        return this.#needHeartbeat()!.understood();
    }
  }

  /** Ends this connection, and nothing else, because of whatever was thrown. */
  failed(cause: unknown): void {
    if (this.#state === "closed") return;
    const error = errorOf(cause);
    this.#core.events.emit(failedEvent(this.#address, error));
    const hasReply = this.#state === "handshake" &&
      error instanceof ProtocolError && this.#protocol.outputSize > 0;
    if (hasReply) this.#refuse(error);
    else this.#close(error);
  }

  // Called by its heartbeat.

  ping(timeToLiveMs: number): void {
    this.#outbound.ping(timeToLiveMs);
  }

  pong(): void {
    if (this.#outbound.isBusy) return;
    this.#protocol.pong();
    this.#outbound.send();
  }

  silent(silentMs: number): void {
    if (this.#inbound.isPaused) return; // it is this side that does not read
    const message = `The peer was silent for ${silentMs} ms`;
    this.#close(new ZmqError("ETIMEDOUT", message));
  }

  /** Authenticates the peer; until then, what it sends waits. */
  async #authenticate(credentials: Credentials): Promise<void> {
    const handshake = this.#handshake!;
    const signal = handshake.beginAuthentication();
    const verdict = await this.#core.host.authenticate(
      credentials,
      peerHostOf(this.#wire.remoteAddress),
      signal,
    );
    handshake.endAuthentication();
    if (this.#state !== "handshake") return;
    this.#protocol.resume(verdict);
    if (verdict.status !== 200) {
      const error = refusalError(verdict.status, verdict);
      this.#core.events.emit(failedEvent(this.#address, error));
      return this.#refuse(undefined);
    }
    this.#inbound.peerIdentity = identityOf(credentials);
    this.#read();
  }

  #open(peer: PeerProperties): void {
    this.#endHandshake();
    const refusal = this.#owner.refusal?.(this);
    if (refusal !== undefined) return this.#close(refusal);
    this.#state = "open";
    this.#version = peer.version;
    if (this.#core.options.heartbeatInterval > 0) this.#needHeartbeat();
    this.#core.events.emit(
      doneEvent(this.#address, this.#wire.remoteAddress, peer),
    );
    const pipe = this.#owner.opened(this, peer, this.#inbound.peerIdentity);
    this.#inbound.pipe = this.#outbound.pipe = pipe;
    pipe.holder = this;
    const hello = helloOf(this.#core);
    if (hello !== undefined && !pipe.other.isClosed) {
      this.#outbound.encode(hello);
    }
    if (pipe.other.isClosed && pipe.unread === 0) this.pipeClosed();
  }

  /**
   * The heartbeat, which begins now unless it has before; `undefined` if the
   * peer's version has none. It takes 700 bytes, so it waits for a reason: an
   * option, a command of the peer, or a message that arrives in parts.
   */
  #needHeartbeat(): Heartbeat | undefined {
    const version = this.#version;
    if (version === undefined || !version.hasCommands) return undefined;
    return this.#heartbeat ??= this.#outbound.heartbeat = new Heartbeat(
      this.#core.options,
      version.hasHeartbeats,
      this,
    );
  }

  /** The wire is closed before the socket has received everything that arrived. */
  #finish(error: Error | undefined): void {
    this.#state = "finishing";
    this.#reason = error;
    this.#inbound.finish();
    this.#outbound.stop(); // what waits in the pipe is for the next connection
    this.#read();
  }

  /** Sends the peer what is encoded, such as the reason, then disconnects; ignores it meanwhile. */
  #refuse(error: Error | undefined): void {
    this.#reason = error;
    this.#state = "refused";
    this.#inbound.stop();
    this.#outbound.requireDelivery();
    this.#endHandshake();
    this.#endIfDrained();
  }

  /** Ends once all messages have left; anything else that waits, such as a PONG, is dropped. */
  #endIfDrained(): void {
    if (this.#state !== "draining" && this.#state !== "refused") return;
    if (this.#outbound.end()) this.#heartbeat?.stop();
  }

  #endHandshake(): void {
    this.#handshake?.end();
    this.#handshake = undefined;
  }

  #close(error: Error | undefined): void {
    if (this.#state === "closed") return;
    const reason = this.#state === "finishing" ? error : this.#reason ?? error;
    this.#state = "closed";
    this.#inbound.stop();
    this.#outbound.stop();
    this.#endHandshake();
    this.#heartbeat?.stop();
    this.#wire.destroy();
    this.#owner.closed(this, reason);
  }
}

/** A verdict other than 200 as an error. */
function refusalError(
  status: AuthStatus,
  { text, problem }: Verdict,
): AuthError | ProtocolError {
  const message = `Authentication failed: ${text}`;
  return problem === undefined
    ? new AuthError(status, message)
    : new ProtocolError(problem, message);
}
