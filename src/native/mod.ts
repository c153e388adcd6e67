/**
 * libzmq instead of the built-in engine, for a SocketManager on Node: npm:zeromq
 * behind the contract of the manager.
 *
 * @example
 * ```ts no-run
 * import { SocketManager } from "@agentzero/agentzero";
 * import { loadNative } from "@agentzero/agentzero/native";
 *
 * await using sockets = new SocketManager({ zmq: await loadNative() });
 * ```
 *
 * @module
 */
export type {
  CreateSocket,
  DraftType,
  NativeOptionsOfType,
  NativeSocketOfType,
} from "./create.ts";
export { NativeError, type NativeErrorCode } from "./libzmq_errors.ts";
export type {
  NativeDuplex,
  NativeReader,
  NativeRouter,
  NativeSubscriber,
  NativeWriter,
} from "./socket_classes.ts";
export { loadNative, type LoadNativeOptions, type Native } from "./load.ts";
export type { EngineOnly, LibzmqOptions } from "./options.ts";
export type { NativeSocket } from "./socket.ts";
