/**
 * Layer: zeromq. The draft types that `zeromq/draft` exports.
 *
 * @module
 */
import "../transport/register_transports.ts";
import "../sockets/create.ts"; // it says which classes are ours
export { Client } from "../sockets/client.ts";
export { Datagram } from "../sockets/datagram.ts";
export { Dish } from "../sockets/dish.ts";
export { Gather } from "../sockets/gather.ts";
export { Radio } from "../sockets/radio.ts";
export { Scatter } from "../sockets/scatter.ts";
export { Server } from "../sockets/server.ts";
