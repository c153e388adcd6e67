/**
 * Layer: transport. Registers the transports that Deno, Node and Bun have. The
 * modules that a program imports import it, no other part of the engine does.
 *
 * @module
 */
import { ipc } from "./ipc.ts";
import { registerTransport } from "./registry.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";
import { ws, wss } from "./ws/ws.ts";

registerTransport(tcp);
registerTransport(ipc);
registerTransport(ws);
registerTransport(wss);
registerTransport(udp);
