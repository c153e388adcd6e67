/**
 * Layer: proxy. The three classic devices: a running proxy whose sockets are
 * created and bound.
 *
 * @module
 */
import { Dealer, type DealerOptions } from "../sockets/dealer.ts";
import { Pull } from "../sockets/pull.ts";
import { Push } from "../sockets/push.ts";
import { Router, type RouterOptions } from "../sockets/router.ts";
import type { Socket } from "../sockets/socket.ts";
import { XPublisher, type XPublisherOptions } from "../sockets/xpub.ts";
import { XSubscriber } from "../sockets/xsub.ts";
import { Proxy, type ProxyOptions } from "./proxy.ts";

/** The options of a device and of its two sockets. */
export interface DeviceOptions<F, B> extends ProxyOptions {
  /** The options of the front end. */
  frontEnd?: F | undefined;
  /** The options of the back end. */
  backEnd?: B | undefined;
}

/** The options of `queue`. */
export type QueueOptions = DeviceOptions<RouterOptions, DealerOptions>;

/** The options of `forwarder`. */
export type ForwarderOptions = DeviceOptions<
  NonNullable<ConstructorParameters<typeof XSubscriber>[0]>,
  XPublisherOptions
>;

/** The options of `streamer`. */
export type StreamerOptions = DeviceOptions<
  NonNullable<ConstructorParameters<typeof Pull>[0]>,
  NonNullable<ConstructorParameters<typeof Push>[0]>
>;

/**
 * Distributes requests among workers: clients (REQ, DEALER) connect to the
 * front end, workers (REP, ROUTER) to the back end.
 *
 * @param front The address to bind the front end to, a ROUTER.
 * @param back The address to bind the back end to, a DEALER.
 * @returns The running device; `close()` ends it, `run()` settles when it ends.
 * @throws {ZmqError} An address cannot be bound; everything is closed then.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using device = await zmq.queue("tcp://127.0.0.1:*", "inproc://workers");
 * await using worker = new zmq.Reply();
 * await using client = new zmq.Request();
 * worker.connect("inproc://workers");
 * client.connect(device.frontEnd.lastEndpoint!);
 * await client.send("a job");
 * await worker.receive();
 * await worker.send("done");
 * await client.receive();
 * ```
 */
export function queue(
  front: string,
  back: string,
  options: QueueOptions = {},
): Promise<Proxy<Router, Dealer>> {
  const { frontEnd, backEnd } = options;
  return start(
    front,
    back,
    options,
    () => new Router(frontEnd),
    () => new Dealer(backEnd),
  );
}

/**
 * Connects many publishers with many subscribers: publishers (PUB, XPUB)
 * connect to the front end, subscribers (SUB, XSUB) to the back end.
 * Subscriptions are forwarded to the publishers, so they only send what has a
 * subscriber.
 *
 * @param front The address to bind the front end to, an XSUB.
 * @param back The address to bind the back end to, an XPUB.
 * @returns The running device; `close()` ends it, `run()` settles when it ends.
 * @throws {ZmqError} An address cannot be bound; everything is closed then.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using device = await zmq.forwarder("inproc://in", "inproc://out");
 * await using publisher = new zmq.XPublisher();
 * await using subscriber = new zmq.Subscriber();
 * publisher.connect("inproc://in");
 * subscriber.connect("inproc://out");
 * subscriber.subscribe("news");
 * await publisher.receive(); // the subscription has arrived
 * await publisher.send(["news", "all is well"]);
 * await subscriber.receive();
 * ```
 */
export function forwarder(
  front: string,
  back: string,
  options: ForwarderOptions = {},
): Promise<Proxy<XSubscriber, XPublisher>> {
  const { frontEnd, backEnd } = options;
  return start(
    front,
    back,
    options,
    () => new XSubscriber(frontEnd),
    () => new XPublisher(backEnd),
  );
}

/**
 * Distributes work: producers (PUSH) connect to the front end, consumers (PULL)
 * to the back end. While there is no consumer, the producers have to wait.
 *
 * @param front The address to bind the front end to, a PULL.
 * @param back The address to bind the back end to, a PUSH.
 * @returns The running device; `close()` ends it, `run()` settles when it ends.
 * @throws {ZmqError} An address cannot be bound; everything is closed then.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using device = await zmq.streamer("inproc://work", "inproc://hands");
 * await using push = new zmq.Push();
 * await using pull = new zmq.Pull();
 * push.connect("inproc://work");
 * pull.connect("inproc://hands");
 * await push.send("a piece of work");
 * await pull.receive();
 * ```
 */
export function streamer(
  front: string,
  back: string,
  options: StreamerOptions = {},
): Promise<Proxy<Pull, Push>> {
  const { frontEnd, backEnd } = options;
  return start(
    front,
    back,
    options,
    () => new Pull(frontEnd),
    () => new Push(backEnd),
  );
}

async function start<F extends Socket, B extends Socket>(
  front: string,
  back: string,
  options: ProxyOptions,
  createFront: () => F,
  createBack: () => B,
): Promise<Proxy<F, B>> {
  const sockets: Socket[] = [];
  try {
    const frontEnd = createFront();
    sockets.push(frontEnd);
    const backEnd = createBack();
    sockets.push(backEnd);
    await frontEnd.bind(front);
    await backEnd.bind(back);
    const proxy = new Proxy(frontEnd, backEnd, options);
    proxy.run().catch(() => {}); // reported to the caller of `run` or `close`
    return proxy;
  } catch (error) {
    await Promise.all(sockets.map((socket) => socket.close()));
    throw error;
  }
}
