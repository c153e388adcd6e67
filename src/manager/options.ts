/**
 * Layer: manager.
 *
 * What the methods of a SocketManager can be told. Times are in milliseconds
 * everywhere. Types only.
 *
 * @module
 */
import type { BaseSerializer } from "../serializers/mod.ts";
import type { Schema } from "./schema.ts";
import type { OptionsMap, SocketMap, ZmqModule } from "./contract.ts";
import type { SubscribeOptions } from "./event_stream.ts";
import type { WaitOptions } from "../async/deadline.ts";

/** How a `SocketManager` works. */
export interface SocketManagerOptions<
  S extends SocketMap,
  O extends OptionsMap,
> {
  /** The ZeroMQ module; by default the engine of this project. */
  zmq?: ZmqModule<S, O>;
  /** The context that sockets are created in; by default the one that the module shares. */
  context?: ContextOf<O>;
  /** How data becomes bytes; by default JSON. */
  serializationBackend?: BaseSerializer;
  /** How long `engage` and `ready` wait, in milliseconds, -1 for ever. Default 10,000. */
  pollingTimeout?: number;
  /** How long all other methods wait, in milliseconds, -1 for ever. Default 10,000. */
  timeout?: number;
  /** How long a closed socket goes on sending what waits, in milliseconds, -1 for ever. SUB, XSUB and DISH have nothing to send. Default 1,000. */
  linger?: number;
  /** Gets why a socket could not be closed as it should by `closeAll`, which goes on with the others. Default: it is written to stderr. */
  onCloseError?: (error: unknown, name: string) => unknown;
}

/** The type of the contexts of a ZeroMQ module. */
export type ContextOf<O extends OptionsMap> = O[0] extends { context?: infer C }
  ? C
  : object;

/** The option of what receives. */
export interface SchemaOption<T = unknown> {
  /** Checks and types what is received; a schema of zod, valibot, arktype, or any other with the Standard Schema interface. */
  schema?: Schema<T>;
}

/** How to create a socket: the options of its type, and a schema. */
export type CreateOptions<O extends object, T = unknown> = O & SchemaOption<T>;

/** How to receive. */
export interface ReceiveOptions<T = unknown>
  extends WaitOptions, SchemaOption<T> {}

/** How to iterate over events. */
export interface EventOptions<T = unknown>
  extends SubscribeOptions, SchemaOption<T> {}

/** How to make a request. */
export interface RequestOptions<T = unknown> extends SchemaOption<T> {
  /** How long each attempt waits for the answer, in milliseconds, -1 for ever. Default: that of the manager. */
  timeout?: number;
  /** How often the request is sent again when no answer came. Default 2: three attempts. */
  retries?: number;
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What a handler of `serve` gets besides the request. */
export interface ServeContext {
  /** Aborted when the service ends: by its own signal, or as the socket is closed. */
  readonly signal: AbortSignal;
  /** The routing id of the peer, for a ROUTER. */
  readonly routingId?: Uint8Array;
}

/** Answers a request with data that the serialization backend can pack; nothing is `null`. */
export type ServeHandler<T = unknown> = (
  data: T,
  context: ServeContext,
) => unknown;

/** How to serve requests. */
export interface ServeOptions<T = unknown> extends SchemaOption<T> {
  /** Ends the service: no further request is taken, and those at work are answered still. */
  signal?: AbortSignal;
  /** Gets what a handler threw, what could not be read, and why an answer could not be sent. What it throws itself is ignored. Default: they are written to stderr, those of one kind once a second, with how many there were. */
  onError?: (error: unknown) => unknown;
  /** How many requests are at work at a time: 1 for a REP, up to 1,024 for a ROUTER. Default 1. */
  concurrency?: number;
}

/** Which log handler. */
export interface GetLogHandlerOptions {
  /** The topic that records are published under. Default `"logs"`. */
  topicName?: string;
}

/** Which logger. */
export interface GetLoggerOptions extends GetLogHandlerOptions {
  /** The name that its records bear. Default: that of the socket. */
  loggerName?: string;
}
