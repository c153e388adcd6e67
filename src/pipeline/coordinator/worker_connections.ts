/**
 * Layer: pipeline/coordinator. The connections to workers. Those of version 2 have
 * connected to the ROUTER; to each of the others there is a PUSH. If a connection
 * breaks and is not re-established soon, the worker's process is dead. An open
 * connection that is silent has no meaning.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { timerMs } from "../../async/timers.ts";
import { encodeJson, spliceJson } from "../protocol/json.ts";
import { payloadName } from "../protocol/payload_name.ts";
import {
  ANNOUNCED_VERSION,
  type Available,
  type PipelineMessage,
} from "../protocol/messages.ts";
import { ROUTER } from "../../zmq/mod.ts";
import { DialedWorker } from "./dialed_worker.ts";
import type { ConnectionOptions, WorkerLink } from "./worker_link.ts";
import { WorkerRoutes } from "./worker_routes.ts";

/** The name of the ROUTER that workers of version 2 connect to. */
export const REQUESTS = "requests";

/** Called when the state of a connection changes. */
export interface ConnectionHandler {
  /** Jobs can be sent. */
  up(workerId: string): void;
  /** Jobs cannot be sent at present. */
  down(workerId: string): void;
  /** The worker is dead. */
  dead(workerId: string): void;
  /** A connection could not be closed properly. */
  failed(error: Error): void;
}

interface Connection {
  readonly link: WorkerLink;
  /** The secret that proves the pipeline to the worker, if it needs to. */
  readonly secret: string | undefined;
  /** What the worker calls the payload of a job. */
  readonly payloadName: string;
  death?: ReturnType<typeof setTimeout>;
}

/** The connections to all workers. */
export class WorkerConnections {
  readonly #sockets: SocketManager;
  readonly #options: ConnectionOptions;
  readonly #handler: ConnectionHandler;
  readonly #connections: Map<string, Connection> = new Map();
  /** The connections of workers at the ROUTER. */
  readonly #routes = new WorkerRoutes();

  constructor(
    sockets: SocketManager,
    options: ConnectionOptions,
    handler: ConnectionHandler,
  ) {
    this.#sockets = sockets;
    this.#options = options;
    this.#handler = handler;
  }

  /**
   * Connects to a worker of version 1.
   *
   * @param secret The worker's secret, which is part of every message to it.
   */
  async open(info: Available, secret?: string): Promise<void> {
    const link = new DialedWorker(
      this.#sockets,
      info,
      this.#options,
      (isConnected) => {
        if (isConnected) this.#isUp(info.id, connection);
        else this.#mayBeDead(info.id, connection);
      },
    );
    const connection = this.#add(info, link, secret);
    await link.connect(info.address!);
  }

  /**
   * A worker has announced itself over a connection that it made.
   *
   * @param route The routing id of the connection.
   * @returns Whether it is a new one.
   */
  accept(info: Available, route: Uint8Array): boolean {
    if (!this.#routes.add(info.id, route)) return false;
    const router = this.#sockets.getByName(REQUESTS, ROUTER);
    const connection = this.#add(info, {
      send: (bytes) => {
        if (!router.closed) router.trySend([route, bytes]);
      },
      close: () => Promise.resolve(),
    });
    this.#isUp(info.id, connection);
    return true;
  }

  /** A connection at the ROUTER is closed: of a worker, or of a client. */
  closed(route: Uint8Array): void {
    const workerId = this.#routes.remove(route);
    if (workerId === undefined) return;
    this.#mayBeDead(workerId, this.#connections.get(workerId));
  }

  #add(
    { id, v, minor }: Available,
    link: WorkerLink,
    secret?: string,
  ): Connection {
    const before = this.#connections.get(id);
    clearTimeout(before?.death);
    const connection: Connection = {
      link,
      secret,
      payloadName: payloadName(v > ANNOUNCED_VERSION ? 1 : minor),
    };
    this.#connections.set(id, connection);
    return connection;
  }

  /** Sends to a worker; a message to one that has gone is dropped. */
  send(workerId: string, message: PipelineMessage): void {
    this.#send(
      workerId,
      ({ secret }) => encodeJson({ ...message, secret }),
    );
  }

  /**
   * Sends a job.
   *
   * @param head A new object: it gets the secret.
   * @param payload JSON text.
   */
  sendJob(
    workerId: string,
    head: Record<string, unknown>,
    payload: string,
  ): void {
    this.#send(workerId, ({ secret, payloadName }) => {
      head.secret = secret;
      return spliceJson(head, payloadName, payload);
    });
  }

  #send(
    workerId: string,
    encode: (connection: Connection) => Uint8Array,
  ): void {
    const connection = this.#connections.get(workerId);
    if (connection !== undefined) connection.link.send(encode(connection));
  }

  /** Closes a connection. Never rejects. */
  async close(workerId: string): Promise<void> {
    const connection = this.#connections.get(workerId);
    if (connection === undefined) return;
    clearTimeout(connection.death);
    this.#connections.delete(workerId);
    this.#routes.removeWorker(workerId);
    await connection.link.close()
      .catch((error) => this.#handler.failed(error as Error));
  }

  /** Forgets all connections; no worker is reported dead any more. */
  stop(): void {
    for (const { death } of this.#connections.values()) clearTimeout(death);
    this.#connections.clear();
    this.#routes.clear();
  }

  #isUp(workerId: string, connection: Connection): void {
    clearTimeout(connection.death);
    connection.death = undefined;
    this.#handler.up(workerId);
  }

  #mayBeDead(workerId: string, connection: Connection | undefined): void {
    if (
      connection === undefined ||
      this.#connections.get(workerId) !== connection ||
      connection.death !== undefined
    ) return;
    this.#handler.down(workerId);
    connection.death = setTimeout(
      // If this process was blocked, the new connection is handled first.
      () => setImmediate(() => this.#isDead(workerId, connection)),
      timerMs(this.#options.graceMs),
    );
  }

  #isDead(workerId: string, connection: Connection): void {
    if (
      this.#connections.get(workerId) !== connection ||
      connection.death === undefined
    ) return;
    this.#handler.dead(workerId);
  }
}
