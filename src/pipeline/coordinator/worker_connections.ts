/**
 * Layer: pipeline/coordinator. The connections to workers: a PUSH for each. A
 * connection that breaks and is not made again soon says that the process at
 * its other end is dead; one that is open and silent says nothing.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { timerMs } from "../../async/timers.ts";
import { patientHeartbeats } from "../protocol/heartbeat.ts";
import { encodeJson, spliceJson } from "../protocol/json.ts";
import { payloadName } from "../protocol/payload_name.ts";
import type { Available, PipelineMessage } from "../protocol/messages.ts";
import { PUSH, type Push } from "../../zmq/mod.ts";
import { connectTo } from "../protocol/connect_to.ts";

/** What becomes of a connection. */
export interface ConnectionHandler {
  /** Jobs can be sent. */
  up(workerId: string): void;
  /** They cannot, for the moment at least. */
  down(workerId: string): void;
  /** The worker is dead. */
  dead(workerId: string): void;
  /** A connection could not be closed in order. */
  failed(error: Error): void;
}

/** How connections are made. */
export interface ConnectionOptions {
  /** How long a broken connection may take to be made again, in milliseconds. */
  readonly graceMs: number;
  /** How long a worker may be silent, in milliseconds. */
  readonly leaseMs: number;
  /** The options of the sockets: the keys of CURVE. */
  readonly socketOptions: (publicKey: string | undefined) => object;
}

/** How soon a broken connection is tried again, in milliseconds: several times within the grace. */
const RECONNECT_MS = 50;

interface Connection {
  readonly socket: Push;
  /** What the worker knows the pipeline by. */
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
   * Makes the connection to a worker.
   *
   * @param secret The worker's, which comes with whatever is sent to it.
   */
  async open(
    { id: workerId, address, publicKey, minor }: Available,
    secret?: string,
  ): Promise<void> {
    const name = nameOf(workerId);
    const socket = this.#sockets.create(name, PUSH, {
      linger: 0,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: 20 * RECONNECT_MS,
      sendHighWaterMark: 0, // credit bounds it
      maxMessageSize: 0, // a worker says nothing here
      ...patientHeartbeats(this.#options.leaseMs),
      ...this.#options.socketOptions(publicKey),
    });
    const connection: Connection = {
      socket,
      secret,
      payloadName: payloadName(minor),
    };
    this.#connections.set(workerId, connection);
    socket.events.on("handshake", () => {
      clearTimeout(connection.death);
      connection.death = undefined;
      this.#handler.up(workerId);
    });
    socket.events.on("disconnect", () => this.#mayBeDead(workerId, connection));
    await connectTo(this.#sockets, name, address);
  }

  /** Sends to a worker; what is for one that is gone is dropped. */
  send(workerId: string, message: PipelineMessage): void {
    this.#send(
      workerId,
      ({ secret }) => encodeJson({ ...message, secret }),
    );
  }

  /**
   * Sends a job.
   *
   * @param payload JSON text.
   */
  sendJob(workerId: string, head: object, payload: string): void {
    this.#send(
      workerId,
      ({ secret, payloadName }) =>
        spliceJson({ ...head, secret }, payloadName, payload),
    );
  }

  #send(
    workerId: string,
    encode: (connection: Connection) => Uint8Array,
  ): void {
    const connection = this.#connections.get(workerId);
    if (connection?.socket.closed === false) {
      connection.socket.trySend(encode(connection));
    }
  }

  /** Gives a connection up. Never rejects. */
  async close(workerId: string): Promise<void> {
    const connection = this.#connections.get(workerId);
    if (connection === undefined) return;
    clearTimeout(connection.death);
    this.#connections.delete(workerId);
    await this.#sockets.close(nameOf(workerId))
      .catch((error) => this.#handler.failed(error as Error));
  }

  /** Gives all of them up, and takes nobody for dead any more. */
  stop(): void {
    for (const { death } of this.#connections.values()) clearTimeout(death);
    this.#connections.clear();
  }

  #mayBeDead(workerId: string, connection: Connection): void {
    if (
      this.#connections.get(workerId) !== connection ||
      connection.death !== undefined
    ) return;
    this.#handler.down(workerId);
    connection.death = setTimeout(
      // If it was we who were held up, its new connection is served first.
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

function nameOf(workerId: string): string {
  return `worker:${workerId}`;
}
