/**
 * Layer: pipeline/coordinator. The connections to workers: a PUSH for each. If a
 * connection breaks and is not re-established soon, the worker's process is dead.
 * An open connection that is silent has no meaning.
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

/** The timing and security of connections. */
export interface ConnectionOptions {
  /** How long a broken connection may take to be re-established, in milliseconds. */
  readonly graceMs: number;
  /** How long a worker may be silent, in milliseconds. */
  readonly leaseMs: number;
  /** The options of the sockets: their CURVE keys. */
  readonly socketOptions: (publicKey: string | undefined) => object;
}

/** The interval of attempts to reconnect, in milliseconds: several within `graceMs`. */
const RECONNECT_MS = 50;

interface Connection {
  readonly socket: Push;
  /** The secret that proves the pipeline to the worker. */
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
   * Connects to a worker.
   *
   * @param secret The worker's secret, which is part of every message to it.
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
    if (connection?.socket.closed === false) {
      connection.socket.trySend(encode(connection));
    }
  }

  /** Closes a connection. Never rejects. */
  async close(workerId: string): Promise<void> {
    const connection = this.#connections.get(workerId);
    if (connection === undefined) return;
    clearTimeout(connection.death);
    this.#connections.delete(workerId);
    await this.#sockets.close(nameOf(workerId))
      .catch((error) => this.#handler.failed(error as Error));
  }

  /** Forgets all connections; no worker is reported dead any more. */
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

function nameOf(workerId: string): string {
  return `worker:${workerId}`;
}
