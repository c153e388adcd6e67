/**
 * Layer: sockets. What SERVER, PEER and STREAM share: the socket gives each
 * peer a routing id, which precedes the messages from and to it.
 *
 * A ROUTER differs: there peers may choose their routing id, so that two may
 * choose the same.
 *
 * @module
 */
import { copyOf, EMPTY } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import { type Message, withEnvelope } from "../message.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import { IdentityTable } from "../routing/identity_table.ts";
import type { Pipe } from "../routing/pipe.ts";
import { Pattern } from "./pattern.ts";
import { taken } from "./routing_id.ts";

/** Messages are `[routing id, body]` in both directions. */
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

  /** Whether a connected peer has this routing id. */
  has(id: Uint8Array): boolean {
    return this.#peers.find(id)?.isOver === false;
  }

  override send([id, body]: Message): boolean {
    return this.deliver(this.find(id!), body!);
  }

  override receive(): Message | undefined {
    const message = this.#incoming.receive();
    if (message === undefined) return undefined;
    const id = copyOf(this.#peers.idOf(this.#incoming.lastPipe!)!);
    return withEnvelope([id], message);
  }

  /** Always true: whether a message can be sent depends on its receiver. */
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
    // A disconnected peer may still have messages to receive.
    if (pipe !== undefined && !pipe.isOver) return pipe;
    throw new ZmqError("EHOSTUNREACH", "No peer has this routing id");
  }
}
