/**
 * Layer: native.
 *
 * A socket of npm:zeromq through which messages go at once or not at all, and
 * which tells when it is worth trying again. It knows no socket types, and who
 * waits for what is not its business.
 *
 * zeromq.js has no poll, but two calls that amount to one:
 *
 * - `receive()` waits and then takes a message. What it took is kept here,
 *   until somebody asks for it. So nothing is lost when nobody waits any more.
 * - `send([])`, a message of no frames, waits until there is room, and sends
 *   nothing.
 *
 * libzmq wakes a waiting call only once for each change, and every look at the
 * socket in between uses that up. Whatever looks must therefore nudge: a call
 * in the other direction, which does nothing, makes zeromq.js look for the one
 * that waits. That is why a socket waits in one direction only.
 *
 * @module
 */
import type { Message } from "../zmq/mod.ts";
import { codeOf, socketError } from "./errors.ts";
import type { Look, Settled, Watch } from "./watch.ts";
import type { ZeromqSocket } from "./zeromq_api.ts";

/** The numbers in libzmq of the options that say how long a call waits. */
const RCVTIMEO = 27;
const SNDTIMEO = 28;

/** How long a call waits before it is made anew: so long it may outlive those who wanted it. */
const CALL_MS = 1000;

/** Codes that mean: not now. */
const NOT_NOW: readonly string[] = ["EAGAIN", "EFSM"];

/** One socket. */
export class Valve {
  readonly #socket: ZeromqSocket;
  readonly #watch: Watch;
  readonly #isReader: boolean;
  readonly #onNews: () => void;
  #waiting: Look<Message | void> | undefined;
  #kept: Message | undefined;

  /**
   * @param isReader Whether it waits for messages; else it waits for room.
   * @param onNews It is worth looking again.
   */
  constructor(
    socket: ZeromqSocket,
    watch: Watch,
    isReader: boolean,
    onNews: () => void,
  ) {
    this.#socket = socket;
    this.#watch = watch;
    this.#isReader = isReader;
    this.#onNews = onNews;
    for (const option of [RCVTIMEO, SNDTIMEO]) socket.setInt32Option(option, 0);
  }

  /** Whether a message was taken out of libzmq that nobody has asked for yet. */
  get isKeeping(): boolean {
    this.#collect();
    return this.#kept !== undefined;
  }

  /** Whether a message is there; if so, it is kept from now on. */
  get canReceive(): boolean {
    if (this.isKeeping) return true;
    if (this.#socket.readable) this.#kept = this.receive();
    return this.#kept !== undefined;
  }

  /** Whether there is room for a message. */
  get canSend(): boolean {
    const isWritable = this.#socket.writable;
    this.nudge();
    return isWritable;
  }

  /** Sends, if there is room. */
  send(message: Message): boolean {
    if (!this.#isReader && this.#isWaiting()) return false;
    const send = () => this.#now(() => this.#socket.send(message));
    // When sending, libzmq looks for news of its peers once a millisecond only.
    return (send() ?? (this.canSend ? send() : undefined)) !== undefined;
  }

  /** The message that is kept, or the next one. */
  receive(): Message | undefined {
    if (this.#isWaiting()) return undefined;
    const message = this.#kept ??
      this.#now(() => this.#socket.receive())?.value;
    this.#kept = undefined;
    return message;
  }

  /** Throws the message away that is kept. */
  drop(): void {
    this.#collect();
    this.#kept = undefined;
  }

  /** Calls `onNews` when a message comes, or there is room; at times without a cause. */
  wait(): void {
    if (this.#waiting !== undefined || this.#kept !== undefined) return;
    const option = this.#isReader ? RCVTIMEO : SNDTIMEO;
    this.#socket.setInt32Option(option, CALL_MS);
    const call: Promise<Message | void> = this.#isReader
      ? this.#socket.receive()
      : this.#socket.send([]);
    this.#socket.setInt32Option(option, 0);
    this.#waiting = this.#watch(call);
    call.then(this.#onNews, this.#onNews);
  }

  /** Makes zeromq.js look whether the call that waits can go on. */
  nudge(): void {
    if (this.#waiting === undefined) return;
    const call: Promise<unknown> = this.#isReader
      ? this.#socket.send([])
      : this.#socket.receive();
    call.catch(() => {}); // a socket that cannot receive says so
  }

  /** Closes the socket. */
  close(): void {
    this.#waiting = this.#kept = undefined;
    this.#socket.close();
  }

  /** Whether the call that waits does so even after another look. */
  #isWaiting(): boolean {
    this.nudge();
    this.#collect();
    return this.#waiting !== undefined;
  }

  /** Takes what the call that waits has come to, if it is over. */
  #collect(): void {
    const settled = this.#waiting?.();
    if (settled === undefined) return;
    this.#waiting = undefined;
    if (settled.isFulfilled) this.#kept = settled.value || undefined;
    else if (!NOT_NOW.includes(codeOf(settled.error))) {
      throw socketError(settled.error);
    }
  }

  /** What a call comes to that does not wait; `undefined` if it would have to. */
  #now<T>(call: () => Promise<T>): { readonly value: T } | undefined {
    let settled: Settled<T> | undefined;
    try {
      settled = this.#watch(call())();
    } catch (error) {
      settled = { isFulfilled: false, error };
    }
    if (settled === undefined) {
      throw new Error("npm:zeromq waits although it was told not to");
    }
    if (settled.isFulfilled) return settled;
    if (codeOf(settled.error) === "EAGAIN") return undefined;
    throw socketError(settled.error);
  }
}
