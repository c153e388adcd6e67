/**
 * Layer: engine. The pipe between a socket and a peer that it connects to. It
 * exists from the start, so that messages can wait for the peer, and outlives
 * the connection; with the option `immediate` it exists only as long as the
 * connection.
 *
 * @module
 */
import { bytesEqual, copyOf } from "../bytes.ts";
import { toFrame } from "../message.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import { type SocketTraits, traitsOf } from "../socket_traits.ts";
import {
  notificationsOf,
  releaseFor,
  sessionPipe,
  type SocketCore,
  SUBSCRIBERS,
} from "./socket_core.ts";

/** Who has a dialer's pipe. */
export interface DialerPipeOwner {
  /**
   * The socket has closed its end, and nothing waits.
   *
   * @param isFinal Whether the socket never gets another pipe.
   */
  pipeReleased(isFinal: boolean): void;
}

/** The pipe of one dialer; it holds the pipe while there is no session. */
export class DialerPipe implements PipeHolder {
  readonly #core: SocketCore;
  readonly #address: string;
  readonly #routingId: Uint8Array | undefined;
  readonly #owner: DialerPipeOwner;
  /** This side's end. */
  #pipe: Pipe | undefined;
  /** Whether it keeps the process alive. */
  #isHolding = false;

  /** @param routingId The peer's, if it was passed to `connect` of a ROUTER. */
  constructor(
    core: SocketCore,
    address: string,
    routingId: Uint8Array | undefined,
    owner: DialerPipeOwner,
  ) {
    this.#core = core;
    this.#address = address;
    this.#routingId = routingId;
    this.#owner = owner;
    if (!core.options.immediate) this.#make(routingId);
  }

  get #afterReconnect(): SocketTraits["afterReconnect"] {
    return traitsOf(this.#core.type).afterReconnect;
  }

  /** Returns the pipe for a session with this peer, which has just connected. */
  open(routingId: Uint8Array, identity: PeerIdentity | undefined): Pipe {
    this.#hold(false);
    const pipe = this.#pipeTo(this.#routingId ?? routingId, identity);
    for (const notice of notificationsOf(this.#core, "connect")) {
      pipe.announce(notice);
    }
    return pipe;
  }

  /**
   * The connection is lost.
   *
   * @param wasOpen Whether its handshake was done.
   * @param isClosing Whether the socket has closed its end.
   * @returns false if nothing is left to connect for.
   */
  lost(wasOpen: boolean, isClosing: boolean): boolean {
    const pipe = this.#pipe;
    if (pipe === undefined) return true;
    if (wasOpen) this.#reportLoss(pipe);
    pipe.holder = this;
    // The rest of a byte stream is meaningless to the next connection.
    const isDropped = this.#afterReconnect === "drop";
    if (isDropped) pipe.discardUnread();
    this.#hold(pipe.unread > 0);
    if (isDropped && pipe.other.isClosed) return false;
    if (isClosing && pipe.unread === 0) return false;
    if (
      this.#core.options.immediate || (pipe.other.isClosed && !isClosing)
    ) {
      this.#pipe = undefined;
      pipe.close();
    } else if (this.#afterReconnect === "subscribe again") {
      pipe.discardUnread();
      pipe.other.holder.pipeReset?.(pipe.other);
    }
    return true;
  }

  /**
   * Closes the socket's end; messages sent before are still delivered.
   *
   * @returns false if there is no pipe.
   */
  release(): boolean {
    if (this.#pipe === undefined) return false;
    releaseFor(this.#core, this.#pipe);
    return true;
  }

  /** Closes at once; what waits is lost. */
  destroy(): void {
    this.#hold(false);
    this.#pipe?.close();
  }

  /** A message waits, but there is no session to send it. */
  pipeReadable(): void {
    this.#hold(true);
  }

  pipeWritable(): void {}

  pipeClosed(pipe: Pipe): void {
    if (pipe !== this.#pipe) return;
    this.#owner.pipeReleased(this.#afterReconnect === "drop");
  }

  #pipeTo(
    routingId: Uint8Array,
    identity: PeerIdentity | undefined,
  ): Pipe {
    const pipe = this.#pipe;
    if (pipe === undefined) return this.#make(routingId, identity);
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
      const made = this.#make(routingId, identity);
      pipe.close();
      return made;
    }
    other.peerIdentity = identity;
    return pipe;
  }

  #make(
    routingId: Uint8Array | undefined,
    identity?: PeerIdentity,
  ): Pipe {
    const [ours, theirs] = sessionPipe(this.#core);
    ours.routingId = routingId;
    ours.peerIdentity = identity;
    ours.address = this.#address;
    this.#pipe = theirs;
    theirs.holder = this;
    this.#core.host.attach(ours);
    return theirs;
  }

  #reportLoss(pipe: Pipe): void {
    const { hiccupMessage } = this.#core.options;
    for (const notice of notificationsOf(this.#core, "disconnect")) {
      pipe.announce(notice);
    }
    if (hiccupMessage !== null) pipe.announce([copyOf(toFrame(hiccupMessage))]);
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
}
