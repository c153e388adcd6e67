/**
 * Example: clone. A server (RFC 12): receives updates from clients, numbers them,
 * and publishes them in that order. It works alone, or as one of a pair.
 *
 * The passive server of a pair follows the active one as a client does, and
 * ignores updates from clients. When it takes over, clients send it again whatever
 * it may have missed; it recognizes what it has by UUID and sequence number.
 *
 * @module
 */
import { zmq } from "@agentzero/agentzero";
import { pause } from "../support/scene.ts";
import { BinaryStar, type Role, type State } from "./binary_star.ts";
import { follow, type Follower } from "./follow.ts";
import {
  endFrames,
  HUGZ,
  hugzFrames,
  ICANHAZ,
  parseUpdate,
  type ServerAddresses,
  type Update,
  updateFrames,
} from "./protocol.ts";
import { Tree } from "./tree.ts";

/** How long the UUIDs of updates are remembered, in milliseconds. */
const SEEN_MS = 60_000;
/** How long to wait for a slow client while sending a snapshot, in milliseconds. */
const SNAPSHOT_MS = 5000;
/** The interval at which expired values are looked for, in milliseconds. */
const EXPIRY_MS = 50;

const FREE = "tcp://127.0.0.1:*";

/** The options of a server. */
export interface CloneServerOptions {
  /** The heartbeat interval, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
  /** Which one of a pair it is; omit it for a single server. */
  readonly role?: Role;
  /** Called with the state, each time that it changes. */
  readonly onState?: (state: State) => void;
  /** Called when, being passive, it has everything that the other server has. */
  readonly onInSync?: () => void;
}

/** A server. */
export class CloneServer implements AsyncDisposable {
  readonly #tree = new Tree();
  // `mandatory`: sending a snapshot waits for a slow client, instead of dropping parts.
  readonly #snapshots = new zmq.Router({ mandatory: true, linger: 0 });
  readonly #publisher = new zmq.XPublisher({ verbosity: "allSubs", linger: 0 });
  readonly #collector = new zmq.Pull();
  readonly #states = new zmq.Publisher({ linger: 0 });
  readonly #peerStates = new zmq.Subscriber();
  readonly #heartbeatMs: number;
  readonly #star: BinaryStar | undefined;
  readonly #onState: (state: State) => void;
  readonly #onInSync: () => void;
  readonly #timers: ReturnType<typeof setInterval>[];
  readonly #running: Promise<void>[];
  #state: State;
  /** By UUID, when the clients' updates in the tree were applied. */
  readonly #seen: Map<string, number> = new Map();
  /** The sequence number of the last update when this server took over. */
  #base = 0;
  #following: AbortController | undefined;
  #followed: Promise<void> | undefined;
  #peer: ServerAddresses | undefined;

  /** Creates a server; `bind` opens it. */
  constructor(options: CloneServerOptions = {}) {
    const { heartbeatMs = 1000, role } = options;
    this.#heartbeatMs = heartbeatMs;
    this.#onState = options.onState ?? (() => {});
    this.#onInSync = options.onInSync ?? (() => {});
    this.#star = role && new BinaryStar(role, heartbeatMs * 2, now());
    this.#state = role ? "waiting" : "active";
    this.#peerStates.subscribe("");
    this.#peerStates.events.on("disconnect", () => this.#star?.lose());
    this.#timers = [
      setInterval(() => this.#beat(), heartbeatMs),
      setInterval(() => this.#expire(), EXPIRY_MS),
    ];
    this.#running = [
      this.#serveSnapshots(),
      this.#greet(),
      this.#collect(),
      this.#listen(),
    ];
  }

  /** Binds its sockets, by default to free ports, and returns the actual addresses. */
  async bind(addresses?: ServerAddresses): Promise<ServerAddresses> {
    await this.#snapshots.bind(addresses?.snapshot ?? FREE);
    await this.#publisher.bind(addresses?.publisher ?? FREE);
    await this.#collector.bind(addresses?.collector ?? FREE);
    await this.#states.bind(addresses?.state ?? FREE);
    return {
      snapshot: this.#snapshots.lastEndpoint!,
      publisher: this.#publisher.lastEndpoint!,
      collector: this.#collector.lastEndpoint!,
      state: this.#states.lastEndpoint!,
    };
  }

