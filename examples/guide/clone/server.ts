/**
 * Example: clone. A server (RFC 12): takes updates from clients, numbers them,
 * and publishes them in that order. Alone, or one of a pair.
 *
 * The one of a pair that is passive follows the active one as a client does, and
 * takes nothing from clients. When it takes over, they send it again what it may
 * have missed; what it has not missed it knows by uuid and by number.
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

/** How long it is remembered which updates there were, in milliseconds. */
const SEEN_MS = 60_000;
/** How long a client of a snapshot may be behind, in milliseconds. */
const SNAPSHOT_MS = 5000;
/** How often times to live are looked at, in milliseconds. */
const EXPIRY_MS = 50;

const FREE = "tcp://127.0.0.1:*";

/** How a server works. */
export interface CloneServerOptions {
  /** How often to give a sign of life, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
  /** Which of a pair it is; alone without. */
  readonly role?: Role;
  /** Told what it does, each time that changes. */
  readonly onState?: (state: State) => void;
  /** Told when, passive, it has all that the other one has. */
  readonly onInStep?: () => void;
}

/** A server. */
export class CloneServer implements AsyncDisposable {
  readonly #tree = new Tree();
  // `mandatory`: a snapshot waits for a client that is behind, none of it is dropped.
  readonly #snapshots = new zmq.Router({ mandatory: true, linger: 0 });
  readonly #publisher = new zmq.XPublisher({ verbosity: "allSubs", linger: 0 });
  readonly #collector = new zmq.Pull();
  readonly #states = new zmq.Publisher({ linger: 0 });
  readonly #peerStates = new zmq.Subscriber();
  readonly #heartbeatMs: number;
  readonly #star: BinaryStar | undefined;
  readonly #onState: (state: State) => void;
  readonly #onInStep: () => void;
  readonly #timers: ReturnType<typeof setInterval>[];
  readonly #running: Promise<void>[];
  #state: State;
  /** The updates of clients that are in the tree, by uuid, and since when. */
  readonly #seen: Map<string, number> = new Map();
  /** The number of the last update when this server took over. */
  #base = 0;
  #following: AbortController | undefined;
  #followed: Promise<void> | undefined;
  #peer: ServerAddresses | undefined;

  /** Creates a server; `bind` opens it. */
  constructor(options: CloneServerOptions = {}) {
    const { heartbeatMs = 1000, role } = options;
    this.#heartbeatMs = heartbeatMs;
    this.#onState = options.onState ?? (() => {});
    this.#onInStep = options.onInStep ?? (() => {});
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

  /** Listens; without addresses, at free ports. Gives the real ones. */
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

  /** Tells the server where the other one of its pair is. */
  join(peer: ServerAddresses): void {
    if (!this.#star) throw new Error("A server without a role is alone");
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
    // All of one moment; updates go on meanwhile.
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
      // The client is gone, or too slow, or we are closed.
      const { code } = error as zmq.ZmqError;
      if (!["EHOSTUNREACH", "EAGAIN", "EBADF"].includes(code)) throw error;
    }
  }

  /** Who subscribes learns at once that it has. */
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

  /** An update of a client, perhaps not for the first time. */
  #take(update: Update): void {
    const { key, uuid, sequence } = update;
    const isSeen = this.#seen.has(uuid);
    // A number: the client has seen it published, here or by a server that is gone.
    if (sequence > 0 && (isSeen || sequence <= this.#base)) return;
    if (!isSeen) return this.#publish(update);
    // The client does not know that we have it: tell it again, with what the
    // key holds now.
    const held = this.#tree.update(key, now());
    this.#publish({ ...held, uuid });
  }

  async #listen(): Promise<void> {
    for await (const [state, term] of this.#peerStates) {
      this.#star!.hear(`${state}` as State, Number(`${term}`), now());
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
      if (ms > now() - SEEN_MS) break; // they are in the order of their times
      this.#seen.delete(uuid);
    }
    this.#tellState();
  }

  #tellState(): void {
    if (this.#star) this.#states.trySend([this.#state, this.#star.term]);
  }

  #expire(): void {
    if (this.#state !== "active") return;
    for (const key of this.#tree.expired(now())) {
      const value = new Uint8Array();
      this.#publish({ key, sequence: 0, uuid: "", ttl: undefined, value });
    }
  }

  /** Does what the star says. */
  #update(): void {
    const state = this.#star?.state ?? this.#state;
    if (state === this.#state) return;
    this.#state = state;
    this.#following?.abort();
    if (state === "passive") {
      this.#following = new AbortController();
      this.#followed = this.#follow(this.#following.signal);
    } else this.#base = this.#tree.sequence;
    this.#tellState();
    this.#onState(state);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const follower: Follower = {
      onSnapshot: (updates, sequence) => {
        this.#tree.replace(updates, sequence, now());
        this.#onInStep();
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
