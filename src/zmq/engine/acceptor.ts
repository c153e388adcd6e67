/**
 * Layer: engine. A bound address: accepts connections, and gives the socket a
 * pipe for each peer that completes the handshake.
 *
 * @module
 */
import { Latch } from "../../async/latch.ts";
import { restOf } from "../endpoint.ts";
import { type Protection, protectionOf } from "../options/protection.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { Listener, Transport, Wire } from "../transport/wire.ts";
import type { PeerProperties } from "../zmtp/metadata.ts";
import type { ConnectionLimits } from "../transport/connection_limits.ts";
import {
  disconnectMessagesOf,
  notificationsOf,
  releaseFor,
  sessionPipe,
  type SocketCore,
  SUBSCRIBERS,
} from "./socket_core.ts";
import { loadSecurity } from "../zmtp/mechanism/security.ts";
import { securityOf } from "./security_options.ts";
import { Session, type SessionOwner } from "./session.ts";
import type { Bound } from "./socket_transport.ts";

/** One bound address of a socket. */
export class Acceptor implements Bound, SessionOwner {
  readonly isBound = true;
  readonly given: string;
  /** How its connections are protected. */
  readonly protection: Protection;
  readonly #core: SocketCore;
  readonly #connectionLimits: ConnectionLimits;
  readonly #pipes: Map<Session, Pipe | undefined> = new Map();
  #listener: Listener | undefined;
  readonly #transport: Transport;
  #address = "";
  readonly #whenEmpty = new Latch();
  #isStopped = false;

  constructor(
    core: SocketCore,
    connectionLimits: ConnectionLimits,
    transport: Transport,
    given: string,
  ) {
    this.#core = core;
    this.#connectionLimits = connectionLimits;
    this.#transport = transport;
    this.given = given;
    this.protection = protectionOf(core.options, true);
  }

  get endpoint(): string {
    return this.#address;
  }

  isAt(address: string): boolean {
    return this.#transport.isSame?.(address, this.#address) ?? false;
  }

  async open(): Promise<void> {
    const { events, options } = this.#core;
    await loadSecurity(securityOf(options));
    try {
      this.#listener = await this.#transport.listen(
        this.given,
        options,
        (wire) => this.#accept(wire),
        (error) =>
          events.emit({ type: "accept:error", address: this.#address, error }),
      );
    } catch (error) {
      // Without the transport, as in libzmq and zeromq.js for this event alone.
      const failed = { address: restOf(this.given), error: error as Error };
      events.emit({ type: "bind:error", ...failed });
      throw error;
    }
    this.#address = this.#listener.endpoint;
    events.emit({ type: "bind", address: this.#address });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    const { events } = this.#core;
    const address = listener.endpoint;
    try {
      await listener.close();
    } catch (error) {
      // Something was left behind, such as a file. The address counts as closed
      // nevertheless.
      events.emit({ type: "close:error", address, error: error as Error });
    }
    events.emit({ type: "close", address });
  }

  /** Drops connections that have no pipe yet; resolves when all others have ended. */
  finish(): Promise<void> {
    for (const session of [...this.#pipes.keys()]) session.close();
    if (this.#pipes.size === 0) return Promise.resolve();
    return this.#whenEmpty.wait();
  }

  /** Closes the socket's ends of all pipes; messages sent before are still delivered. */
  closePipes(): void {
    for (const pipe of [...this.#pipes.values()]) {
      if (pipe !== undefined) releaseFor(this.#core, pipe);
    }
  }

  /** Ends all connections; messages sent before are still delivered, and messages that have arrived can still be received. */
  drain(): void {
    const isSubscriber = SUBSCRIBERS.has(this.#core.type);
    for (const [session, pipe] of [...this.#pipes]) {
      if (isSubscriber) pipe?.discardUnread(); // state, not messages
      if (pipe === undefined) session.close();
      else pipe.other.retire();
    }
  }

  destroy(): void {
    for (const session of [...this.#pipes.keys()]) session.destroy();
  }

  refusal(session: Session): Error | undefined {
    const error = this.#connectionLimits.pass(session);
    if (error !== undefined) this.#refused(error);
    return error;
  }

  opened(
    session: Session,
    peer: PeerProperties,
    identity: PeerIdentity | undefined,
  ): Pipe {
    const [ours, theirs] = sessionPipe(this.#core);
    ours.routingId = peer.routingId;
    ours.peerIdentity = identity;
    ours.address = this.#address;
    this.#pipes.set(session, theirs);
    this.#core.host.attach(ours);
    for (const notice of notificationsOf(this.#core, "connect")) {
      theirs.announce(notice);
    }
    theirs.disconnectMessages = disconnectMessagesOf(this.#core);
    return theirs;
  }

  closed(session: Session, error: Error | undefined): void {
    const pipe = this.#pipes.get(session);
    this.#pipes.delete(session);
    this.#connectionLimits.end(session);
    pipe?.close();
    const address = this.#address;
    this.#core.events.emit({ type: "disconnect", address, error });
    if (this.#pipes.size > 0) return;
    this.#whenEmpty.release();
  }

  #accept(wire: Wire): void {
    if (this.#isStopped) return wire.destroy();
    const { remoteAddress } = wire;
    const refusal = this.#connectionLimits.refusal(remoteAddress);
    if (refusal !== undefined) {
      wire.destroy();
      return this.#refused(refusal);
    }
    const address = this.#address;
    this.#core.events.emit({ type: "accept", address });
    const session = new Session(this.#core, wire, address, this);
    this.#pipes.set(session, undefined);
    const [oldest, error] =
      this.#connectionLimits.begin(session, remoteAddress) ??
        [];
    if (error === undefined) return;
    oldest!.destroy(error);
    this.#refused(error);
  }

  #refused(error: Error): void {
    const address = this.#address;
    this.#core.events.emit({ type: "accept:error", address, error });
  }
}
