/**
 * Layer: sockets. CLIENT (RFC 41, draft): sends to SERVERs and receives from
 * them, in any order.
 *
 * - SHALL route outgoing messages to available peers using a round-robin strategy.
 * - SHALL block on sending, or return a suitable error, when it has no available peers.
 * - SHALL NOT discard messages that it cannot queue.
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - MUST NOT send multipart messages, and MUST discard those that come.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type {
  HelloOptions,
  HiccupOptions,
  ReceiveOptions,
  SendOptions,
} from "../options/values.ts";
import { CLIENT } from "../types.ts";
import { DealerPattern } from "./dealer.ts";
import { DuplexSocket } from "./send_receive.ts";
import { requireSingleFrame } from "./single_frame.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a CLIENT. */
export interface ClientOptions
  extends
    SocketOptions,
    Partial<SendOptions & ReceiveOptions & HelloOptions & HiccupOptions> {}

/** The options of a CLIENT, as properties. */
export interface Client extends HelloOptions, HiccupOptions {}

/**
 * Sends to its {@link Server} peers in turn, and receives from all of them. A
 * message has one frame.
 *
 * Draft: it may change with RFC 41.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using server = new zmq.Server();
 * await using client = new zmq.Client();
 * await server.bind("tcp://127.0.0.1:*");
 * client.connect(server.lastEndpoint!);
 *
 * await client.send("ping");
 * const [, { routingId }] = await server.receive();
 * await server.send("pong", { routingId });
 * const [answer] = await client.receive();
 * ```
 */
export class Client extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: ClientOptions = {}) {
    super(CLIENT, options, (values) => new ClientPattern(values));
  }
}

class ClientPattern extends DealerPattern {
  override send(message: Message): boolean {
    return super.send(requireSingleFrame(CLIENT, message));
  }
}
