/**
 * Layer: sockets. ROUTER (RFC 28): addresses each peer by its routing id.
 *
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL prefix each incoming message with a frame containing the identity of
 *   the originating peer.
 * - SHALL remove the first frame from each outgoing message and use this as the
 *   identity of the peer to send to.
 * - SHALL either silently drop the message, or return an error, if the peer is
 *   not connected (option `mandatory`).
 *
 * Deliberately unlike libzmq, a second peer with the routing id of another is
 * disconnected instead of being ignored. It may try again, so that it is served
 * once the first one has disconnected.
 *
 * @module
 */
import { copyOf, EMPTY } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import { type Message, withEnvelope } from "../message.ts";
import { copyPeer } from "../peer_identity.ts";
import type {
  DisconnectOptions,
  HelloOptions,
  ProbeOptions,
  ReceiveOptions,
  RouterModes,
  RoutingIdOptions,
  SendOptions,
} from "../options/values.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import { IdentityTable } from "../routing/identity_table.ts";
import type { Pipe } from "../routing/pipe.ts";
import { ROUTER } from "../types.ts";
import { DuplexSocket } from "./send_receive.ts";
import { Pattern } from "./pattern.ts";
import { checkRoutingId, replaced, reserved, taken } from "./routing_id.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a ROUTER. */
export interface RouterOptions
  extends
    SocketOptions,
    Partial<SendOptions & ReceiveOptions & RoutingIdOptions>,
    Partial<RouterModes & ProbeOptions & HelloOptions & DisconnectOptions> {}

/** How to connect a ROUTER. */
export interface RouterConnectOptions {
  /** The routing id for the peer, whatever id it has chosen. */
  routingId?: string | Uint8Array;
}

/** The options of a ROUTER, as properties. */
export interface Router
  extends
    RoutingIdOptions,
    RouterModes,
    ProbeOptions,
    HelloOptions,
    DisconnectOptions {}

/**
 * Receives from all its peers and sends to each by the routing id in the first
 * frame.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using router = new zmq.Router({ mandatory: true });
 * await using dealer = new zmq.Dealer({ routingId: "worker-1" });
 * await router.bind("tcp://127.0.0.1:*");
 * dealer.connect(router.lastEndpoint!);
 *
 * await dealer.send("ready");
 * const [id, body] = await router.receive();
 * await router.send([id!, "go on"]);
 * await dealer.receive();
 * ```
 */
export class Router extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: RouterOptions = {}) {
    super(ROUTER, options, (values) => new RouterPattern(values));
  }

  /** Connects to an address; see {@link DuplexSocket.connect}. */
  override connect(address: string, options: RouterConnectOptions = {}): void {
    if (options.routingId === undefined) return super.connect(address);
    this.connectTo(address, checkRoutingId(options.routingId));
  }
}

class RouterPattern extends Pattern {
  readonly #modes: Readonly<RouterModes & ProbeOptions>;
  readonly #incoming = new FairQueue();
  readonly #peers = new IdentityTable();

  constructor(modes: Readonly<RouterModes & ProbeOptions>) {
    super();
    this.#modes = modes;
  }

  attach(pipe: Pipe): void {
    // A pending connection has no id yet; it is identified later.
    if (pipe.routingId !== undefined) this.identified(pipe);
  }

  detach(pipe: Pipe): void {
    this.#incoming.detach(pipe);
    this.#peers.remove(pipe);
  }

  override identified(pipe: Pipe): void {
    const given = pipe.routingId!;
    // Only the socket may assign ids that start with a zero byte.
    if (given[0] === 0) return pipe.close(reserved());
    const id = given.byteLength === 0 ? this.#peers.generate() : given;
    const other = this.#peers.find(id);
    // A disconnected peer may still have messages to receive.
    if (other?.isOver === false) {
      const isFree = this.#modes.handover && hasSameKey(other, pipe);
      if (!isFree) return pipe.close(taken());
      other.retire(replaced());
    }
    this.#peers.add(id, pipe);
    if (this.#modes.probeRouter) pipe.write([EMPTY]);
    this.#incoming.attach(pipe);
  }

  override readable(pipe: Pipe): void {
    this.#incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.#incoming.ending(pipe);
  }

  override send(message: Message): boolean {
    const pipe = this.#peers.find(message[0]!);
    const body = message.slice(1);
    if (pipe === undefined || pipe.isOver) {
      if (!this.#modes.mandatory) return true;
      throw new ZmqError("EHOSTUNREACH", "No peer has this routing id");
    }
    if (body.length === 0) return true; // an id alone is not a message
    if (pipe.write(body)) return true;
    return !this.#modes.mandatory;
  }

  override receive(): Message | undefined {
    const message = this.#incoming.receive();
    if (message === undefined) return undefined;
    const pipe = this.#incoming.lastPipe!;
    const id = [copyOf(this.#peers.idOf(pipe)!)];
    const addressed = withEnvelope(id, message);
    if (pipe.peerIdentity !== undefined) copyPeer(message, addressed);
    return addressed;
  }

  override get canSend(): boolean {
    return true;
  }

  override get canReceive(): boolean {
    return this.#incoming.canReceive;
  }
}

/** A peer with another key must not take over an id, and with it the messages for the first peer. */
function hasSameKey(one: Pipe, other: Pipe): boolean {
  return one.peerIdentity?.publicKey === other.peerIdentity?.publicKey;
}