  /** Connects to the other server of the pair. */
  join(peer: ServerAddresses): void {
    if (!this.#star) {
      throw new Error("A server without a role cannot join another");
    }
    this.#peer = peer;
    this.#peerStates.connect(peer.state);
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#following?.abort();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([
      this.#snapshots.close(),
      this.#publisher.close(),
      this.#collector.close(),
      this.#states.close(),
      this.#peerStates.close(),
    ]);
    await Promise.all([...this.#running, this.#followed]);
  }

  async #serveSnapshots(): Promise<void> {
    for await (const [client, hello, subtree] of this.#snapshots) {
      if (`${hello}` !== ICANHAZ || subtree === undefined) continue;
      const mayServe = this.#star?.ask(now()) ?? true;
      this.#update();
      if (mayServe) void this.#sendSnapshot(client!, `${subtree}`);
    }
  }

  async #sendSnapshot(client: Uint8Array, subtree: string): Promise<void> {
    // A consistent snapshot; updates continue meanwhile.
    const updates = this.#tree.snapshot(subtree, now());
    const messages = updates.map(updateFrames);
    messages.push(endFrames(this.#tree.sequence, subtree));
    try {
      for (const frames of messages) {
        await this.#snapshots.send([client, ...frames], {
          timeout: SNAPSHOT_MS,
        });
      }
    } catch (error: unknown) {
      // The client is gone or too slow, or this server is closed.
      const { code } = error as zmq.ZmqError;
      if (!["EHOSTUNREACH", "EAGAIN", "EBADF"].includes(code)) throw error;
    }
  }

  /** Confirms each subscription at once. */
  async #greet(): Promise<void> {
    for await (const [event] of this.#publisher) {
      if (`${event}` === `\x01${HUGZ}`) this.#publisher.trySend(hugzFrames());
    }
  }

  async #collect(): Promise<void> {
    for await (const frames of this.#collector) {
      const update = parseUpdate(frames);
      if (update && this.#state === "active") this.#take(update);
    }
  }

  /** Handles an update of a client, which may have arrived before. */
  #take(update: Update): void {
    const { key, uuid, sequence } = update;
    const isSeen = this.#seen.has(uuid);
    // With a sequence number, the client has seen it published, here or by the previous server.
    if (sequence > 0 && (isSeen || sequence <= this.#base)) return;
    if (!isSeen) return this.#publish(update);
    // The client does not know that we have it: publish its UUID again, with the
    // current value of the key.
    const current = this.#tree.update(key, now());
    this.#publish({ ...current, uuid });
  }

  async #listen(): Promise<void> {
    for await (const [state, term] of this.#peerStates) {
      this.#star!.receive(`${state}` as State, Number(`${term}`), now());
      this.#update();
    }
  }

  #publish(update: Update): void {
    const numbered = { ...update, sequence: this.#tree.sequence + 1 };
    this.#apply(numbered);
    this.#publisher.trySend(updateFrames(numbered));
  }

  #apply(update: Update): void {
    this.#tree.apply(update, now());
    if (update.uuid !== "") this.#seen.set(update.uuid, now());
  }

  #beat(): void {
    if (this.#state === "active") this.#publisher.trySend(hugzFrames());
    for (const [uuid, ms] of this.#seen) {
      if (ms > now() - SEEN_MS) break; // the oldest are first
      this.#seen.delete(uuid);
    }
    this.#publishState();
  }

  #publishState(): void {
    if (this.#star) this.#states.trySend([this.#state, this.#star.term]);
  }

  #expire(): void {
    if (this.#state !== "active") return;
    for (const key of this.#tree.expired(now())) {
      const value = new Uint8Array();
      this.#publish({ key, sequence: 0, uuid: "", ttl: undefined, value });
    }
  }

  /** Adopts the state of the star. */
  #update(): void {
    const state = this.#star?.state ?? this.#state;
    if (state === this.#state) return;
    this.#state = state;
    this.#following?.abort();
    if (state === "passive") {
      this.#following = new AbortController();
      this.#followed = this.#follow(this.#following.signal);
    } else this.#base = this.#tree.sequence;
    this.#publishState();
    this.#onState(state);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const follower: Follower = {
      onSnapshot: (updates, sequence) => {
        this.#tree.replace(updates, sequence, now());
        this.#onInSync();
      },
      onUpdate: (update) => this.#apply(update),
    };
    while (!signal.aborted) {
      await follow(this.#peer!, "", this.#heartbeatMs, follower, signal);
      await pause(this.#heartbeatMs, signal);
    }
  }
}

function now(): number {
  return performance.now();
}
