/**
 * Example: clone. A client (RFC 12): has a copy of a subtree that is always up
 * to date, and changes values for everybody. If its server is lost it goes on
 * with the other one of the pair.
 *
 * No change is lost with a server. Each has a uuid, and is kept until the server
 * has published it, and a while longer, since a backup may not have heard of it
 * when the server dies. The next server is sent again all that is kept.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { pause } from "../support/scene.ts";
import { follow } from "./follow.ts";
import { type ServerAddresses, type Update, updateFrames } from "./protocol.ts";
import { Tree } from "./tree.ts";

/** How long to wait before the next server is tried, in milliseconds. */
const NEXT_MS = 50;
/** How many intervals a change is kept that was published. */
const KEPT_INTERVALS = 10;

/** How a client works. */
export interface CloneClientOptions {
  /** What it follows: a prefix that begins and ends with a slash. Default: all. */
  readonly subtree?: string;
  /** How often servers give a sign of life, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
}

/** A change that this client made. */
interface Change {
  /** Its number is that of the server which has published it. */
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
  /** Called, each once, whenever something has changed. */
  readonly #watchers: Set<() => void> = new Set();
  /** By uuid, in their order. */
  readonly #changes: Map<string, Change> = new Map();
  /** What the server is to be sent. */
  #outbox: Change[] = [];

  /** @param servers one, or both of a pair */
  constructor(
    servers: readonly ServerAddresses[],
    options: CloneClientOptions = {},
  ) {
    this.#servers = servers;
    this.#subtree = options.subtree ?? "";
    this.#heartbeatMs = options.heartbeatMs ?? 1000;
    this.#running = this.#run();
  }

  /** How many keys there are. */
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
   * Sets a value, for everybody. Resolves once the server has published it, and
   * `get` gives it here, too; while there is no server it waits.
   *
   * @param value an empty one deletes the key
   * @param ttlSeconds how long the value lives
   * @throws {RangeError} The key is not in the subtree.
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
    this.#tell();
    await this.until(() => change.publishedMs !== undefined);
  }

  /** Waits until something holds; looks again after every change. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#end.signal.aborted) throw new Error("The client is closed");
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#tell();
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
          this.#tell();
          sending = this.#send(server, lost.signal);
        },
        onUpdate: (update) => {
          this.#tree.apply(update, performance.now());
          const change = this.#changes.get(update.uuid);
          if (change) {
            change.update = { ...change.update, sequence: update.sequence };
            change.publishedMs = performance.now();
          }
          this.#tell();
        },
        onHugz: () => this.#forgetOld(),
      }, signal);
      lost.abort();
      this.#tell();
      await sending;
      if (reason === "gap") continue; // the same server, all anew
      i = (i + 1) % this.#servers.length;
      await pause(NEXT_MS, signal);
    }
  }

  /** Sends changes, first those that are kept, until the server is lost. */
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
    const long = performance.now() - KEPT_INTERVALS * this.#heartbeatMs;
    for (const [uuid, { publishedMs }] of this.#changes) {
      if (publishedMs !== undefined && publishedMs < long) {
        this.#changes.delete(uuid);
      }
    }
  }

  #tell(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}
