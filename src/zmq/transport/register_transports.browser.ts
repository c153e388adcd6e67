/**
 * Layer: transport. Registers the transports that a browser has.
 *
 * @module
 */
import { webSockets } from "./browser/web_sockets.ts";
import { registerTransport } from "./registry.ts";

registerTransport(webSockets("ws"));
registerTransport(webSockets("wss"));
