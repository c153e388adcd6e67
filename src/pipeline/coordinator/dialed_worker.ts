/**
 * Layer: pipeline/coordinator. The connection to a worker of version 1: a PUSH
 * that connects to the address which the worker has announced.
 *
 * @module
 */
import type { SocketManager } from "../../manager/mod.ts";
import { connectTo } from "../protocol/connect_to.ts";
import { patientHeartbeats } from "../protocol/heartbeat.ts";
import type { Available } from "../protocol/messages.ts";
import { PUSH, type Push } from "../../zmq/mod.ts";
import type { ConnectionOptions, WorkerLink } from "./worker_link.ts";

/** The interval of attempts to reconnect, in milliseconds: several within `graceMs`. */
const RECONNECT_MS = 50;

/** The PUSH to one worker. */
export class DialedWorker implements WorkerLink {
  readonly #sockets: SocketManager;
  readonly #name: string;
  readonly #socket: Push;

  /** @param onChange Called when the connection is made, or is lost. */
  constructor(
    sockets: SocketManager,
    { id, publicKey }: Available,
    { leaseMs, socketOptions }: ConnectionOptions,
    onChange: (isConnected: boolean) => void,
  ) {
    this.#sockets = sockets;
    this.#name = `worker:${id}`;
    this.#socket = sockets.create(this.#name, PUSH, {
      linger: 0,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: 20 * RECONNECT_MS,
      sendHighWaterMark: 0, // credit bounds it
      maxMessageSize: 0, // a worker says nothing here
      ...patientHeartbeats(leaseMs),
      ...socketOptions(publicKey),
    });
    this.#socket.events.on("handshake", () => onChange(true));
    this.#socket.events.on("disconnect", () => onChange(false));
  }

  /** Connects. */
  connect(address: string): Promise<void> {
    return connectTo(this.#sockets, this.#name, address);
  }

  send(bytes: Uint8Array): void {
    if (!this.#socket.closed) this.#socket.trySend(bytes);
  }

  close(): Promise<void> {
    return this.#sockets.close(this.#name);
  }
}
