/**
 * Example `locust`: a worker. Locust's master says how many users of each class
 * it is to play, and collects how long their requests took.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { MSGPACK, zmq } from "@agentzero/agentzero";
import { Stats } from "./stats.ts";

/** How often the master expects to learn of a worker. */
const HEARTBEAT_MS = 1000;
const REPORT_MS = 3000;
/** In place of Locust's version: that of a worker which is not Locust's. */
const OTHER_SOFTWARE = -1;

type Data = Record<string, unknown>;

/** A worker; its users repeat one task. */
export class LocustWorker implements AsyncDisposable {
  readonly #id = `agentzero_${randomUUID()}`;
  readonly #socket: zmq.Dealer;
  readonly #msgpack = new MSGPACK();
  readonly #task: () => Promise<void>;
  readonly #stats: Stats;
  #state = "ready";
  #users: Record<string, number> = {};
  /** Aborted when the users are to stop. */
  #playing = new AbortController();

  /**
   * @param master its address, port 5557 by default
   * @param name of the requests, in the report
   * @param task what each user repeats
   */
  constructor(master: string, name: string, task: () => Promise<void>) {
    // The master addresses its workers by their routing ids.
    this.#socket = new zmq.Dealer({ routingId: this.#id, linger: 1000 });
    this.#socket.connect(master);
    this.#task = task;
    this.#stats = new Stats("TASK", name);
  }

  /** Works until the master quits; gives the number of requests. */
  async run(): Promise<number> {
    await this.#send("client_ready", OTHER_SOFTWARE);
    const timers = [
      setInterval(() => void this.#heartbeat(), HEARTBEAT_MS),
      setInterval(() => void this.#report(), REPORT_MS),
    ];
    try {
      for await (const [frame] of this.#socket) {
        const [type, data] = this.#msgpack.unpack(frame!) as [string, Data];
        if (type === "spawn") await this.#spawn(data);
        if (type === "stop") await this.#stop();
        if (type === "quit") break;
      }
    } finally {
      this.#playing.abort();
      timers.forEach(clearInterval);
    }
    await this.#report();
    return this.#stats.count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
  }

  /** Plays these users, in place of those that there were. */
  async #spawn(job: Data): Promise<void> {
    await this.#send("spawning", null);
    this.#playing.abort();
    this.#playing = new AbortController();
    this.#users = job.user_classes_count as Record<string, number>;
    for (let n = 0; n < this.#userCount(); n++) {
      void this.#play(this.#playing.signal);
    }
    this.#state = "running";
    await this.#send("spawning_complete", this.#counts());
  }

  async #stop(): Promise<void> {
    this.#playing.abort();
    this.#users = {};
    this.#state = "ready";
    await this.#send("client_stopped", null);
    await this.#send("client_ready", OTHER_SOFTWARE);
  }

  async #play(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const start = performance.now();
      await this.#task();
      this.#stats.add(performance.now() - start);
    }
  }

  #heartbeat(): Promise<void> {
    return this.#send("heartbeat", {
      state: this.#state,
      current_cpu_usage: 0,
      current_memory_usage: 0,
    });
  }

  #report(): Promise<void> {
    return this.#send("stats", { ...this.#stats.report(), ...this.#counts() });
  }

  #counts(): Data {
    return { user_classes_count: this.#users, user_count: this.#userCount() };
  }

  #userCount(): number {
    return Object.values(this.#users).reduce((sum, n) => sum + n, 0);
  }

  #send(type: string, data: unknown): Promise<void> {
    return this.#socket.send(this.#msgpack.pack([type, data, this.#id]));
  }
}
