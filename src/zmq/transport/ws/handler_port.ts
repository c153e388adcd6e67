/**
 * Layer: transport. Lets sockets be bound to paths of a server of `Deno.serve` or
 * `Bun.serve`: it answers the upgrades for them, and makes wires of the
 * WebSockets of the runtime.
 *
 * @module
 */
import { formatHostPort } from "../../endpoint.ts";
import { ArgumentError } from "../../errors.ts";
import { MessageWire } from "../channel/message_wire.ts";
import { WebSocketChannel } from "../channel/web_socket_channel.ts";
import {
  type BunHandlers,
  bunHandlers,
  type BunServerLike,
  BunSocket,
} from "./bun_socket.ts";
import type { Subprotocol } from "./subprotocol.ts";
import { refusalHeaders, UpgradeError } from "./upgrade.ts";
import { malformed, parse } from "./ws_address.ts";
import { SERVER_OPTIONS, WsPort } from "./ws_port.ts";
import { addPort, keysOf } from "./ws_ports.ts";

export type {
  BunHandlers,
  BunServerLike,
  BunSocketLike,
} from "./bun_socket.ts";

/** What is used of the second argument of a handler of `Deno.serve`. */
export interface DenoRequestInfo {
  /** Who has sent the request. */
  readonly remoteAddr: object;
}

/** A server of requests that has paths of sockets. */
export interface SharedHandler extends Disposable {
  /** Its address, such as `ws://127.0.0.1:8080`; with a path, sockets can be bound to it. */
  readonly endpoint: string;
  /**
   * Answers a request that is for a socket.
   *
   * @param server The second argument of the server's handler.
   * @returns The response, or undefined for all other requests.
   * @throws {ArgumentError} `EINVAL` if the server is neither that of Deno nor of
   *   Bun.
   */
  handle(
    request: Request,
    server: DenoRequestInfo | BunServerLike,
  ): Response | undefined;
  /**
   * The option `websocket` of `Bun.serve`, which has one for all WebSockets.
   *
   * @param own The application's handlers, for its own WebSockets.
   */
  websocket(own?: BunHandlers): BunHandlers;
  /** Ends the sharing: upgrades are the application's again. Connections stay. */
  close(): void;
}

interface DenoLike {
  upgradeWebSocket(request: Request): { socket: WebSocket; response: Response };
}

/** See `shareHandler` of `share_handler.ts`. */
export class HandlerPort implements SharedHandler {
  readonly endpoint: string;
  readonly #port: WsPort;
  readonly #remove: () => void;

  constructor(address: string) {
    const { target, path } = parse(address);
    if (path !== "" || target.port === 0) {
      throw malformed(address, "expected the host and the port of the server");
    }
    const [scheme] = address.split(":");
    const keys = keysOf(scheme!, target.host, target.port);
    this.endpoint = keys.at(-1)!;
    this.#port = new WsPort(this.endpoint, SERVER_OPTIONS);
    this.#remove = addPort(keys, this.#port);
  }

  handle(
    request: Request,
    server: DenoRequestInfo | BunServerLike,
  ): Response | undefined {
    const { pathname, search } = new URL(request.url);
    if (!request.headers.has("upgrade") || !this.#port.has(pathname)) return;
    try {
      const { route, subprotocol } = this.#port.agree({
        start: `${request.method} ${pathname}${search} HTTP/1.1`,
        headers: new Map(request.headers),
      });
      const accept = (socket: WebSocket | BunSocket, remoteAddress: string) =>
        this.#port.give(
          route,
          new MessageWire(new WebSocketChannel(socket), {
            isServer: true,
            subprotocol,
            remoteAddress,
          }),
        );
      return this.#upgrade(request, server, subprotocol, accept);
    } catch (error) {
      if (!(error instanceof UpgradeError)) throw error;
      const { status } = error;
      return new Response(null, { status, headers: refusalHeaders(status) });
    }
  }

  websocket(own?: BunHandlers): BunHandlers {
    return bunHandlers(own);
  }

  close(): void {
    this.#remove();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #upgrade(
    request: Request,
    server: DenoRequestInfo | BunServerLike,
    { name }: Subprotocol,
    accept: (socket: WebSocket | BunSocket, remoteAddress: string) => void,
  ): Response {
    if ("requestIP" in server) {
      const { address, port } = server.requestIP(request) ?? {};
      const remote = this.#remoteOf(address, port);
      const isDone = server.upgrade(request, {
        headers: { "Sec-WebSocket-Protocol": name },
        data: new BunSocket((socket) => accept(socket, remote)),
      });
      // Bun ignores the response to a request that it has upgraded.
      return new Response(null, { status: isDone ? 204 : 400 });
    }
    const { Deno } = globalThis as { Deno?: DenoLike };
    if (Deno === undefined || server?.remoteAddr === undefined) {
      throw new ArgumentError(
        "handle needs the second argument of the handler of Deno.serve or Bun.serve",
      );
    }
    const { hostname, port } = server.remoteAddr as {
      hostname?: string;
      port?: number;
    };
    // Without a subprotocol: it would reject an offer with a slash.
    const { socket, response } = Deno.upgradeWebSocket(request);
    response.headers.set("Sec-WebSocket-Protocol", name);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => accept(socket, this.#remoteOf(hostname, port));
    return response;
  }

  #remoteOf(host = "", port?: number): string {
    const [scheme] = this.endpoint.split(":");
    return `${scheme}://${formatHostPort(host, port)}`;
  }
}
