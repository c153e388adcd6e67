/**
 * Test support. A relay in a process of its own, called from here.
 *
 * @module
 */
import { Program } from "../support/programs.ts";
import type { Place } from "./relay.ts";

type Method = "open" | "close" | "cut" | "refuse" | "stall";

/** A `Relay` elsewhere. */
export class RemoteRelay implements AsyncDisposable {
  readonly #waiting: Map<number, (result: unknown) => void> = new Map();
  readonly #program: Program;
  #lastId = 0;

  constructor() {
    const url = new URL("relay_program.ts", import.meta.url).href;
    this.#program = new Program("node", url, {}, (line) => {
      const [id, result] = JSON.parse(line) as [number, unknown];
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  /** Resolves once it takes calls. */
  get ready(): Promise<unknown> {
    return this.#program.ready;
  }

  /** See `Relay.open`. */
  async open(cable: string, from: Place, to: Place): Promise<number> {
    return await this.#call("open", cable, from, to) as number;
  }

  /** See `Relay.close`. */
  async close(cable: string, from: Place): Promise<void> {
    await this.#call("close", cable, from);
  }

  /** See `Relay.cut`. */
  async cut(cable: string): Promise<number> {
    return await this.#call("cut", cable) as number;
  }

  /** See `Relay.refuse`. */
  async refuse(cable: string, isRefusing: boolean): Promise<void> {
    await this.#call("refuse", cable, isRefusing);
  }

  /** See `Relay.stall`. */
  async stall(cable: string, isStalled: boolean): Promise<void> {
    await this.#call("stall", cable, isStalled);
  }

  /** Ends the process. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]();
  }

  #call(method: Method, ...args: unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#program.write(JSON.stringify([id, method, args]));
    });
  }
}
