/**
 * Layer: sockets. What SERVER, PEER and STREAM share: each peer has a routing
 * id of ours, which stands before its messages, and before those to it.
 *
 * A ROUTER is another matter: there a peer may say itself who it is, so that
 * two may say the same.
 *
 * @module
 */
import { copyOf, EMPTY } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import { IdentityTable } from "../routing/identity_table.ts";
import type { Pipe } from "../routing/pipe.ts";
import { Pattern } from "./pattern.ts";
import { taken } from "./routing_id.ts";

/** Messages are `[routing id, body]`, both ways. */
export class AddressedPattern extends Pattern {
  /** The routing id of the peer that was attached last. */
  lastId: Uint8Array | undefined;
  readonly #incoming = new FairQueue();
  readonly #peers = new IdentityTable();

  /** @param pipe Its peer's routing id may have been chosen by the application. */
  attach(pipe: Pipe): void {
    const given = pipe.routingId ?? EMPTY;
    const id = given.byteLength === 0 ? this.#peers.generate() : given;
    if (this.has(id)) return pipe.close(taken());
    this.#peers.add(id, pipe);
    this.#incoming.attach(pipe);
    this.lastId = id;
  }

  detach(pipe: Pipe): void {
    this.#incoming.detach(pipe);
    this.#peers.remove(pipe);
  }

  override readable(pipe: Pipe): void {
    this.#incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.#incoming.ending(pipe);
  }

  /** Whether a peer that is there has this routing id. */
  has(id: Uint8Array): boolean {
    return this.#peers.find(id)?.isOver === false;
  }

  override send([id, body]: Message): boolean {
    return this.deliver(this.find(id!), body!);
  }

  override receive(): Message | undefined {
    const message = this.#incoming.receive();
    if (message === undefined) return undefined;
    return [copyOf(this.#peers.idOf(this.#incoming.lastPipe!)!), ...message];
  }

  /** Whom a message is for decides whether it can be sent. */
  override get canSend(): boolean {
    return true;
  }

  override get canReceive(): boolean {
    return this.#incoming.canReceive;
  }

  /** Sends to one peer. */
  protected deliver(pipe: Pipe, body: Uint8Array): boolean {
    return pipe.write([body]);
  }

  /** The peer of a routing id. @throws {ZmqError} `EHOSTUNREACH`. */
  protected find(id: Uint8Array): Pipe {
    const pipe = this.#peers.find(id);
    // Of one that has gone there may still be messages to receive.
    if (pipe !== undefined && !pipe.isOver) return pipe;
    throw new ZmqError("EHOSTUNREACH", "No peer has this routing id");
  }
}
