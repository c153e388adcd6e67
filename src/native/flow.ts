/**
 * Layer: native.
 *
 * The halves of a socket: sending, receiving, both; and topics.
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
   * Sends a message if that needs no waiting. Bytes above 128 are not copied:
   * leave them unchanged.
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
  /** Receives a message if one is there; `undefined` if not. */
  tryReceive(): Message | undefined {
    return this.tryReceiveMessage();
  }
}

/** A socket that does both: PAIR, REQ, REP, DEALER, XPUB, XSUB. */
export class NativeDuplex extends NativeWriter {
  /** Receives a message if one is there; `undefined` if not. */
  tryReceive(): Message | undefined {
    return this.tryReceiveMessage();
  }
}

/** A socket that names its peers: ROUTER, STREAM. */
export class NativeRouter extends NativeDuplex {
  /**
   * Connects, and reconnects by itself.
   *
   * @param address Where to.
   * @param options The routing id that the peer shall have here.
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

/** A socket that receives what it has subscribed to: SUB. */
export class NativeSubscriber extends NativeReader {
  /** Subscribes to what begins so; counted. */
  subscribe(...topics: Uint8Array[]): void {
    this.changeTopics(SUBSCRIBE, topics);
  }

  /** Takes a subscription back. */
  unsubscribe(...topics: Uint8Array[]): void {
    this.changeTopics(UNSUBSCRIBE, topics);
  }
}
