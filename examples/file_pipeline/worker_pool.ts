/**
 * Example: the file pipeline. The workers, as the Pipeline process knows them:
 * by their announcements, and by a PUSH socket to each. It tells when one can
 * take jobs and when one is lost; which jobs they have is the queue's business.
 *
 * @module
 */
import { type SocketManager, zmq } from "@agentzero/agentzero";
import type { Available, ToWorker } from "./messages.ts";

/** A worker that was silent for so long gets no work until it speaks again. */
const SILENT_MS = 3000;

/** A worker that is there. */
export interface Worker {
  info: Available;
  /** When it announced itself last. */
  seenMs: number;
  /** The name of the PUSH socket to it. */
  readonly socket: string;
  /** Whether its PULL socket has answered. */
  isConnected: boolean;
}

/** Who wants to know. */
export interface PoolEvents {
  /** A worker can take jobs. */
  onReady(worker: Worker): void;
  /** A worker is gone. If it lives after all, it announces itself and is new. */
  onLost(worker: Worker): void;
}

/** All workers. */
export class WorkerPool {
  readonly #sockets: SocketManager;
  readonly #events: PoolEvents;
  readonly #workers: Map<string, Worker> = new Map();
  #isStopping = false;

  constructor(sockets: SocketManager, events: PoolEvents) {
    this.#sockets = sockets;
    this.#events = events;
  }

  /** The worker of a name. */
  get(id: string): Worker | undefined {
    return this.#workers.get(id);
  }

  /** The workers that have answered. */
  get connected(): Worker[] {
    return [...this.#workers.values()].filter((worker) => worker.isConnected);
  }

  /** A worker announced itself. */
  async meet(info: Available): Promise<void> {
    const known = this.#workers.get(info.id);
    if (known?.info.address === info.address) {
      known.info = info;
      known.seenMs = Date.now();
      return;
    }
    if (known) this.#lose(known);
    const socket = `pipe-out:${info.address}`;
    const worker = { info, socket, seenMs: Date.now(), isConnected: false };
    this.#workers.set(info.id, worker);
    const push = this.#sockets.create(socket, zmq.PUSH, { linger: 0 });
    push.events.on("handshake", () => {
      worker.isConnected = true;
      this.send(worker, { type: "hello" });
      this.#events.onReady(worker);
    });
    // The connection of a process that dies is closed by its system, at once.
    push.events.on("disconnect", () => this.#lose(worker));
    await this.#sockets.connect(socket, info.address);
  }

  /** Sends without waiting. Who is lost meanwhile does not get it. */
  send(worker: Worker, message: ToWorker): void {
    this.#sockets.sendSafe(worker.socket, message).catch((error: unknown) => {
      if (this.#isPresent(worker)) console.error(`${worker.info.id}: ${error}`);
    });
  }

  /** The worker of a job type that has most credit left, if any has. */
  idlest(
    jobType: string,
    jobsOf: (id: string) => number,
  ): Worker | undefined {
    let best: Worker | undefined;
    let most = 0;
    for (const worker of this.connected) {
      const { id, job_type, credit } = worker.info;
      const isSilent = Date.now() - worker.seenMs > SILENT_MS;
      if (job_type !== jobType || isSilent) continue;
      const left = credit - jobsOf(id);
      if (left > most) [best, most] = [worker, left];
    }
    return best;
  }

  /** Tells all workers to stop. From now on nobody is missed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const message: ToWorker = { type: "stop" };
    await Promise.all(this.connected.map(({ socket }) => {
      this.#sockets.setSocketOption(socket, "linger", 1000);
      return this.#sockets.sendSafe(socket, message, { timeout: 1000 });
    }));
  }

  #isPresent(worker: Worker): boolean {
    return !this.#isStopping && this.#workers.get(worker.info.id) === worker;
  }

  #lose(worker: Worker): void {
    if (!this.#isPresent(worker)) return;
    this.#workers.delete(worker.info.id);
    void this.#sockets.close(worker.socket);
    this.#events.onLost(worker);
  }
}
