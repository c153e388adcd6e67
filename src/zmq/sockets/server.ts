/**
 * Layer: sockets. SERVER (RFC 41, draft): replies to CLIENTs, in any order.
 *
 * - SHALL identify each peer by a routing id, a non-zero 32-bit unsigned integer.
 * - SHALL NOT allow the peer to specify its routing id.
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL return an error if the peer does not exist.
 * - SHALL block on sending if the peer's queue is full.
 * - MUST NOT send multipart messages, and MUST discard those that come.
 *
 * @module
 */
import { SERVER } from "../types.ts";
import { RoutedSocket, type RoutedSocketOptions } from "./routed.ts";

/**
 * Receives from {@link Client}s, and replies to each by its routing id, in any
 * order. A message has one frame.
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
 * await client.send("a question");
 *
 * for await (const [question, { routingId }] of server) {
 *   await server.send(`${question}? An answer.`, { routingId });
 *   break;
 * }
 * const [answer] = await client.receive();
 * ```
 */
export class Server extends RoutedSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: RoutedSocketOptions = {}) {
    super(SERVER, options);
  }
}
