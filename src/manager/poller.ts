/**
 * Layer: manager.
 *
 * The sockets that are polled together. It waits on all of them at once: the
 * first that is ready ends the wait, and the waits on the others are taken
 * back. Sockets may come and go meanwhile.
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

  /** Adds a socket, or more to poll it for. */
  register(socket: ZmqSocket, mask: number): void {
    const all = (this.#masks.get(socket) ?? 0) | mask;
    this.#masks.set(socket, all);
    for (const round of this.#rounds) round.watch(socket, all);
  }

  /** Forgets a socket. */
  unregister(socket: ZmqSocket): void {
    if (!this.#masks.delete(socket)) return;
    for (const round of this.#rounds) round.forget(socket);
  }

  /** What a socket is polled for; 0 if it is not registered. */
  maskOf(socket: ZmqSocket): number {
    return this.#masks.get(socket) ?? 0;
  }

  /**
   * Waits until a socket is ready.
   *
   * @returns What is ready by then; nothing when the time is over, or when the
   *   last socket was closed.
   */
  async engage(wait: Deadline): Promise<Map<ZmqSocket, number>> {
    wait.signal?.throwIfAborted();
    for (;;) {
      const ready = await this.#look();
      if (ready.size > 0 || wait.isOver) return ready;
      const isAlive = await this.#news(wait);
      if (!isAlive) return ready;
    }
  }

  /** What is ready now. */
  async #look(): Promise<Map<ZmqSocket, number>> {
    const found = await Promise.all(
      [...this.#masks].map(async ([socket, mask]) => {
        const events = await pollNow(socket, mask);
        if (socket.closed) this.unregister(socket);
        return [socket, events] as const;
      }),
    );
    return new Map(found.filter(([, events]) => events > 0));
  }

  /** Waits until it is worth looking; `false` if the last socket has gone. */
  async #news(wait: Deadline): Promise<boolean> {
    const round = new Round(this.#masks);
    this.#rounds.add(round);
    try {
      return await round.run(wait);
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

  /** Waits on a socket too. */
  watch(socket: ZmqSocket, mask: number): void {
    this.#polls.get(socket)?.abort();
    // One controller for each: Node warns of many listeners on one signal.
    const poll = new AbortController();
    this.#polls.set(socket, poll);
    void socket.poll(mask, { timeout: -1, signal: poll.signal })
      .catch(() => 0)
      .then(() => {
        if (poll.signal.aborted) return;
        if (socket.closed) this.forget(socket);
        else this.#end(true);
      });
  }

  /** Waits on a socket no longer. */
  forget(socket: ZmqSocket): void {
    this.#polls.get(socket)?.abort();
    this.#polls.delete(socket);
    if (this.#polls.size === 0) this.#end(false);
  }

  /** Waits for the first socket, or the end of the time. */
  async run({ remainingMs, signal }: Deadline): Promise<boolean> {
    const call = new PendingCall<boolean>({
      timeoutMs: remainingMs,
      onTimeout: (call) => call.resolve(true),
      signal,
    });
    this.#end = call.resolve;
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
