/**
 * Layer: transport. A WebSocket of `Bun.serve`, whose events come through the
 * handlers of the server, as one with handlers of its own.
 *
 * @module
 */
import type { WebSocketLike } from "../channel/web_socket_channel.ts";

/** What is used of the server that `Bun.serve` returns, and gives its handler. */
export interface BunServerLike {
  /** Makes a WebSocket of a request. */
  upgrade(request: Request, options: object): boolean;
  /** Who has sent a request. */
  requestIP(
    request: Request,
  ): { readonly address: string; readonly port: number } | null;
}

/** What is used of a WebSocket of `Bun.serve`. */
export interface BunSocketLike {
  readonly data: unknown;
  readonly readyState: number;
  binaryType?: string;
  send(message: Uint8Array): number;
  getBufferedAmount(): number;
  close(code?: number, reason?: string): void;
}

/** The option `websocket` of `Bun.serve`. */
// deno-lint-ignore no-explicit-any -- the application's handlers have types of its own
export type BunHandlers = { [name: string]: any };

/** One WebSocket. */
export class BunSocket implements WebSocketLike {
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  readonly #accept: (socket: BunSocket) => void;
  #socket: BunSocketLike | undefined;

  /** @param accept Called when it is open. */
  constructor(accept: (socket: BunSocket) => void) {
    this.#accept = accept;
  }

  get readyState(): number {
    return this.#socket!.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket!.getBufferedAmount();
  }

  /** Sends a message. If Bun has dropped it, as above `backpressureLimit`, the connection ends. */
  send(message: Uint8Array): void {
    const isDropped = this.#socket!.send(message) === 0;
    if (isDropped && this.readyState === 1) this.close(1011);
  }

  close(code: number): void {
    this.#socket!.close(code);
  }

  /** Bun has opened it. */
  opened(socket: BunSocketLike): void {
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#accept(this);
  }
}

/** The handlers of a server: those of our sockets, and the application's for its own. */
export function bunHandlers(own: BunHandlers = {}): BunHandlers {
  const event =
    (name: string, ours: (socket: BunSocket, ...args: unknown[]) => void) =>
    (socket: BunSocketLike, ...args: unknown[]) =>
      socket.data instanceof BunSocket
        ? ours(socket.data, ...args)
        : own[name]?.(socket, ...args);
  return {
    backpressureLimit: 0, // beyond one, Bun drops messages
    ...own,
    open: (socket: BunSocketLike) =>
      socket.data instanceof BunSocket
        ? socket.data.opened(socket)
        : own.open?.(socket),
    message: event(
      "message",
      (socket, data) => socket.onmessage?.({ data } as MessageEvent),
    ),
    close: event("close", (socket, code, reason) => {
      const how = { code: Number(code), reason: String(reason) };
      socket.onclose?.(how as CloseEvent);
    }),
    drain: event("drain", () => {}),
  };
}
