/**
 * Layer: sockets. Creates a socket by the number of its type, for those who
 * name types as libzmq and Python do: `zmq.REQ`.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { SocketType } from "../types.ts";
import { Dealer, type DealerOptions } from "./dealer.ts";
import { Pair } from "./pair.ts";
import { Publisher } from "./pub.ts";
import { Pull } from "./pull.ts";
import { Push } from "./push.ts";
import { Reply } from "./reply.ts";
import { Request } from "./request.ts";
import { Router } from "./router.ts";
import { Subscriber } from "./sub.ts";
import { XPublisher } from "./xpub.ts";
import { XSubscriber } from "./xsub.ts";

const CLASSES = [
  Pair,
  Publisher,
  Subscriber,
  Request,
  Reply,
  Dealer,
  Router,
  Pull,
  Push,
  XPublisher,
  XSubscriber,
] as const;

/** The class of each socket type, in the order of their numbers. */
export interface SocketOfType {
  /** PAIR */
  0: Pair;
  /** PUB */
  1: Publisher;
  /** SUB */
  2: Subscriber;
  /** REQ */
  3: Request;
  /** REP */
  4: Reply;
  /** DEALER */
  5: Dealer;
  /** ROUTER */
  6: Router;
  /** PULL */
  7: Pull;
  /** PUSH */
  8: Push;
  /** XPUB */
  9: XPublisher;
  /** XSUB */
  10: XSubscriber;
}

/** The options that each socket type is created with. */
export interface OptionsOfType {
  /** PAIR */
  0: NonNullable<ConstructorParameters<typeof Pair>[0]>;
  /** PUB */
  1: NonNullable<ConstructorParameters<typeof Publisher>[0]>;
  /** SUB */
  2: NonNullable<ConstructorParameters<typeof Subscriber>[0]>;
  /** REQ */
  3: NonNullable<ConstructorParameters<typeof Request>[0]>;
  /** REP */
  4: NonNullable<ConstructorParameters<typeof Reply>[0]>;
  /** DEALER */
  5: DealerOptions;
  /** ROUTER */
  6: NonNullable<ConstructorParameters<typeof Router>[0]>;
  /** PULL */
  7: NonNullable<ConstructorParameters<typeof Pull>[0]>;
  /** PUSH */
  8: NonNullable<ConstructorParameters<typeof Push>[0]>;
  /** XPUB */
  9: NonNullable<ConstructorParameters<typeof XPublisher>[0]>;
  /** XSUB */
  10: NonNullable<ConstructorParameters<typeof XSubscriber>[0]>;
}

/**
 * Creates a socket.
 *
 * @param type A number such as `zmq.REQ`.
 * @throws {ZmqError} `EINVAL` if there is no such type, or for its options.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using socket = zmq.createSocket(zmq.PULL, { receiveTimeout: 100 });
 * await socket.bind("tcp://127.0.0.1:*");
 * ```
 */
export function createSocket<T extends SocketType>(
  type: T,
  options: OptionsOfType[T] = {},
): SocketOfType[T] {
  const Class = CLASSES[type] as
    | (new (options: OptionsOfType[T]) => SocketOfType[T])
    | undefined;
  if (Class === undefined) {
    throw new ZmqError("EINVAL", `There is no socket type ${type}`);
  }
  return new Class(options);
}
