/**
 * Layer: sockets. Creates a socket by the number of its type, for those who
 * name types as libzmq and Python do: `zmq.REQ`.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { SocketType } from "../types.ts";
import { Channel } from "./channel.ts";
import { Client } from "./client.ts";
import { OWN_CLASSES } from "./configurable.ts";
import { Dealer, type DealerOptions } from "./dealer.ts";
import { Dish, type DishOptions } from "./dish.ts";
import { Gather } from "./gather.ts";
import { Pair } from "./pair.ts";
import { Peer } from "./peer.ts";
import { Publisher } from "./pub.ts";
import { Pull } from "./pull.ts";
import { Push } from "./push.ts";
import { Radio, type RadioOptions } from "./radio.ts";
import { Reply } from "./reply.ts";
import { Request } from "./request.ts";
import type { RoutedSocketOptions } from "./routed.ts";
import { Router } from "./router.ts";
import { Scatter } from "./scatter.ts";
import { Server } from "./server.ts";
import { Stream, type StreamOptions } from "./stream.ts";
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
  Stream,
  Server,
  Client,
  Radio,
  Dish,
  Gather,
  Scatter,
  undefined, // DGRAM
  Peer,
  Channel,
] as const;

for (const one of CLASSES) if (one !== undefined) OWN_CLASSES.add(one);

/** The number of DGRAM in libzmq. */
const DGRAM = 18;

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
  /** STREAM */
  11: Stream;
  /** SERVER; draft */
  12: Server;
  /** CLIENT; draft */
  13: Client;
  /** RADIO; draft */
  14: Radio;
  /** DISH; draft */
  15: Dish;
  /** GATHER; draft */
  16: Gather;
  /** SCATTER; draft */
  17: Scatter;
  /** PEER; draft */
  19: Peer;
  /** CHANNEL; draft */
  20: Channel;
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
  /** STREAM */
  11: StreamOptions;
  /** SERVER; draft */
  12: RoutedSocketOptions;
  /** CLIENT; draft */
  13: NonNullable<ConstructorParameters<typeof Client>[0]>;
  /** RADIO; draft */
  14: RadioOptions;
  /** DISH; draft */
  15: DishOptions;
  /** GATHER; draft */
  16: NonNullable<ConstructorParameters<typeof Gather>[0]>;
  /** SCATTER; draft */
  17: NonNullable<ConstructorParameters<typeof Scatter>[0]>;
  /** PEER; draft */
  19: RoutedSocketOptions;
  /** CHANNEL; draft */
  20: NonNullable<ConstructorParameters<typeof Channel>[0]>;
}

/**
 * Creates a socket.
 *
 * @param type A number such as `zmq.REQ`.
 * @throws {ZmqError} `EINVAL` if there is no such type, or for its options;
 *   `ENOTSUP` for DGRAM, which is UDP.
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
  if ((type as number) === DGRAM) {
    throw new ZmqError("ENOTSUP", "There are no DGRAM sockets here: no UDP");
  }
  if (Class === undefined) {
    throw new ZmqError("EINVAL", `There is no socket type ${type}`);
  }
  return new Class(options);
}
