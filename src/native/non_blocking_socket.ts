/**
 * Layer: native.
 *
 * A socket of npm:zeromq that sends and receives without waiting, and calls
 * back when it is worth trying again. It knows no socket types, and no callers.
 *
 * zeromq.js has no poll, but two calls that amount to one:
 *
 * - `receive()` waits and then takes a message. The message is buffered here
 *   until it is asked for, so nothing is lost when no call waits any more.
 * - `send([])`, a message of no frames, waits until there is room, and sends
 *   nothing.
 *
 * libzmq wakes a waiting call only once for each change, and every access to
 * the socket in between uses that up. So each access must be followed by a
 * nudge: a call in the other direction, which does nothing, but makes zeromq.js
 * check the call that waits. That is why a socket waits in one direction only.
 *
 * @module
 */
import type { Message } from "../zmq/mod.ts";
import { codeOf, socketError } from "./libzmq_errors.ts";
import type { PromiseState, ReadState, Settled } from "./promise_state.ts";
import type { ZeromqSocket } from "./zeromq_api.ts";

/** The numbers in libzmq of the options for how long a call waits. */
const RCVTIMEO = 27;
const SNDTIMEO = 28;

/** How long a call waits before it is repeated: it may outlive its callers by so much. */
const CALL_MS = 1000;

/** Codes of a call that would have to wait. */
const NOT_NOW: readonly string[] = ["EAGAIN", "EFSM"];

/** One socket. */
export class NonBlockingSocket {
  readonly #socket: ZeromqSocket;
  readonly #promiseState: PromiseState;
  readonly #isReader: boolean;
  readonly #onChange: () => void;
  #pending: ReadState<Message | void> | undefined;
  #buffered: Message | undefined;

  /**
   * @param isReader Whether it waits for messages; else it waits for room.
   * @param onChange Called when it is worth trying again.
   */
  constructor(
    socket: ZeromqSocket,
    promiseState: PromiseState,
    isReader: boolean,
    onChange: () => void,
  ) {
    this.#socket = socket;
    this.#promiseState = promiseState;
    this.#isReader = isReader;
    this.#onChange = onChange;
    for (const option of [RCVTIMEO, SNDTIMEO]) socket.setInt32Option(option, 0);
  }

  /** Whether a message was taken out of libzmq that was not asked for yet. */
  get hasBuffered(): boolean {
    this.#collect();
    return this.#buffered !== undefined;
  }

  /** Whether a message has arrived; if so, it is buffered from now on. */
  get canReceive(): boolean {
    if (this.hasBuffered) return true;
    if (this.#socket.readable) this.#buffered = this.receive();
    return this.#buffered !== undefined;
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
    const send = () => this.#callNow(() => this.#socket.send(message));
    // When sending, libzmq processes events of its peers only once a millisecond.
    return (send() ?? (this.canSend ? send() : undefined)) !== undefined;
  }

  /** The buffered message, or the next one. */
  receive(): Message | undefined {
    if (this.#isWaiting()) return undefined;
    const message = this.#buffered ??
      this.#callNow(() => this.#socket.receive())?.value;
    this.#buffered = undefined;
    return message;
  }

  /** Drops the buffered message. */
  drop(): void {
    this.#collect();
    this.#buffered = undefined;
  }

  /** Calls `onChange` when a message arrives, or when there is room; at times without a cause. */
  wait(): void {
    if (this.#pending !== undefined || this.#buffered !== undefined) return;
    const option = this.#isReader ? RCVTIMEO : SNDTIMEO;
    this.#socket.setInt32Option(option, CALL_MS);
    const call: Promise<Message | void> = this.#isReader
      ? this.#socket.receive()
      : this.#socket.send([]);
    this.#socket.setInt32Option(option, 0);
    this.#pending = this.#promiseState(call);
    call.then(this.#onChange, this.#onChange);
  }

  /** Makes zeromq.js check whether the call that waits can complete. */
  nudge(): void {
    if (this.#pending === undefined) return;
    const call: Promise<unknown> = this.#isReader
      ? this.#socket.send([])
      : this.#socket.receive();
    call.catch(() => {}); // rejects if the socket type cannot receive
  }

  /** Closes the socket. */
  close(): void {
    this.#pending = this.#buffered = undefined;
    this.#socket.close();
  }

  /** Whether the call that waits still does, after a nudge. */
  #isWaiting(): boolean {
    this.nudge();
    this.#collect();
    return this.#pending !== undefined;
  }

  /** Takes the result of the call that waits, if it has one. */
  #collect(): void {
    const settled = this.#pending?.();
    if (settled === undefined) return;
    this.#pending = undefined;
    if (settled.isFulfilled) this.#buffered = settled.value || undefined;
    else if (!NOT_NOW.includes(codeOf(settled.error))) {
      throw socketError(settled.error);
    }
  }

  /** The result of a call that does not wait; `undefined` if it would have to. */
  #callNow<T>(call: () => Promise<T>): { readonly value: T } | undefined {
    let settled: Settled<T> | undefined;
    try {
      settled = this.#promiseState(call())();
    } catch (error) {
      settled = { isFulfilled: false, error };
    }
    if (settled === undefined) {
      throw new Error("npm:zeromq waits although its timeout is 0");
    }
    if (settled.isFulfilled) return settled;
    if (codeOf(settled.error) === "EAGAIN") return undefined;
    throw socketError(settled.error);
  }
}
