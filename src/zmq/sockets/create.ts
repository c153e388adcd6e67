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
  0: Pair;
  1: Publisher;
  2: Subscriber;
  3: Request;
  4: Reply;
  5: Dealer;
  6: Router;
  7: Pull;
  8: Push;
  9: XPublisher;
  10: XSubscriber;
}

/** The options that each socket type is created with. */
export interface OptionsOfType {
  0: NonNullable<ConstructorParameters<typeof Pair>[0]>;
  1: NonNullable<ConstructorParameters<typeof Publisher>[0]>;
  2: NonNullable<ConstructorParameters<typeof Subscriber>[0]>;
  3: NonNullable<ConstructorParameters<typeof Request>[0]>;
  4: NonNullable<ConstructorParameters<typeof Reply>[0]>;
  5: DealerOptions;
  6: NonNullable<ConstructorParameters<typeof Router>[0]>;
  7: NonNullable<ConstructorParameters<typeof Pull>[0]>;
  8: NonNullable<ConstructorParameters<typeof Push>[0]>;
  9: NonNullable<ConstructorParameters<typeof XPublisher>[0]>;
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
