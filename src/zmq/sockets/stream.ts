/**
 * Layer: sockets. STREAM: talks to peers that do not speak ZeroMQ, over bare
 * TCP or Unix domain sockets, as libzmq's ZMQ_STREAM does (zmq_socket(3)).
 *
 * - A message that is received is the peer's routing id and bytes, in the
 *   pieces in which they came; with the option `notify`, no bytes at all mean
 *   that the connection was made, or is over.
 * - A message that is sent is a routing id and bytes; no bytes at all close the
 *   connection behind what was sent before.
 * - A peer that is not there is an error, and a full queue is waited for.
 *
 * Deliberately unlike libzmq, a connection that is made again does not begin
 * with what was left of the last one.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type {
  ReceiveOptions,
  SendOptions,
  StreamModes,
} from "../options/values.ts";
import type { Pipe } from "../routing/pipe.ts";
import { STREAM } from "../types.ts";
import { AddressedPattern } from "./addressed.ts";
import { DuplexSocket } from "./flow.ts";
import { checkRoutingId } from "./routing_id.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a STREAM. Those of ZMTP, such as heartbeats and security, it does not have. */
export interface StreamOptions
  extends SocketOptions, Partial<SendOptions & ReceiveOptions & StreamModes> {}

/** How to connect a STREAM. */
export interface StreamConnectOptions {
  /** The routing id to give the peer. Without one, the socket chooses it. */
  routingId?: string | Uint8Array;
}

/** The options of a STREAM, as properties. */
export interface Stream extends StreamModes {}

/**
 * Talks to peers that do not speak ZeroMQ: sends and receives
 * `[routing id, bytes]`. An empty part comes when a connection was made, and
 * when it is over; an empty part that is sent closes the connection.
 *
 * @example A small HTTP server
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using server = new zmq.Stream();
 * await server.bind("tcp://127.0.0.1:*");
 * const url = server.lastEndpoint!.replace("tcp:", "http:");
 * const answer = fetch(url).then((response) => response.text());
 *
 * for await (const [peer, bytes] of server) {
 *   if (bytes!.byteLength === 0) continue; // it has connected
 *   await server.send([peer!, "HTTP/1.0 200 OK\r\n\r\nHello"]);
 *   await server.send([peer!, ""]);
 *   break;
 * }
 * console.log(await answer); // Hello
 * ```
 */
export class Stream extends DuplexSocket {
  readonly #peers: AddressedPattern;

  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: StreamOptions = {}) {
    const pattern = new StreamPattern();
    super(STREAM, options, () => pattern);
    this.#peers = pattern;
  }

  /**
   * Connects to a `tcp://` or `ipc://` address; see {@link DuplexSocket.connect}.
   *
   * @throws {ZmqError} `EINVAL` also for a routing id that cannot be used, or
   *   that is in use.
   */
  override connect(address: string, options: StreamConnectOptions = {}): void {
    if (options.routingId === undefined) return super.connect(address);
    const id = checkRoutingId(options.routingId);
    if (this.#peers.has(id)) {
      throw new ZmqError(
        "EINVAL",
        `Cannot connect to "${address}": another peer already has this routing id`,
        { address },
      );
    }
    this.connectTo(address, id);
  }
}

class StreamPattern extends AddressedPattern {
  override send(message: Message): boolean {
    if (message.length === 2) return super.send(message);
    throw new ZmqError(
      "EINVAL",
      `A STREAM message is a routing id and a body, not ${message.length} frames`,
    );
  }

  protected override deliver(pipe: Pipe, body: Uint8Array): boolean {
    if (body.byteLength > 0) return pipe.write([body]);
    pipe.close();
    return true;
  }
}
