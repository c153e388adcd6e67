/**
 * The SocketManager: sockets by name, events, requests, logging.
 *
 * @module
 */
export type {
  MessagesOf,
  OptionsMap,
  PollOptions,
  SocketMap,
  SocketRef,
  ZmqModule,
  ZmqSocket,
} from "./contract.ts";
export { Event, EventPair } from "./event.ts";
export type { EventStream, SubscribeOptions } from "./event_stream.ts";
export { RequestRefusedError, RequestTimeoutError } from "./failures.ts";
export * from "./logging/mod.ts";
export type { MaskOrOptions } from "./call_options.ts";
export type {
  ContextOf,
  CreateOptions,
  EventOptions,
  GetLoggerOptions,
  GetLogHandlerOptions,
  ReceiveOptions,
  RequestOptions,
  SchemaOption,
  ServeContext,
  ServeHandler,
  ServeOptions,
  SocketManagerOptions,
} from "./options.ts";
export type { Schema, SchemaResult } from "./schema.ts";
export { SocketManager } from "./socket_manager.ts";
export type { Topic } from "./topics.ts";
export type { WaitOptions } from "../async/deadline.ts";
