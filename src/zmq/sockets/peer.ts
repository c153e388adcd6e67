/**
 * Layer: sockets. PEER (RFC 51, draft): exchanges messages with other PEERs,
 * each addressed by its routing id.
 *
 * - SHALL identify each peer by a routing id, a non-zero 32-bit unsigned integer.
 * - SHALL provide the application with an API to connect and retrieve the
 *   routing id in atomic manner.
 * - SHALL NOT allow the peer to specify its routing id.
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL return an error if the peer does not exist.
 * - SHALL block on sending if the peer's queue is full.
 * - MUST NOT send multipart messages, and MUST discard those that come.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { HiccupOptions } from "../options/values.ts";
import { PEER } from "../types.ts";
import { RoutedSocket, type RoutedSocketOptions } from "./routed.ts";

/** The options of a PEER. */
export interface PeerOptions
  extends RoutedSocketOptions, Partial<HiccupOptions> {}

/** The options of a PEER, as properties. */
export interface Peer extends HiccupOptions {}

/**
 * Exchanges messages with any number of other PEERs, each addressed by its
 * routing id. A message has one frame.
 *
 * Draft: it may change with RFC 51.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using here = new zmq.Peer();
 * await using there = new zmq.Peer();
 * await there.bind("tcp://127.0.0.1:*");
 *
 * const routingId = here.connectPeer(there.lastEndpoint!);
 * await here.send("ping", { routingId });
 * const [, from] = await there.receive();
 * await there.send("pong", from);
 * const [pong] = await here.receive();
 * ```
 */
export class Peer extends RoutedSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: PeerOptions = {}) {
    super(PEER, options);
  }

  /**
   * Connects to an address and returns the routing id of the peer there.
   * Messages to it wait for the connection, and the id stays the same after a
   * reconnect.
   *
   * @throws {ZmqError} `EINVAL` or `EPROTONOSUPPORT` for a malformed address;
   *   `EINVAL` with the option `immediate`, as there is no peer before the
   *   connection exists.
   */
  connectPeer(address: string): number {
    if (this.immediate) {
      throw new ZmqError(
        "EINVAL",
        `Cannot connect to "${address}" and return a routing id: with the option immediate the peer does not have one yet`,
        { address },
      );
    }
    this.connect(address);
    return this.lastRoutingId;
  }
}
