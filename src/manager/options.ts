/**
 * Layer: manager.
 *
 * The options of the methods of a SocketManager. All times are in milliseconds.
 * Types only.
 *
 * @module
 */
import type { BaseSerializer } from "../serializers/mod.ts";
import type { Schema } from "./schema.ts";
import type { OptionsMap, SocketMap, ZmqModule } from "./contract.ts";
import type { SubscribeOptions } from "./event_stream.ts";
import type { WaitOptions } from "../async/deadline.ts";

/** The options of a `SocketManager`. */
export interface SocketManagerOptions<
  S extends SocketMap,
  O extends OptionsMap,
> {
  /** The ZeroMQ module; by default the built-in engine. */
  zmq?: ZmqModule<S, O>;
  /** The context of the sockets; by default the shared one of the module. */
  context?: ContextOf<O>;
  /** The data format; by default JSON. */
  serializationBackend?: BaseSerializer;
  /** How long `engage` and `ready` wait, in milliseconds, -1 for ever. Default 10,000. */
  pollingTimeout?: number;
  /** How long all other methods wait, in milliseconds, -1 for ever. Default 10,000. */
  timeout?: number;
  /** How long a closed socket may still send queued messages, in milliseconds, -1 for ever. Not used for SUB, XSUB and DISH, which have none. Default 1,000. */
  linger?: number;
  /** Called with the error of each socket that `closeAll` could not close properly. Default: writes it to stderr. */
  onCloseError?: (error: unknown, name: string) => unknown;
}

/** The type of the contexts of a ZeroMQ module. */
export type ContextOf<O extends OptionsMap> = O[0] extends { context?: infer C }
  ? C
  : object;

/** The option of methods that receive. */
export interface SchemaOption<T = unknown> {
  /** Validates received data, and gives it a type; a schema of zod, valibot, arktype, or any other with the Standard Schema interface. */
  schema?: Schema<T>;
}

/** How to create a socket: the options of its type, and a schema. */
export type CreateOptions<O extends object, T = unknown> = O & SchemaOption<T>;

/** The options of methods that receive. */
export interface ReceiveOptions<T = unknown>
  extends WaitOptions, SchemaOption<T> {}

/** The options of `subscribe`. */
export interface EventOptions<T = unknown>
  extends SubscribeOptions, SchemaOption<T> {}

/** The options of `request`. */
export interface RequestOptions<T = unknown> extends SchemaOption<T> {
  /** How long each attempt waits for the reply, in milliseconds, -1 for ever. Default: `timeout` of the manager. */
  timeout?: number;
  /** How often the request is sent again if no reply comes. Default 2: three attempts. */
  retries?: number;
  /** Cancels the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The context of a request to `serve`. */
export interface ServeContext {
  /** Aborted when the service ends: by its own signal, or because the socket was closed. */
  readonly signal: AbortSignal;
  /** The routing id of the peer, for a ROUTER. */
  readonly routingId?: Uint8Array;
}

/** Replies to a request with data that the serialization backend can pack; `undefined` is sent as `null`. */
export type ServeHandler<T = unknown> = (
  data: T,
  context: ServeContext,
) => unknown;

/** The options of `serve`. */
export interface ServeOptions<T = unknown> extends SchemaOption<T> {
  /** Ends the service: it receives no further request, but replies to those in progress. */
  signal?: AbortSignal;
  /** Called with errors of the handler, of requests that cannot be unpacked, and of replies that cannot be sent. Errors that it throws are ignored. Default: writes them to stderr, each kind once a second with a count. */
  onError?: (error: unknown) => unknown;
  /** How many requests are handled at a time: 1 for a REP, up to 1,024 for a ROUTER. Default 1. */
  concurrency?: number;
}

/** The options of a log handler. */
export interface GetLogHandlerOptions {
  /** The topic of the records. Default `"logs"`. */
  topicName?: string;
}

/** The options of a logger. */
export interface GetLoggerOptions extends GetLogHandlerOptions {
  /** The name of the logger in its records. Default: the name of the socket. */
  loggerName?: string;
}
