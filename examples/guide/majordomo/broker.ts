/**
 * Example: majordomo. The broker (RFC 7): clients request a service by its
 * name, each worker offers one, and requests wait here for a free worker. It
 * also answers `mmi.service` (RFC 8): whether a service has workers.
 *
 * A request whose worker is lost goes to the next worker, before all others. A
 * worker is lost when it disconnects, is silent for too long, or cannot be
 * reached, which `mandatory` reports. Nothing here waits: all sends are
 * `trySend`, so the whole broker is one loop without locks.
 *
 * It stores nothing on disk: see `titanic` for that.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { zmq } from "@agentzero/agentzero";
import {
  clientFrames,
  type ClientMessage,
  HEARTBEAT_MS,
  LIVENESS,
  parse,
  workerFrames,
  type WorkerMessage,
} from "./protocol.ts";

/** How often a request is given to a worker, so that one that crashes workers is dropped in the end. */
const MAX_DELIVERIES = 3;
/** How many requests may wait for one service; further ones are dropped, and clients retry. */
const MAX_WAITING = 10_000;
/** Names of the broker's own services begin with this. */
const INTERNAL = "mmi.";

/** The options of a broker. */
export interface BrokerOptions {
  /** The heartbeat interval, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
  /** How long requests wait for a service without workers, in milliseconds. Default 60,000. */
  readonly requestMs?: number;
  /** Called with a line for each event. */
  readonly log?: (line: string) => void;
}

interface Request {
  readonly client: Uint8Array;
  readonly body: readonly zmq.MessageLike[];
  readonly arrivedMs: number;
  deliveries: number;
}

interface Service {
  readonly name: string;
  readonly requests: Request[];
  /** The free workers; the one that has waited longest is first. */
  readonly idle: Set<Worker>;
  workers: number;
}

interface Worker {
  readonly id: Uint8Array;
  readonly service: Service;
  seenMs: number;
  request: Request | undefined;
}

/** A broker. */
export class MajordomoBroker implements AsyncDisposable {
  readonly #socket = new zmq.Router({ mandatory: true, linger: 1000 });
  readonly #services: Map<string, Service> = new Map();
  readonly #workers: Map<string, Worker> = new Map();
  readonly #heartbeatMs: number;
  readonly #requestMs: number;
  readonly #log: (line: string) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #running: Promise<void>;

  /** Creates the broker; `bind` opens it. */
  constructor(options: BrokerOptions = {}) {
    const { heartbeatMs = HEARTBEAT_MS, requestMs = 60_000 } = options;
    this.#heartbeatMs = heartbeatMs;
    this.#requestMs = requestMs;
    this.#log = options.log ?? (() => {});
    // If this was a worker that has a request, find out now.
    this.#socket.events.on("disconnect", () => this.#ping((w) => !!w.request));
    this.#timer = setInterval(() => this.#tidy(), heartbeatMs);
    this.#running = this.#run();
  }

  /** Binds to an address, for clients and workers alike; returns the actual one. */
  async bind(address: string): Promise<string> {
    await this.#socket.bind(address);
    return this.#socket.lastEndpoint!;
  }

