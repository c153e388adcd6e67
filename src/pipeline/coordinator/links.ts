/**
 * Layer: pipeline/coordinator. The connections to workers: a PUSH for each. A
 * connection that breaks and is not made again soon says that the process at
 * its other end is dead; one that is open and silent says nothing.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { encodeJson } from "../wire/json.ts";
import type { Down } from "../wire/messages.ts";
import { PUSH } from "../../zmq/mod.ts";

/** What becomes of a link. */
export interface LinkHandler {
  /** Jobs can be sent. */
  up(workerId: string): void;
  /** The worker is dead. */
  dead(workerId: string): void;
}

/** How links are made. */
export interface LinkOptions {
  /** How long a broken connection may take to be made again, in milliseconds. */
  readonly graceMs: number;
  /** The options of the sockets: the keys of CURVE. */
  readonly socketOptions: (publicKey: string | undefined) => object;
}

/** The links to all workers. */
export class Links {
  readonly #sockets: SocketManager;
  readonly #options: LinkOptions;
  readonly #handler: LinkHandler;
  readonly #deaths: Map<string, ReturnType<typeof setTimeout>> = new Map();

  constructor(
    sockets: SocketManager,
    options: LinkOptions,
    handler: LinkHandler,
  ) {
    this.#sockets = sockets;
    this.#options = options;
    this.#handler = handler;
  }

  /** Makes the link to a worker. */
  async open(
    workerId: string,
    address: string,
    publicKey: string | undefined,
  ): Promise<void> {
    const name = nameOf(workerId);
    const socket = this.#sockets.create(name, PUSH, {
      linger: 0,
      sendHighWaterMark: 0, // credit bounds it
      ...this.#options.socketOptions(publicKey),
    });
    socket.events.on("handshake", () => {
      clearTimeout(this.#deaths.get(workerId));
      this.#deaths.delete(workerId);
      this.#handler.up(workerId);
    });
    socket.events.on("disconnect", () => this.#mayBeDead(workerId));
    await this.#sockets.connect(name, address);
  }

  /** Sends to a worker; what is for one that is gone is dropped. */
  send(workerId: string, message: Down): void {
    this.sendText(workerId, encodeJson(message));
  }

  /** The same, already encoded. */
  sendText(workerId: string, message: Uint8Array): void {
    const name = nameOf(workerId);
    if (this.#sockets.has(name)) {
      this.#sockets.getByName(name, PUSH).trySend(message);
    }
  }

  /** Gives a link up. */
  async close(workerId: string): Promise<void> {
    clearTimeout(this.#deaths.get(workerId));
    this.#deaths.delete(workerId);
    const name = nameOf(workerId);
    if (this.#sockets.has(name)) await this.#sockets.close(name);
  }

  /** Waits for nobody any more. */
  stop(): void {
    for (const timer of this.#deaths.values()) clearTimeout(timer);
    this.#deaths.clear();
  }

  #mayBeDead(workerId: string): void {
    if (this.#deaths.has(workerId) || !this.#sockets.has(nameOf(workerId))) {
      return;
    }
    const timer = setTimeout(
      // If it was we who were held up, its new connection is served first.
      () => setImmediate(() => this.#isDead(workerId, timer)),
      this.#options.graceMs,
    );
    this.#deaths.set(workerId, timer);
  }

  #isDead(workerId: string, timer: ReturnType<typeof setTimeout>): void {
    if (this.#deaths.get(workerId) !== timer) return;
    this.#deaths.delete(workerId);
    this.#handler.dead(workerId);
  }
}

function nameOf(workerId: string): string {
  return `worker:${workerId}`;
}
