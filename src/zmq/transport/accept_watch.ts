/**
 * Layer: transport. Listeners while the process has no file descriptors left.
 * Every runtime then leaves new connections waiting or drops them, and reports
 * nothing. Node and Bun accept again once there is room. Deno (2.9) does not:
 * an `accept` that failed once is never retried. So there each listener is made
 * to retry once a second.
 *
 * @module
 */
import { closeSync, openSync } from "node:fs";
import type { Server } from "node:net";
import process from "node:process";
import { unref } from "../../async/timers.ts";
import { ZmqError } from "../errors.ts";
import { mayRead } from "./permission.ts";

const RETRY_MS = 1000;

/** What the handle of a TCP server has on Deno and Node. */
interface Listening {
  readonly _handle?: { listen?(backlog: number): number } | null;
}

/** What the watch of a listener needs. */
export interface AcceptWatchOptions {
  /** What could be read, if there were descriptors: none but the null device if absent. */
  readonly path?: string | undefined;
  /** Listens again; for servers whose handle cannot be made to accept again. */
  readonly relisten?: () => void;
  /** How often Deno retries, in milliseconds. */
  readonly retryMs?: number;
}

/** Watches one listener from when it listens until it is stopped. */
export class AcceptWatch {
  readonly #server: Server;
  readonly #onError: (error: Error) => void;
  readonly #path: string;
  readonly #relisten: (() => void) | undefined;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #isExhausted = false;

  /** @param onError Called once each time that the descriptors have run out. */
  constructor(
    server: Server,
    onError: (error: Error) => void,
    options: AcceptWatchOptions = {},
  ) {
    this.#server = server;
    this.#onError = onError;
    this.#path = options.path ??
      process.getBuiltinModule("node:os").devNull;
    this.#relisten = options.relisten;
    server.on("connection", this.#accepted);
    if (!("Deno" in globalThis)) return;
    this.#timer = setInterval(this.#retry, options.retryMs ?? RETRY_MS);
    unref(this.#timer);
  }

  /** Ends the watch. */
  stop(): void {
    clearInterval(this.#timer);
    this.#server.off("connection", this.#accepted);
  }

  /** A new connection may have taken the last one. */
  readonly #accepted = (): void => {
    // On Deno the retry needs to know that they had run out.
    if (!this.#check() && this.#timer === undefined) this.#isExhausted = false;
  };

  readonly #retry = (): void => {
    if (this.#check()) return;
    const hadRunOut = this.#isExhausted;
    this.#isExhausted = false;
    if (this.#relisten !== undefined) {
      if (hadRunOut) this.#relisten();
    } else (this.#server as Listening)._handle?.listen?.(0);
  };

  /** Whether there are none left; reports it the first time. */
  #check(): boolean {
    if (!isExhausted(this.#path)) return false;
    if (this.#isExhausted) return true;
    this.#isExhausted = true;
    this.#onError(
      new ZmqError(
        "EMFILE",
        "Cannot accept connections: no file descriptors are left (see ulimit -n)",
      ),
    );
    return true;
  }
}

/** Whether no file can be opened. A socket cannot be opened either way, but for another reason. */
function isExhausted(path: string): boolean {
  if (process.platform === "win32" || !mayRead(path)) return false;
  try {
    closeSync(openSync(path, "r"));
    return false;
  } catch (error) {
    const { code } = error as { code?: string };
    return code === "EMFILE" || code === "ENFILE";
  }
}
