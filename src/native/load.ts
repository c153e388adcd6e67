/**
 * Layer: native.
 *
 * Loads npm:zeromq, on runtimes where it does no harm, and makes it a ZeroMQ
 * module for a SocketManager.
 *
 * @module
 */
import type { ZmqModule } from "../manager/mod.ts";
import {
  type CreateSocket,
  type NativeOptionsOfType,
  type NativeSocketOfType,
  socketMaker,
} from "./create.ts";
import { NativeError, reasonOf } from "./libzmq_errors.ts";
import { refusal, thisRuntime } from "./runtime.ts";
import { makePromiseState, type PromiseState } from "./promise_state.ts";
import type { Zeromq } from "./zeromq_api.ts";

/** libzmq, as a ZeroMQ module for a SocketManager. */
export interface Native
  extends ZmqModule<NativeSocketOfType, NativeOptionsOfType> {
  /** The version of libzmq, such as `"4.3.5"`. */
  readonly version: string;
  /** Creates a socket; the manager calls it. */
  readonly createSocket: CreateSocket;
}

/** How to load it. */
export interface LoadNativeOptions {
  /** Loads it even on a runtime on which it is known to fail. Default false. */
  force?: boolean;
}

/**
 * Loads libzmq through npm:zeromq, for a SocketManager that uses it instead of
 * the built-in engine.
 *
 * It works on Node, after `npm install zeromq`. On Deno and Bun, npm:zeromq is
 * known to crash or hang the process, so it is not even imported there, except
 * with `force`.
 *
 * @param options Whether to load it on every runtime.
 * @returns The module, for the option `zmq` of a SocketManager.
 * @throws {NativeError} `ERR_NATIVE_UNSUPPORTED`, `ERR_NATIVE_NOT_INSTALLED` or
 *   `ERR_NATIVE_NOT_LOADED`; a promise that rejects.
 *
 * @example
 * ```ts no-run
 * import { SocketManager, zmq } from "@agentzero/agentzero";
 * import { loadNative } from "@agentzero/agentzero/native";
 *
 * await using sockets = new SocketManager({ zmq: await loadNative() });
 * await sockets.ensureAndBind("in", zmq.PULL, "inproc://jobs");
 * await sockets.ensureAndConnect("out", zmq.PUSH, "inproc://jobs");
 * await sockets.sendSafe("out", { id: 1 });
 * console.log(await sockets.recvSafe("in")); // { id: 1 }
 * ```
 */
export function loadNative(options: LoadNativeOptions = {}): Promise<Native> {
  return loadFrom(async () => {
    try {
      // Within this try: only there do bundlers tolerate a missing package.
      return await import("zeromq");
    } catch (cause) {
      throw loadError(cause);
    }
  }, options);
}

/** The same, with a function that imports the package. For tests. */
export async function loadFrom(
  importZeromq: () => Promise<unknown>,
  { force = false }: LoadNativeOptions = {},
): Promise<Native> {
  const reason = refusal(thisRuntime());
  if (reason !== undefined && !force) {
    throw new NativeError("ERR_NATIVE_UNSUPPORTED", reason);
  }
  let zeromq: Zeromq;
  let promiseState: PromiseState;
  try {
    promiseState = makePromiseState();
    const module = await importZeromq() as Zeromq & { default?: Zeromq };
    zeromq = module.default ?? module; // depends on the importing module system
  } catch (cause) {
    throw loadError(cause);
  }
  return {
    version: zeromq.version,
    createSocket: socketMaker(zeromq, promiseState),
  };
}

function loadError(cause: unknown): NativeError {
  if (cause instanceof NativeError) return cause;
  const { code } = cause as { code?: unknown };
  return code === "ERR_MODULE_NOT_FOUND"
    ? new NativeError(
      "ERR_NATIVE_NOT_INSTALLED",
      "Cannot load npm:zeromq: it is not installed. Run: npm install zeromq@6",
      { cause },
    )
    : new NativeError(
      "ERR_NATIVE_NOT_LOADED",
      `Cannot load npm:zeromq: ${reasonOf(cause)}`,
      { cause },
    );
}
