/**
 * Layer: transport. ZeroMQ on a server of the application that answers
 * `Request`s: `Deno.serve`, `Bun.serve`.
 *
 * @module
 */
import type { SharedHandler } from "./handler_port.ts";

export type {
  BunHandlers,
  BunServerLike,
  BunSocketLike,
  DenoRequestInfo,
  SharedHandler,
} from "./handler_port.ts";

/**
 * Lets sockets be bound to paths of a server of `Deno.serve` or `Bun.serve`, so
 * that pages, an API and ZeroMQ have one port. Call `handle` first in the
 * server's handler: it has an answer for upgrades to the paths of sockets, and
 * none for any other request. On Bun, `websocket()` is needed as well.
 *
 * The runtime speaks WebSocket here, so it decides how large a message may be
 * before `maxMessageSize` is checked, and it cannot hold back a peer: 32 MiB may
 * wait for a socket that does not receive, beyond which the connection ends with
 * `ENOBUFS`. `shareServer`, for `node:http`, has neither limit, on all runtimes.
 *
 * @param address Where the server listens, such as `ws://127.0.0.1:8080`; with
 *   TLS `wss://`.
 * @throws {ZmqError} `EINVAL` if the address is malformed, or has a path.
 *
 * @example
 * ```ts no-run
 * import { zmq } from "@agentzero/agentzero";
 *
 * const shared = await zmq.shareHandler("ws://127.0.0.1:8080");
 * Deno.serve(
 *   { hostname: "127.0.0.1", port: 8080 },
 *   (request, info) => shared.handle(request, info) ?? new Response("a page"),
 * );
 * const reply = new zmq.Reply();
 * await reply.bind(`${shared.endpoint}/questions`);
 * ```
 */
export async function shareHandler(address: string): Promise<SharedHandler> {
  const { HandlerPort } = await import("./handler_port.ts");
  return new HandlerPort(address);
}
