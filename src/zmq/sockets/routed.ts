/**
 * Layer: sockets. The public part of SERVER and PEER: messages of one frame,
 * together with the peer's routing id, a number that the socket has assigned.
 *
 * Internally, the id is the frame that `AddressedPattern` puts before a
 * message: a zero byte, then the number in four bytes.
 *
 * @module
 */
import { isIntegerIn } from "../integers.ts";
import { allocate } from "../bytes.ts";
import type { WaitOptions } from "../../async/wait_queue.ts";
import { ZmqError } from "../errors.ts";
import { type Frame, type MessageLike, toMessage } from "../message.ts";
import type {
  DisconnectOptions,
  HelloOptions,
  ReceiveOptions,
  SendOptions,
} from "../options/values.ts";
import type { SocketType } from "../types.ts";
import { AddressedPattern } from "./addressed.ts";
import { iterate } from "./send_receive.ts";
import { requireSingleFrame } from "./single_frame.ts";
import { Socket, type SocketOptions } from "./socket.ts";

/** The sender or the receiver of a message. */
export interface RoutingId {
  /** The number that the socket has assigned to the peer: an integer from 1 to 4,294,967,295. */
  routingId: number;
}

/** A message of one frame, and its sender. */
export type RoutedMessage = [body: Frame, from: RoutingId];

/** The options of a SERVER or a PEER. */
export interface RoutedSocketOptions
  extends
    SocketOptions,
    Partial<SendOptions & ReceiveOptions & HelloOptions & DisconnectOptions> {}

/** The options of a SERVER or a PEER, as properties. */
export interface RoutedSocket
  extends SendOptions, ReceiveOptions, HelloOptions, DisconnectOptions {}

/** A socket that addresses each of its peers by a number. */
export abstract class RoutedSocket extends Socket {
  readonly #peers: AddressedPattern;

  /** @internal */
  protected constructor(
    type: SocketType,
    options: RoutedSocketOptions,
  ) {
    const pattern = new AddressedPattern();
    super(type, options, () => pattern);
    this.#peers = pattern;
  }

  /**
   * Sends a message of one frame to a peer; waits while its queue is full.
   *
   * @returns Resolves once the message is queued for the peer.
   * @throws {ZmqError} `EHOSTUNREACH` if there is no such peer, `EAGAIN` after
   *   a timeout, `EINVAL` for more than one frame.
   */
  async send(
    message: MessageLike | readonly [MessageLike],
    options: RoutingId & WaitOptions,
  ): Promise<void> {
    const [body] = requireSingleFrame(this.type, toMessage(message));
    const id = idOf(options?.routingId);
    await this.sendMessage([id, body!], options);
  }

  /**
   * Receives a message and its sender.
   *
   * @throws {ZmqError} `EAGAIN` after a timeout or if the socket is closed
   *   meanwhile, `EBADF` if it was closed before.
   */
  async receive(options?: WaitOptions): Promise<RoutedMessage> {
    const [id, body] = await this.receiveMessage(options);
    return [body as Frame, { routingId: numberOf(id!) }];
  }

  /** Iterates over messages until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<RoutedMessage> {
    return iterate(this);
  }

  /** @internal The routing id of the newest peer. */
  protected get lastRoutingId(): number {
    return numberOf(this.#peers.lastId!);
  }
}

function numberOf(id: Uint8Array): number {
  return new DataView(id.buffer, id.byteOffset).getUint32(1);
}

function idOf(routingId: number): Uint8Array {
  if (!isIntegerIn(routingId, 1, 0xffffffff)) {
    throw new ZmqError(
      "EINVAL",
      `The routingId of a message cannot be ${
        String(routingId)
      }: expected an integer from 1 to 4294967295`,
    );
  }
  const id = allocate(5);
  id[0] = 0;
  new DataView(id.buffer, id.byteOffset).setUint32(1, routingId);
  return id;
}
