/**
 * Layer: manager.
 *
 * What a SocketManager needs from a ZeroMQ module. The built-in engine
 * (`../zmq/mod.ts`) fulfils this contract directly; other implementations, such
 * as libzmq, can be adapted to it. Types only.
 *
 * Option names are those of zeromq.js, numbers those of libzmq, everywhere.
 *
 * @module
 */
import type { SocketType } from "../zmq/mod.ts";

/** How long {@linkcode ZmqSocket.poll} waits. */
export interface PollOptions {
  /** In milliseconds; -1 waits for ever, 0 not at all. */
  timeout?: number;
  /** Cancels the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A ZeroMQ socket, as the manager sees it. */
export interface ZmqSocket {
  /** The number of the socket type in libzmq. */
  readonly type: number;
  /** Whether it is closed or closing. */
  readonly closed: boolean;
  /** The endpoint that was bound or connected last, with its real port. */
  readonly lastEndpoint: string | null;
  /** Why the last attempt to connect failed, if it did; optional. */
  readonly lastConnectError?: Error | undefined;

  /** Listens at an address; a host name is resolved. */
  bind(address: string): Promise<void>;
  /** Stops listening at an address; resolves once it is free. */
  unbind(address: string): Promise<void>;
  /** Connects, and reconnects by itself; throws for a malformed address. */
  connect(address: string): void;
  /** Disconnects; throws if it is not connected to the address. */
  disconnect(address: string): void | Promise<void>;
  /** Closes the socket: waiting polls reject, and `closed` is true at once. */
  close(): void | Promise<void>;

  /**
   * Waits until the socket can receive (1) or send (2), or either (3), and
   * resolves to what it can do; 0 when the time is over. Any number of polls may
   * wait at a time; one that is cancelled takes no message.
   */
  poll(events: number, options: PollOptions): Promise<number>;
  /** Sends if that needs no waiting; returns whether it did. Absent in types that cannot send. */
  trySend?(message: readonly Uint8Array[]): boolean;
  /** Receives a message if one has arrived. Absent in types that cannot receive. */
  tryReceive?(): Uint8Array[] | undefined;

  /** Subscribes; counted, as in libzmq. Only SUB has it. */
  subscribe?(...topics: Uint8Array[]): void;
  /** Unsubscribes; counted. Only SUB has it. */
  unsubscribe?(...topics: Uint8Array[]): void;

  /** Sets an option by name or number; throws if it is unknown or the value is invalid. */
  setOption(option: string | number, value: unknown): void;
  /** The value of an option; throws if it is unknown. */
  getOption(option: string | number): unknown;
}

/**
 * A socket whose messages have the type of its schema. It exists for the compiler
 * only: `recvSafe` and similar methods take the socket in place of its name, and
 * return data of that type.
 */
export interface MessagesOf<T> {
  /** Never set. */
  readonly "~messages"?: T;
}

/** A socket of a manager: its name, or the socket itself, which carries the type of its messages. */
export type SocketRef<T = unknown> = string | (ZmqSocket & MessagesOf<T>);

/** The class of each socket type, by its number. */
export type SocketMap = Readonly<Record<SocketType, ZmqSocket>>;

/** The options that each socket type is created with, by its number. */
export type OptionsMap = Readonly<Record<SocketType, object>>;

/** A ZeroMQ module, as the manager sees it. */
export interface ZmqModule<
  S extends SocketMap = SocketMap,
  O extends OptionsMap = OptionsMap,
> {
  /**
   * Creates a socket. The manager passes the options of its caller and defaults
   * for `context`, `linger` and `routingId`.
   */
  createSocket<T extends SocketType>(type: T, options?: O[T]): S[T];
  /** Never set: TypeScript infers the classes of a module from it. */
  readonly types?: { readonly sockets: S; readonly options: O };
}
