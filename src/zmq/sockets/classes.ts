/**
 * Layer: sockets. The class of every socket type, under the name that its row in
 * `../socket_types.ts` gives it.
 *
 * @module
 */
export { Channel } from "./channel.ts";
export { Client } from "./client.ts";
export { Datagram } from "./datagram.ts";
export { Dealer } from "./dealer.ts";
export { Dish } from "./dish.ts";
export { Gather } from "./gather.ts";
export { Pair } from "./pair.ts";
export { Peer } from "./peer.ts";
export { Publisher } from "./pub.ts";
export { Pull } from "./pull.ts";
export { Push } from "./push.ts";
export { Radio } from "./radio.ts";
export { Reply } from "./reply.ts";
export { Request } from "./request.ts";
export { Router } from "./router.ts";
export { Scatter } from "./scatter.ts";
export { Server } from "./server.ts";
export { Stream } from "./stream.ts";
export { Subscriber } from "./sub.ts";
export { XPublisher } from "./xpub.ts";
export { XSubscriber } from "./xsub.ts";
