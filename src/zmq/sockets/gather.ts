/**
 * Layer: sockets. GATHER (RFC 49, draft): receives work, as PULL does.
 *
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - MUST discard any part of a multipart message; the session does that.
 *
 * @module
 */
import type { ConflateOptions, ReceiveOptions } from "../options/values.ts";
import { GATHER } from "../types.ts";
import { ReadableSocket } from "./send_receive.ts";
import { PullPattern } from "./pull.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a GATHER, as properties. */
export interface Gather extends ConflateOptions {}

/**
 * Receives from its {@link Scatter} peers, in turn.
 *
 * Draft: it may change with RFC 49.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using gather = new zmq.Gather();
 * await using scatter = new zmq.Scatter();
 * await gather.bind("inproc://results");
 * scatter.connect("inproc://results");
 *
 * await scatter.send("a result");
 * const [result] = await gather.receive();
 * ```
 */
export class Gather extends ReadableSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(
    options: SocketOptions & Partial<ReceiveOptions & ConflateOptions> = {},
  ) {
    super(GATHER, options, () => new PullPattern());
  }
}
