/**
 * Layer: native.
 *
 * The classes of sockets: sending, receiving, both; with routing ids; with topics.
 *
 * @module
 */
import type { Message, MessageLike, RouterConnectOptions } from "../zmq/mod.ts";
import { NativeSocket } from "./socket.ts";

/** The numbers of these options in libzmq. */
const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;

/** A socket that sends: PUB, PUSH. */
export class NativeWriter extends NativeSocket {
  /**
   * Sends a message if that needs no waiting. Frames above 128 bytes are not
   * copied: do not change them afterwards.
   *
   * @returns Whether it was sent.
   * @throws {ZmqError} `EHOSTUNREACH`, `EFSM`, `EINVAL` or `EBADF`.
   */
  trySend(message: MessageLike | readonly MessageLike[]): boolean {
    return this.trySendMessage(message);
  }
}

/** A socket that receives: PULL. */
export class NativeReader extends NativeSocket {
  /** Receives a message if one has arrived; `undefined` if not. */
  tryReceive(): Message | undefined {
    return this.tryReceiveMessage();
  }
}

/** A socket that does both: PAIR, REQ, REP, DEALER, XPUB, XSUB. */
export class NativeDuplex extends NativeWriter {
  /** Receives a message if one has arrived; `undefined` if not. */
  tryReceive(): Message | undefined {
    return this.tryReceiveMessage();
  }
}

/** A socket that addresses its peers by routing id: ROUTER, STREAM. */
export class NativeRouter extends NativeDuplex {
  /**
   * Connects, and reconnects by itself.
   *
   * @param address The address.
   * @param options The routing id to give to the peer.
   * @throws {ZmqError} `EINVAL` or `EPROTONOSUPPORT` for a malformed address or routing id.
   */
  override connect(
    address: string,
    { routingId }: RouterConnectOptions = {},
  ): void {
    if (routingId !== undefined) this.nameNextPeer(routingId);
    super.connect(address);
  }
}

/** A socket that receives the topics that it has subscribed to: SUB. */
export class NativeSubscriber extends NativeReader {
  /** Subscribes to topics by their prefixes; counted. */
  subscribe(...topics: Uint8Array[]): void {
    this.changeTopics(SUBSCRIBE, topics);
  }

  /** Unsubscribes; counted. */
  unsubscribe(...topics: Uint8Array[]): void {
    this.changeTopics(UNSUBSCRIBE, topics);
  }
}
