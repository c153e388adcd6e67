/**
 * Layer: sockets. DGRAM: exchanges datagrams with any program that speaks UDP,
 * as libzmq's ZMQ_DGRAM does (zmq_socket(3), zmq_udp(7)).
 *
 * - A message is the peer's address, such as `127.0.0.1:5555`, and the bytes of
 *   a datagram.
 * - A datagram may be lost, repeated or overtaken, and is never sent again.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { ipPortOf } from "../engine/datagram_format.ts";
import type { Message } from "../message.ts";
import type { ReceiveOptions, SendOptions } from "../options/values.ts";
import { DGRAM } from "../types.ts";
import { decodeText } from "../bytes.ts";
import { requireDatagramSize } from "./datagram_size.ts";
import { PairPattern } from "./pair.ts";
import { DuplexSocket } from "./send_receive.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a DGRAM. It does not have those of ZMTP, such as heartbeats and security. */
export interface DatagramOptions
  extends SocketOptions, Partial<SendOptions & ReceiveOptions> {}

/**
 * Sends and receives datagrams of UDP: `[address, bytes]`. It binds one address
 * `udp://…`; it does not connect.
 *
 * Draft in libzmq.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using here = new zmq.Datagram();
 * await using there = new zmq.Datagram();
 * await here.bind("udp://127.0.0.1:*");
 * await there.bind("udp://127.0.0.1:*");
 *
 * const address = there.lastEndpoint!.replace("udp://", "");
 * await here.send([address, "hello"]);
 * const [from, bytes] = await there.receive();
 * console.log(`${bytes} from ${from}`);
 * ```
 */
export class Datagram extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: DatagramOptions = {}) {
    super(DGRAM, options, () => new DatagramPattern());
  }
}

/** One port; messages are checked before they are queued for it. */
class DatagramPattern extends PairPattern {
  override send(message: Message): boolean {
    const [address, body] = message;
    if (message.length !== 2) {
      throw new ZmqError(
        "EINVAL",
        `A DGRAM sends an address and a body, not ${message.length} frames`,
      );
    }
    if (ipPortOf(address!) === undefined) {
      throw new ZmqError(
        "EINVAL",
        `Malformed address "${
          decodeText(address!)
        }": expected an IP address and a port, such as 127.0.0.1:5555`,
      );
    }
    requireDatagramSize(0, body!);
    return super.send(message);
  }
}
