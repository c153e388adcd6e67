/**
 * Layer: pipeline/worker, heartbeat. The thread that sends the heartbeats of all
 * workers of this process, whatever other threads compute. It holds a TCP connection
 * for each of them, and writes one of the heartbeats that it was given at each
 * interval. It only passes bytes on: the protocol is spoken in `heartbeats.ts`.
 *
 * @module
 */
import { Worker } from "node:worker_threads";

/** Where a connection goes, and how often it carries a heartbeat. */
export interface HeartbeatTarget {
  readonly host: string;
  readonly port: number;
  readonly intervalMs: number;
  /** More heartbeats are asked for when no more are left than this. */
  readonly fewCount: number;
}

/** Called with what happens on a connection. */
export interface HeartbeatListener {
  /** The peer has sent something. */
  data(bytes: Uint8Array): void;
  /** There are few heartbeats left. */
  few(): void;
  /** The connection is closed, by the other side. */
  closed(): void;
  /** The thread has ended by itself. */
  failed(cause: unknown): void;
}

/** To the thread, about a connection. */
type ToThread =
  & (
    | { readonly type: "connect" } & HeartbeatTarget
    | { readonly type: "disconnect" }
    /** Writes at once. */
    | { readonly type: "write"; readonly bytes: Uint8Array }
    /** What to write at each interval from now on, in this order. */
    | { readonly type: "heartbeats"; readonly heartbeats: Uint8Array[] }
  )
  & { readonly connection: number };

/** From the thread, about a connection. */
type FromThread =
  & (
    | { readonly type: "data"; readonly bytes: Uint8Array }
    | { readonly type: "few" }
    | { readonly type: "closed" }
  )
  & { readonly connection: number };

/**
 * What the thread executes. It is text rather than a file: bundlers would leave a
 * file behind, and on Deno it would take a permission to read it.
 */
const START = `
import { connect } from "node:net";
import { parentPort } from "node:worker_threads";
const connections = new Map();
const end = (connection) => {
  const { socket, timer } = connections.get(connection) ?? {};
  connections.delete(connection);
  clearInterval(timer);
  socket?.destroy();
};
const begin = ({ connection, host, port, intervalMs, fewCount }) => {
  const post = (message) => parentPort.postMessage({ ...message, connection });
  const socket = connect(port, host);
  const beat = () => {
    const next = own.heartbeats.shift();
    if (next === undefined) return;
    socket.write(next);
    if (own.heartbeats.length === fewCount) post({ type: "few" });
  };
  const own = { socket, heartbeats: [], timer: setInterval(beat, intervalMs) };
  connections.set(connection, own);
  socket.setNoDelay(true);
  socket.on("data", (bytes) => post({ type: "data", bytes: Uint8Array.from(bytes) }));
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => (end(connection), post({ type: "closed" })));
};
parentPort.on("message", (message) => {
  if (message.type === "connect") return begin(message);
  if (message.type === "disconnect") return end(message.connection);
  const own = connections.get(message.connection);
  if (own === undefined) return;
  if (message.type === "write") own.socket.write(message.bytes);
  else own.heartbeats = message.heartbeats;
});
`;

/** The thread of this process, while there is one. */
let current: HeartbeatThread | undefined;

/** A thread that sends heartbeats; it does not keep the process alive. */
export class HeartbeatThread {
  readonly #worker: Worker;
  readonly #listeners: Map<number, HeartbeatListener> = new Map();
  #users = 0;
  #connections = 0;
  #isClosed = false;

  private constructor() {
    const url = new URL(`data:text/javascript,${encodeURIComponent(START)}`);
    const worker = this.#worker = new Worker(url, {
      execArgv: [], // what `--import` names would take memory here, too
    });
    worker.on("message", (message) => this.#receive(message));
    worker.on("error", (cause) => this.#fail(cause));
    worker.on("exit", (code) => this.#fail(`it exited with the code ${code}`));
    worker.unref();
  }

  /** The thread of this process, which `release` gives back. */
  static acquire(): HeartbeatThread {
    current ??= new HeartbeatThread();
    current.#users++;
    return current;
  }

  /** Ends the thread if no one uses it any more. */
  async release(): Promise<void> {
    if (--this.#users > 0) return;
    if (current === this) current = undefined;
    this.#isClosed = true;
    await this.#worker.terminate();
  }

  /** Makes a connection. Returns its number. */
  connect(target: HeartbeatTarget, listener: HeartbeatListener): number {
    const connection = this.#connections++;
    this.#listeners.set(connection, listener);
    this.#post({ type: "connect", connection, ...target });
    return connection;
  }

  /** Closes a connection, about which nothing is reported any more. */
  disconnect(connection: number): void {
    this.#listeners.delete(connection);
    this.#post({ type: "disconnect", connection });
  }

  /** Writes at once. */
  write(connection: number, bytes: Uint8Array): void {
    this.#post({ type: "write", connection, bytes });
  }

  /** Writes one of these at each interval from now on, and none of those given before. */
  supply(connection: number, heartbeats: Uint8Array[]): void {
    this.#post({ type: "heartbeats", connection, heartbeats });
  }

  #receive(message: FromThread): void {
    const listener = this.#listeners.get(message.connection);
    switch (message.type) {
      case "data":
        return listener?.data(message.bytes);
      case "few":
        return listener?.few();
      case "closed":
        return listener?.closed();
    }
  }

  #fail(cause: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (current === this) current = undefined;
    for (const listener of this.#listeners.values()) listener.failed(cause);
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}
