/**
 * Layer: sockets. STREAM: exchanges bytes with peers that do not speak ZeroMQ,
 * over raw TCP or Unix domain sockets, as libzmq's ZMQ_STREAM does
 * (zmq_socket(3)).
 *
 * - A received message is the peer's routing id and a chunk of bytes as it
 *   arrived. With the option `notify`, an empty chunk reports that the
 *   connection was opened or closed.
 * - A sent message is a routing id and bytes. No bytes close the connection,
 *   after everything that was sent before.
 * - An unknown peer is an error; a full queue makes `send` wait.
 *
 * Deliberately unlike libzmq, a new connection to the same address does not
 * start with unsent bytes of the last one.
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
import { DuplexSocket } from "./send_receive.ts";
import { checkRoutingId } from "./routing_id.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a STREAM. It does not have those of ZMTP, such as heartbeats and security. */
export interface StreamOptions
  extends SocketOptions, Partial<SendOptions & ReceiveOptions & StreamModes> {}

/** How to connect a STREAM. */
export interface StreamConnectOptions {
  /** The routing id for the peer. Default: the socket chooses one. */
  routingId?: string | Uint8Array;
}

/** The options of a STREAM, as properties. */
export interface Stream extends StreamModes {}

/**
 * Exchanges bytes with peers that do not speak ZeroMQ: sends and receives
 * `[routing id, bytes]`. Empty bytes are received when a connection is opened
 * and when it is closed; sending empty bytes closes the connection.
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
   * @throws {ZmqError} `EINVAL` also for a routing id that is invalid or in
   *   use.
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
