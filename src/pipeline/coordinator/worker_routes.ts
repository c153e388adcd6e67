/**
 * Layer: pipeline/coordinator. Which connection at the ROUTER is that of which
 * worker. A worker that connects again has another one, and what happens to the
 * former one means nothing any more.
 *
 * @module
 */
import { bytesKey } from "../../zmq/bytes.ts";

/** The connections that workers have made, by the routing ids of the ROUTER. */
export class WorkerRoutes {
  /** Workers by routing id. */
  readonly #workers: Map<string, string> = new Map();
  /** Routing ids by worker. */
  readonly #routes: Map<string, string> = new Map();

  /**
   * A worker uses a connection.
   *
   * @returns false if it did so before.
   */
  add(workerId: string, route: Uint8Array): boolean {
    const key = bytesKey(route);
    if (this.#workers.get(key) === workerId) return false;
    this.removeWorker(workerId);
    const other = this.#workers.get(key);
    if (other !== undefined) this.removeWorker(other);
    this.#workers.set(key, workerId);
    this.#routes.set(workerId, key);
    return true;
  }

  /** A connection is closed. Returns the worker that used it. */
  remove(route: Uint8Array): string | undefined {
    const workerId = this.#workers.get(bytesKey(route));
    if (workerId !== undefined) this.removeWorker(workerId);
    return workerId;
  }

  /** A worker is gone. */
  removeWorker(workerId: string): void {
    const key = this.#routes.get(workerId);
    if (key === undefined) return;
    this.#routes.delete(workerId);
    this.#workers.delete(key);
  }

  /** Forgets all. */
  clear(): void {
    this.#workers.clear();
    this.#routes.clear();
  }
}
