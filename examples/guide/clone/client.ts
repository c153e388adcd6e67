/**
 * Example: clone. A client (RFC 12): has an up-to-date copy of a subtree, and
 * changes values for all clients. If its server is lost, it continues with the
 * other one of the pair.
 *
 * No change is lost with a server. Each has a UUID, and the client stores it until
 * the server has published it, and a while longer, since the backup may not have
 * received it when the server dies. All stored changes are sent again to the next
 * server.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { pause } from "../support/scene.ts";
import { follow } from "./follow.ts";
import { type ServerAddresses, type Update, updateFrames } from "./protocol.ts";
import { Tree } from "./tree.ts";

/** How long to wait before trying the next server, in milliseconds. */
const NEXT_MS = 50;
/** For how many heartbeat intervals a published change is stored. */
const STORED_INTERVALS = 10;

/** The options of a client. */
export interface CloneClientOptions {
  /** The subtree to follow: a prefix that begins and ends with a slash. Default: everything. */
  readonly subtree?: string;
  /** The heartbeat interval of the servers, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
}

/** A change made by this client. */
interface Change {
  /** Its sequence number is that of the server that published it. */
  update: Update;
  publishedMs: number | undefined;
}

/** A client. */
export class CloneClient implements AsyncDisposable {
  readonly #servers: readonly ServerAddresses[];
  readonly #subtree: string;
  readonly #heartbeatMs: number;
  readonly #tree = new Tree();
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  /** Called once each, at the next change. */
  readonly #watchers: Set<() => void> = new Set();
  /** By UUID, oldest first. */
  readonly #changes: Map<string, Change> = new Map();
  /** The changes to send to the server. */
  #outbox: Change[] = [];

  /** @param servers One, or both of a pair. */
  constructor(
    servers: readonly ServerAddresses[],
    options: CloneClientOptions = {},
  ) {
    this.#servers = servers;
    this.#subtree = options.subtree ?? "";
    this.#heartbeatMs = options.heartbeatMs ?? 1000;
    this.#running = this.#run();
  }

  /** The number of keys. */
  get size(): number {
    return this.#tree.size;
  }

  /** The value of a key. */
  get(key: string): string | undefined {
    const value = this.#tree.get(key);
    return value && new TextDecoder().decode(value);
  }

  /** The keys. */
  keys(): string[] {
    return [...this.#tree.keys()];
  }

  /**
   * Sets a value, for all clients. Resolves once the server has published it, and
   * `get` returns it here, too; waits while there is no server.
   *
   * @param value An empty value deletes the key.
   * @param ttlSeconds The time to live of the value.
   * @throws {RangeError} If the key is not in the subtree.
   */
  async set(key: string, value: string, ttlSeconds?: number): Promise<void> {
    if (!key.startsWith(this.#subtree)) {
      throw new RangeError(`Cannot set "${key}": not in "${this.#subtree}"`);
    }
    const update: Update = {
      key,
      sequence: 0,
      uuid: crypto.randomUUID().replaceAll("-", ""),
      ttl: ttlSeconds,
      value: new TextEncoder().encode(value),
    };
    const change: Change = { update, publishedMs: undefined };
    this.#changes.set(update.uuid, change);
    this.#outbox.push(change);
    this.#notify();
    await this.until(() => change.publishedMs !== undefined);
  }

  /** Waits until a condition holds, which is checked after every change. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#end.signal.aborted) throw new Error("The client is closed");
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#notify();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    for (let i = 0; !signal.aborted;) {
      const server = this.#servers[i]!;
      const lost = new AbortController();
      let sending: Promise<void> | undefined;
      const reason = await follow(server, this.#subtree, this.#heartbeatMs, {
        onSnapshot: (updates, sequence) => {
          this.#tree.replace(updates, sequence, performance.now());
          this.#notify();
          sending = this.#send(server, lost.signal);
        },
        onUpdate: (update) => {
          this.#tree.apply(update, performance.now());
          const change = this.#changes.get(update.uuid);
          if (change) {
            change.update = { ...change.update, sequence: update.sequence };
            change.publishedMs = performance.now();
          }
          this.#notify();
        },
        onHugz: () => this.#forgetOld(),
      }, signal);
      lost.abort();
      this.#notify();
      await sending;
      if (reason === "gap") continue; // the same server, from the beginning
      i = (i + 1) % this.#servers.length;
      await pause(NEXT_MS, signal);
    }
  }

  /** Sends changes, the stored ones first, until the server is lost. */
  async #send(server: ServerAddresses, lost: AbortSignal): Promise<void> {
    await using push = new zmq.Push({ linger: 0 });
    push.connect(server.collector);
    this.#outbox = [...this.#changes.values()];
    try {
      while (!lost.aborted) {
        const change = this.#outbox.shift();
        if (change) {
          await push.send(updateFrames(change.update), { signal: lost });
        } else {
          await this.until(() => this.#outbox.length > 0 || lost.aborted);
        }
      }
    } catch (error: unknown) {
      if (!lost.aborted && !this.#end.signal.aborted) throw error;
    }
  }

  #forgetOld(): void {
    const long = performance.now() - STORED_INTERVALS * this.#heartbeatMs;
    for (const [uuid, { publishedMs }] of this.#changes) {
      if (publishedMs !== undefined && publishedMs < long) {
        this.#changes.delete(uuid);
      }
    }
  }

  #notify(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}
