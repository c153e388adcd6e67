/**
 * Layer: zeromq. What zeromq.js 6 exports, and nothing else.
 *
 * @module
 */
import "../transport/register_transports.ts";
import "../sockets/create.ts"; // it says which classes are ours
export { capability, version } from "../transport/capability.ts";
export { curveKeyPair } from "../zmtp/mechanism/curve_keys.ts";
export { Context, context } from "../engine/context.ts";
export { Observer } from "../engine/observer.ts";
export { Proxy } from "../proxy/proxy.ts";
export { Dealer } from "../sockets/dealer.ts";
export { Pair } from "../sockets/pair.ts";
export { Publisher } from "../sockets/pub.ts";
export { Pull } from "../sockets/pull.ts";
export { Push } from "../sockets/push.ts";
export { Reply } from "../sockets/reply.ts";
export { Request } from "../sockets/request.ts";
export { Router } from "../sockets/router.ts";
export { Socket } from "../sockets/socket.ts";
export { Stream } from "../sockets/stream.ts";
export { Subscriber } from "../sockets/sub.ts";
export { XPublisher } from "../sockets/xpub.ts";
export { XSubscriber } from "../sockets/xsub.ts";

export type { Event, EventOfType, EventType } from "../engine/observer.ts";
export type { MessageLike } from "../message.ts";
export type { RouterConnectOptions } from "../sockets/router.ts";
export type { StreamConnectOptions } from "../sockets/stream.ts";
export type {
  EventSubscriber,
  Message,
  Readable,
  SocketOptions,
  Writable,
} from "./types.ts";
