/**
 * Layer: engine. One connection at work: it moves bytes between a wire and the
 * protocol's state machine, and messages between that and a pipe.
 *
 *     handshake ──ready──▶ open ──the socket closes its end──▶ draining ──▶ closed
 *         └───────────── the wire is gone, a timer, a ProtocolError ────────▲
 *
 * Backpressure goes both ways: a full pipe pauses the wire, a wire that is
 * behind leaves messages in the pipe. A wire that brings more than is read in a
 * turn of the event loop is paused until the next one. What has been read from the wire when it
 * closes still reaches the socket.
 *
 * @module
 */
import { AuthError, ProtocolError, ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import { notePeer, type PeerIdentity } from "../peer_identity.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import type { Wire, WireHandler } from "../transport/wire.ts";
import { STREAM } from "../types.ts";
import type { ConnectionEvent } from "../zmtp/connection.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import type { Credentials } from "../zmtp/mechanism/mechanism.ts";
import { doneEvent, errorOf, failedEvent } from "./handshake_events.ts";
import { HandshakeTimers } from "./handshake_timers.ts";
import { Heartbeat } from "./heartbeat.ts";
import { helloOf, type SocketCore, SUBSCRIBERS } from "./socket_core.ts";
import { Output, OUTPUT_LIMIT } from "./outbound.ts";
import type { Protocol } from "./protocol.ts";
import { protocolOf } from "./protocol_of.ts";
import { isWanted } from "./reception.ts";
import type { Reader } from "./flush_scheduler.ts";
import { identityOf, serverIdentityOf } from "./identity.ts";

/** What whoever made the connection decides. */
export interface SessionOwner {
  /** Whether the peer connected to us. */
  readonly isBound: boolean;
  /** Why a peer that has passed its handshake is turned away all the same. */
  refusal?(session: Session): Error | undefined;
  /** The handshake is done: gives the session its end of a pipe. */
  opened(session: Session, peer: PeerProperties): Pipe;
  /** The connection is gone. Told once. */
  closed(session: Session, error: Error | undefined): void;
}

/** One connection between a socket and a peer. */
export class Session implements PipeHolder, WireHandler, Reader {
  /** It encodes what it reads: nothing need be copied for it. */
  readonly isEncoder = true;
  readonly #core: SocketCore;
  readonly #wire: Wire;
  readonly #owner: SessionOwner;
  readonly #address: string;
  readonly #connection: Protocol;
  /** Whether the socket sends messages; if not, they are its subscriptions, for which nobody waits. */
  readonly #isSender: boolean;
  readonly #output: Output;
  #pipe: Pipe | undefined;
  /** Who the peer is, once CURVE has proved it. */
  #identity: PeerIdentity | undefined;
  #state: "handshake" | "open" | "draining" | "closed" = "handshake";
  readonly #timers: HandshakeTimers;
  #heartbeat: Heartbeat | undefined;
  /** Aborted if the connection ends before it is decided whether the peer may come in. */
  #question: AbortController | undefined;
  #isPaused = false;
  /** Whether the turns will call `readOn`. */
  #isReadingLater = false;
  /** The wire closed while messages of it had still to go into the pipe. */
  #end: { error: Error | undefined } | undefined;
  /** Why the connection ends, if something is still to be written before. */
  #failure: Error | undefined;

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
    this.#isSender = !SUBSCRIBERS.has(core.type);
    this.#connection = protocolOf(core, owner.isBound);
    this.#identity = serverIdentityOf(core.options);
    this.#output = new Output(core, wire, this.#connection, this.#written);
    const limitMs = core.options.handshakeInterval;
    this.#timers = new HandshakeTimers(limitMs, () => {
      const message = `No handshake within ${limitMs} ms`;
      this.#fail(new ZmqError("ETIMEDOUT", message));
    });
    wire.start(this);
    this.#output.flush();
    // Nothing need come from the peer of a STREAM before it is there.
    if (core.type === STREAM) queueMicrotask(() => this.#begin());
  }

  #begin(): void {
    if (this.#state !== "closed") this.#read();
  }

  /** Closes at once; what waits is lost. */
  destroy(error?: Error): void {
    this.#close(error);
  }

  /** Closes in order, for a socket that has no pipe to this session yet. */
  close(): void {
    if (this.#state === "handshake") this.#close(undefined);
  }

  // The wire's side.

  wireData(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#core.scheduler.beginTick();
    const heartbeat = this.#heartbeat;
    heartbeat?.heard();
    if (this.#state === "draining") {
      // Who was not let in is not listened to while it is told why; and where
      // all has been written, nothing can be answered.
      if (this.#pipe === undefined || this.#output.isEnded) return;
    }
    this.#connection.receive(chunk);
    this.#read();
    heartbeat?.arriving(this.#connection.isPartial);
    if (this.#state === "handshake" && this.#connection.isWaitingForPeer) {
      this.#timers.holdBack(() => {
        this.#connection.stopWaiting();
        this.#read();
      });
    }
  }

  wireClosed(error: Error | undefined): void {
    const hasMore = this.#state === "open" && this.#connection.end?.();
    if (hasMore || (this.#isPaused && this.#state === "open")) {
      this.#end = { error };
      return this.#read();
    }
    if (this.#state !== "handshake") {
      return this.#close(this.#failure ?? error);
    }
    const message = "The peer closed the connection in its handshake";
    this.#fail(error ?? new ZmqError("ECONNRESET", message));
  }

  // The pipe's side.

  pipeReadable(): void {
    this.#send();
  }

  pipeWritable(): void {
    if (this.#isPaused) this.#read();
  }

  /** The socket has closed its end, and all it sent has been encoded. */
  pipeClosed(): void {
    if (this.#state !== "open") return;
    if (this.#end !== undefined) return this.#close(this.#end.error);
    const ours = this.#pipe?.other;
    if (ours?.isCut) return this.#close(ours.reason);
    this.#failure = ours?.reason;
    this.#state = "draining";
    this.#endIfDrained();
  }

  /** There is room for more. */
  readonly #written = (): void => {
    if (this.#state === "closed") return;
    this.#send();
    if (this.#isPaused) this.#read();
    this.#endIfDrained();
  };

  /** Encodes what the pipe has, and sees to it that it is written. @param first Encodes what goes before it. */
  #send(first?: () => void): void {
    this.#encode(first);
    if (this.#output.schedule()) this.#encode();
  }

  /** Takes messages out of the pipe while there is room in the output. */
  #encode(first?: () => void): void {
    const connection = this.#connection;
    const pipe = this.#pipe;
    // What waits for a wire that is gone, waits for the next one.
    const output = this.#output;
    if (pipe === undefined || this.#end !== undefined || output.isEnded) return;
    try {
      first?.();
      while (connection.outputSize < OUTPUT_LIMIT) {
        const message = pipe.read();
        if (message === undefined) return;
        connection.send(message);
        output.isOwed ||= this.#isSender;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Gives the socket what has been read, while it has room. */
  #read(): void {
    try {
      for (;;) {
        if (this.#mustWait) {
          this.#pause();
          break;
        }
        const item = this.#connection.next();
        if (item === undefined) {
          if (this.#connection.isSpent) this.#readLater();
          else this.#resume();
          break;
        }
        if (Array.isArray(item)) this.#deliver(item);
        else this.#handle(item);
        if (this.#state === "closed") return;
      }
    } catch (error) {
      return this.#fail(error);
    }
    this.#send();
  }

  /** The peer has had its part of this turn. */
  #readLater(): void {
    this.#pause();
    if (this.#isReadingLater) return;
    this.#isReadingLater = true;
    this.#core.scheduler.readLater(this);
  }

  /** Goes on with what has been read; called by the turns. */
  readOn(): void {
    this.#isReadingLater = false;
    this.#connection.rest();
    if (this.#state !== "closed" && this.#isPaused) this.#read();
  }

  /** Whether to read on only when something has changed. */
  get #mustWait(): boolean {
    const pipe = this.#pipe;
    if (pipe !== undefined && !pipe.other.isClosed && !pipe.canWrite) {
      return true;
    }
    if (this.#connection.ignoresInput) return true;
    // A peer that asks, but does not listen to the answers.
    return this.#connection.answerSize >= OUTPUT_LIMIT &&
      this.#end === undefined;
  }

  #deliver(message: Message): void {
    const pipe = this.#pipe!;
    if (pipe.other.isClosed) return; // nobody wants it any more
    if (!isWanted(this.#core.type, message)) return;
    if (this.#identity !== undefined) notePeer(message, this.#identity);
    pipe.write(message, true);
  }

  #handle(event: ConnectionEvent): void {
    if (event.type === "ping" || event.type === "pong") {
      this.#heartbeat!.understood();
      if (event.type === "ping") this.#heartbeat!.expect(event.timeToLiveMs);
    } else if (event.type === "ready") this.#open(event.peer);
    else if (event.type === "credentials") {
      this.#ask(event.credentials).catch((error) => this.#fail(error));
    }
  }

  /** Asks whether the peer may come in; until then, what it sends waits. */
  async #ask(credentials: Credentials): Promise<void> {
    const ip = /^tcp:\/\/\[?(.*?)\]?:\d+$/.exec(this.#wire.remoteAddress)?.[1];
    const question = new AbortController();
    this.#question = question;
    const verdict = await this.#core.authenticate(
      credentials,
      ip ?? "",
      question.signal,
    );
    this.#question = undefined;
    if (this.#state !== "handshake") return;
    this.#connection.resume(verdict);
    if (verdict.status === 200) {
      this.#identity = identityOf(credentials);
      return this.#read();
    }
    const { status, text, problem } = verdict;
    const error = problem === undefined
      ? new AuthError(status, `The peer was not let in: ${text}`)
      : new ProtocolError(problem, `The peer was not let in: ${text}`);
    this.#core.events.emit(failedEvent(this.#address, error));
    this.#dismiss(undefined);
  }

  /** The peer gets what is encoded for it, so that it learns why, and is then disconnected; it is heard no more. */
  #dismiss(error: Error | undefined): void {
    this.#failure = error;
    this.#state = "draining";
    this.#isPaused = false;
    this.#output.oweAll();
    this.#timers.stop();
    this.#endIfDrained();
  }

  #open(peer: PeerProperties): void {
    this.#timers.stop();
    const refusal = this.#owner.refusal?.(this);
    if (refusal !== undefined) return this.#close(refusal);
    this.#state = "open";
    if (peer.version.hasCommands) {
      this.#startHeartbeat(peer.version.hasHeartbeats);
    }
    this.#core.events.emit(
      doneEvent(this.#address, this.#wire.remoteAddress, peer),
    );
    const pipe = this.#owner.opened(this, peer);
    this.#pipe = pipe;
    pipe.other.hasPeerIdentity = this.#identity !== undefined;
    pipe.holder = this;
    const hello = helloOf(this.#core);
    if (hello !== undefined && !pipe.other.isClosed) {
      this.#connection.send(hello);
      this.#output.isOwed = true;
    }
    if (pipe.other.isClosed && pipe.unread === 0) this.pipeClosed();
  }

  #startHeartbeat(isUnderstood: boolean): void {
    const heartbeat = new Heartbeat(this.#core.options, isUnderstood, {
      ping: (timeToLiveMs) => this.#send(() => this.#output.ping(timeToLiveMs)),
      pong: () => {
        if (this.#output.isWriting || this.#connection.outputSize > 0) return;
        this.#send(() => this.#connection.pong());
      },
      silent: (silentMs) => {
        if (this.#isPaused) return; // it is we who do not listen
        this.#close(
          new ZmqError("ETIMEDOUT", `The peer was silent for ${silentMs} ms`),
        );
      },
    });
    this.#heartbeat = this.#output.heartbeat = heartbeat;
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#wire.pause();
  }

  #resume(): void {
    if (this.#end !== undefined) return this.#close(this.#end.error);
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#heartbeat?.heard();
    this.#wire.resume();
  }

  /** Ends once all messages have left; what else waits, such as a PONG, holds nobody up. */
  #endIfDrained(): void {
    if (this.#state !== "draining") return;
    if (this.#output.end()) this.#heartbeat?.stop();
  }

  /** @param cause Whatever was thrown: it is this connection that ends, and nothing else. */
  #fail(cause: unknown): void {
    if (this.#state === "closed") return;
    const error = errorOf(cause);
    this.#core.events.emit(failedEvent(this.#address, error));
    const isHandshake = this.#state === "handshake" &&
      error instanceof ProtocolError;
    if (isHandshake && this.#connection.outputSize > 0) this.#dismiss(error);
    else this.#close(error);
  }

  #close(error: Error | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#output.isEnded = true;
    this.#timers.stop();
    this.#heartbeat?.stop();
    this.#question?.abort();
    this.#wire.destroy();
    this.#owner.closed(this, this.#failure ?? error);
  }
}
