/**
 * Layer: sockets. DEALER (RFC 28): asynchronous REQ.
 *
 * - SHALL route outgoing messages to available peers using a round-robin strategy.
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL block on sending, or return a suitable error, when it has no available peers.
 * - SHALL NOT discard messages that it cannot queue.
 *
 * @module
 */
import { EMPTY } from "../bytes.ts";
import type { Message } from "../message.ts";
import type {
  ConflateOptions,
  HelloOptions,
  HiccupOptions,
  ProbeOptions,
  ReceiveOptions,
  RoutingIdOptions,
  SendOptions,
} from "../options/values.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import { RoundRobin } from "../routing/round_robin.ts";
import { DEALER } from "../types.ts";
import { DuplexSocket } from "./send_receive.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a DEALER. */
export interface DealerOptions
  extends
    SocketOptions,
    Partial<SendOptions & ReceiveOptions & RoutingIdOptions>,
    Partial<ProbeOptions & ConflateOptions & HelloOptions & HiccupOptions> {}

/** The options of a DEALER, as properties. */
export interface Dealer
  extends
    RoutingIdOptions,
    ProbeOptions,
    ConflateOptions,
    HelloOptions,
    HiccupOptions {}

/**
 * Sends to its peers in turn and receives from all of them, in any order.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using dealer = new zmq.Dealer();
 * await using reply = new zmq.Reply();
 * await reply.bind("inproc://service");
 * dealer.connect("inproc://service");
 * await dealer.send(["", "a question"]);
 * await reply.receive();
 * await reply.send("the answer");
 * const [delimiter, answer] = await dealer.receive();
 * ```
 */
export class Dealer extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: DealerOptions = {}) {
    super(DEALER, options, (values) => new DealerPattern(values));
  }
}

/** Sends round-robin, receives fair-queued; REQ and CLIENT are built on it. */
export class DealerPattern extends Pattern {
  protected readonly outgoing: RoundRobin = new RoundRobin();
  protected readonly incoming: FairQueue = new FairQueue();
  readonly #options: Readonly<ProbeOptions>;

  constructor(options: Readonly<ProbeOptions>) {
    super();
    this.#options = options;
  }

  attach(pipe: Pipe): void {
    if (this.#options.probeRouter) pipe.write([EMPTY]);
    this.outgoing.attach(pipe);
    this.incoming.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.outgoing.detach(pipe);
    this.incoming.detach(pipe);
  }

  override readable(pipe: Pipe): void {
    this.incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.incoming.ending(pipe);
  }

  override writable(pipe: Pipe): void {
    this.outgoing.writable(pipe);
  }

  override send(message: Message): boolean {
    return this.outgoing.send(message);
  }

  override receive(): Message | undefined {
    return this.incoming.receive();
  }

  override get canSend(): boolean {
    return this.outgoing.canSend;
  }

  override get canReceive(): boolean {
    return this.incoming.canReceive;
  }
}
