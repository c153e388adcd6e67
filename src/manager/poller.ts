/**
 * Layer: manager.
 *
 * The sockets that `engage` polls. It waits on all of them at once; when the
 * first one is ready, the polls of the others are cancelled. Sockets may be
 * registered and unregistered meanwhile.
 *
 * @module
 */
import type { Deadline } from "../async/deadline.ts";
import { PendingCall } from "../async/pending_call.ts";
import type { ZmqSocket } from "./contract.ts";

/** Sockets, and what to poll them for. */
export class Poller {
  readonly #masks: Map<ZmqSocket, number> = new Map();
  readonly #rounds: Set<Round> = new Set();

  /** Registers a socket, or adds to the events that it is polled for. */
  register(socket: ZmqSocket, mask: number): void {
    const all = (this.#masks.get(socket) ?? 0) | mask;
    this.#masks.set(socket, all);
    for (const round of this.#rounds) round.watch(socket, all);
  }

  /** Unregisters a socket. */
  unregister(socket: ZmqSocket): void {
    if (!this.#masks.delete(socket)) return;
    for (const round of this.#rounds) round.unwatch(socket);
  }

  /** What a socket is polled for; 0 if it is not registered. */
  maskOf(socket: ZmqSocket): number {
    return this.#masks.get(socket) ?? 0;
  }

  /**
   * Waits until a socket is ready.
   *
   * @returns The sockets that are ready; none when the time is over, or when
   *   the last socket was closed.
   */
  async engage(deadline: Deadline): Promise<Map<ZmqSocket, number>> {
    deadline.signal?.throwIfAborted();
    for (;;) {
      const ready = await this.#pollAll();
      if (ready.size > 0 || deadline.isOver) return ready;
      const isAlive = await this.#change(deadline);
      if (!isAlive) return ready;
    }
  }

  /** The sockets that are ready now. */
  async #pollAll(): Promise<Map<ZmqSocket, number>> {
    const found = await Promise.all(
      [...this.#masks].map(async ([socket, mask]) => {
        const events = await pollNow(socket, mask);
        if (socket.closed) this.unregister(socket);
        return [socket, events] as const;
      }),
    );
    return new Map(found.filter(([, events]) => events > 0));
  }

  /** Waits until a socket may be ready; `false` if none is left. */
  async #change(deadline: Deadline): Promise<boolean> {
    const round = new Round(this.#masks);
    this.#rounds.add(round);
    try {
      return await round.run(deadline);
    } finally {
      this.#rounds.delete(round);
    }
  }
}

/** One wait on all sockets. */
class Round {
  readonly #polls: Map<ZmqSocket, AbortController> = new Map();
  #end: (isAlive: boolean) => void = () => {};

  constructor(masks: ReadonlyMap<ZmqSocket, number>) {
    for (const [socket, mask] of masks) this.watch(socket, mask);
  }

  /** Adds a socket to the wait. */
  watch(socket: ZmqSocket, mask: number): void {
    this.#polls.get(socket)?.abort();
    // One controller for each: Node warns if a signal has many listeners.
    const poll = new AbortController();
    this.#polls.set(socket, poll);
    void socket.poll(mask, { timeout: -1, signal: poll.signal })
      .catch(() => 0)
      .then(() => {
        if (poll.signal.aborted) return;
        if (socket.closed) this.unwatch(socket);
        else this.#end(true);
      });
  }

  /** Removes a socket from the wait. */
  unwatch(socket: ZmqSocket): void {
    this.#polls.get(socket)?.abort();
    this.#polls.delete(socket);
    if (this.#polls.size === 0) this.#end(false);
  }

  /** Waits for the first socket, or until the time is over. */
  async run({ remainingMs, signal }: Deadline): Promise<boolean> {
    const call = new PendingCall<boolean>({
      timeoutMs: remainingMs,
      onTimeout: (call) => call.resolve(true),
      signal,
    });
    this.#end = (isOver) => call.resolve(isOver);
    try {
      return await call.promise;
    } finally {
      for (const poll of this.#polls.values()) poll.abort();
    }
  }
}

async function pollNow(socket: ZmqSocket, mask: number): Promise<number> {
  if (socket.closed) return 0;
  try {
    return await socket.poll(mask, { timeout: 0 });
  } catch (error) {
    if (socket.closed) return 0;
    throw error;
  }
}
