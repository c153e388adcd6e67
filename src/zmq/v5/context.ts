/**
 * Layer: v5. The context of v5: settings of the one that all sockets share.
 *
 * @module
 */
import { isIntegerIn } from "../integers.ts";
import { Context as EngineContext, context } from "../engine/context.ts";
import { ZMQ_IO_THREADS } from "./constants.ts";
import { argumentError, asSocketError, socketError } from "./socket_error.ts";

let threads = 1;

/** Settings of all sockets, and a context of one's own, which v5 had no use for. */
export class Context {
  readonly #engine: EngineContext = new EngineContext();
  #threads = 1;

  /** Sets how many I/O threads libzmq would have; stored, without effect: there are none. */
  static setMaxThreads(count: number): void {
    threads = countOf(count, 0);
  }

  /** The number that was set; 1 at first. */
  static getMaxThreads(): number {
    return threads;
  }

  /**
   * Sets how many sockets may be open at a time.
   *
   * @throws {SocketError} `EINVAL`.
   */
  static setMaxSockets(count: number): void {
    set(context, "maxSockets", countOf(count, 1));
  }

  /** How many sockets may be open at a time. */
  static getMaxSockets(): number {
    return context.maxSockets;
  }

  /** Sets an option by its number. @throws {SocketError} `EINVAL`, `ENOTSUP`. */
  setOpt(option: number, value: number): void {
    if (option === ZMQ_IO_THREADS) this.#threads = countOf(value, 0);
    else set(this.#engine, option, countOf(value, -1));
  }

  /** The value of an option. @throws {SocketError} `EINVAL`, `ENOTSUP`. */
  getOpt(option: number): number {
    if (option === ZMQ_IO_THREADS) return this.#threads;
    try {
      return Number(this.#engine.getOption(option));
    } catch (error) {
      throw asSocketError(error);
    }
  }

  /** Closes it. */
  close(): void {
    void this.#engine.close();
  }
}

function set(target: EngineContext, option: string | number, value: number) {
  try {
    target.setOption(option, value);
  } catch (error) {
    throw asSocketError(error);
  }
}

function countOf(value: unknown, least: number): number {
  if (typeof value !== "number") {
    throw argumentError("The value of this option must be a number");
  }
  if (!isIntegerIn(value, least, Infinity)) throw socketError("EINVAL");
  return value;
}