  /** Disconnects its workers and frees its addresses. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#socket.closed) return;
    for (const { id } of this.#workers.values()) {
      this.#sendTo(id, { command: "disconnect" });
    }
    await this.#socket.close();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    for await (const [id, ...frames] of this.#socket) {
      const incoming = parse(frames);
      if (incoming === undefined) this.#forget(this.#workers.get(keyOf(id!)));
      else if (incoming.from === "client") {
        this.#handleClient(id!, incoming.message);
      } else this.#handleWorker(id!, incoming.message);
    }
  }

  #handleClient(
    client: Uint8Array,
    { service: name, body }: ClientMessage,
  ): void {
    if (name.startsWith(INTERNAL)) {
      const isKnown = name === "mmi.service";
      const hasWorkers = this.#services.get(String(body[0]))?.workers;
      const code = !isKnown ? "501" : hasWorkers ? "200" : "404";
      this.#send(client, clientFrames({ service: name, body: [code] }));
      return;
    }
    const service = this.#service(name);
    if (service.requests.length >= MAX_WAITING) return;
    const arrivedMs = performance.now();
    service.requests.push({ client, body, arrivedMs, deliveries: 0 });
    this.#dispatch(service);
  }

  #handleWorker(id: Uint8Array, message: WorkerMessage): void {
    const key = keyOf(id);
    const worker = this.#workers.get(key);
    if (worker) worker.seenMs = performance.now();
    switch (message.command) {
      case "ready":
        if (worker || message.service.startsWith(INTERNAL)) break;
        return this.#register(key, id, message.service);
      case "reply":
        if (worker?.request === undefined) break;
        return this.#finish(worker, message.body);
      case "heartbeat":
        if (worker === undefined) break; // it was registered with an earlier broker, and must register again
        return;
      case "disconnect":
        return this.#forget(worker);
      case "request":
    }
    // Valid, but not expected.
    this.#forget(worker);
    this.#sendTo(id, { command: "disconnect" });
  }

  #register(key: string, id: Uint8Array, name: string): void {
    const service = this.#service(name);
    const seenMs = performance.now();
    const worker: Worker = { id, service, seenMs, request: undefined };
    this.#workers.set(key, worker);
    service.workers++;
    service.idle.add(worker);
    this.#log(`worker registered for ${name}, now ${service.workers}`);
    this.#dispatch(service);
  }

  #finish(worker: Worker, body: readonly zmq.MessageLike[]): void {
    const { client } = worker.request!;
    worker.request = undefined;
    // If the client is gone, the reply is dropped.
    this.#send(client, clientFrames({ service: worker.service.name, body }));
    worker.service.idle.add(worker);
    this.#dispatch(worker.service);
  }

  /** Gives waiting requests to free workers. */
  #dispatch(service: Service): void {
    for (const worker of service.idle) {
      const request = service.requests.shift();
      if (request === undefined) return;
      service.idle.delete(worker);
      const { client, body } = request;
      if (this.#sendTo(worker.id, { command: "request", client, body })) {
        request.deliveries++;
        worker.request = request;
      } else {
        service.requests.unshift(request);
        this.#forget(worker);
      }
    }
  }

  /** Removes a worker, and gives its request to another. */
  #forget(worker: Worker | undefined): void {
    if (worker === undefined || !this.#workers.delete(keyOf(worker.id))) return;
    const { service, request } = worker;
    service.idle.delete(worker);
    service.workers--;
    this.#log(`worker lost for ${service.name}, now ${service.workers}`);
    if (request === undefined) return;
    if (request.deliveries >= MAX_DELIVERIES) {
      this.#log(`request for ${service.name} abandoned`);
      return;
    }
    this.#log("its request goes to another worker");
    service.requests.unshift(request);
    this.#dispatch(service);
  }

  #tidy(): void {
    const now = performance.now();
    for (const worker of [...this.#workers.values()]) {
      const isLate = now - worker.seenMs > this.#heartbeatMs * LIVENESS;
      if (isLate) this.#forget(worker);
    }
    this.#ping(() => true);
    for (const [name, { requests, workers }] of this.#services) {
      if (workers > 0) continue;
      const isLate = (r: Request) => now - r.arrivedMs > this.#requestMs;
      while (requests.length > 0 && isLate(requests[0]!)) requests.shift();
      if (requests.length === 0) this.#services.delete(name);
    }
  }

  /** Sends heartbeats to workers; those that cannot be reached are lost. */
  #ping(wants: (worker: Worker) => boolean): void {
    for (const worker of [...this.#workers.values()].filter(wants)) {
      if (!this.#sendTo(worker.id, { command: "heartbeat" })) {
        this.#forget(worker);
      }
    }
  }

  #service(name: string): Service {
    let service = this.#services.get(name);
    if (service === undefined) {
      service = { name, requests: [], idle: new Set(), workers: 0 };
      this.#services.set(name, service);
    }
    return service;
  }

  #sendTo(id: Uint8Array, message: WorkerMessage): boolean {
    return this.#send(id, workerFrames(message));
  }

  /** Returns whether the message was sent: the peer is connected and its queue is not full. */
  #send(id: Uint8Array, frames: readonly zmq.MessageLike[]): boolean {
    if (this.#socket.closed) return false;
    try {
      return this.#socket.trySend([id, ...frames]);
    } catch (error: unknown) {
      if ((error as zmq.ZmqError).code === "EHOSTUNREACH") return false;
      throw error;
    }
  }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}
