/**
 * Layer: native.
 *
 * Creates sockets of libzmq by the number of their type; the types of their
 * classes and options.
 *
 * @module
 */
import { KeepAlive } from "../async/keep_alive.ts";
import {
  type OptionsOfType,
  SOCKET_TYPE_NAMES,
  type SOCKET_TYPES,
  type SocketType,
  type SocketTypeName,
  ZmqError,
} from "../zmq/mod.ts";
import { findTraits, traitsOf } from "../zmq/socket_traits.ts";
import { socketError } from "./libzmq_errors.ts";
import {
  NativeDuplex,
  NativeReader,
  NativeRouter,
  NativeSubscriber,
  NativeWriter,
} from "./socket_classes.ts";
import type { EngineOnly, LibzmqOptions } from "./options.ts";
import type { NativeParts, NativeSocket } from "./socket.ts";
import type { PromiseState } from "./promise_state.ts";
import type { Zeromq } from "./zeromq_api.ts";

/** The types that libzmq calls a draft. */
export type DraftType = Extract<
  (typeof SOCKET_TYPES)[SocketTypeName],
  { readonly isDraft: true }
>["number"];

/** The class of each socket type; those of draft types cannot be created. */
export interface NativeSocketOfType extends Readonly<Record<DraftType, never>> {
  /** PAIR */
  0: NativeDuplex;
  /** PUB */
  1: NativeWriter;
  /** SUB */
  2: NativeSubscriber;
  /** REQ */
  3: NativeDuplex;
  /** REP */
  4: NativeDuplex;
  /** DEALER */
  5: NativeDuplex;
  /** ROUTER */
  6: NativeRouter;
  /** PULL */
  7: NativeReader;
  /** PUSH */
  8: NativeWriter;
  /** XPUB */
  9: NativeDuplex;
  /** XSUB */
  10: NativeDuplex;
  /** STREAM */
  11: NativeRouter;
}

/** The options that each socket type is created with. */
export type NativeOptionsOfType = {
  readonly [T in SocketType]:
    & Omit<OptionsOfType[T], EngineOnly>
    & Partial<LibzmqOptions>
    & {
      /** A Context of npm:zeromq; by default its global one. */ context?:
        object;
    };
};

/** Creates a socket. */
export type CreateSocket = <T extends SocketType>(
  type: T,
  options?: NativeOptionsOfType[T],
) => NativeSocketOfType[T];

/** Returns the function that creates sockets. */
export function socketMaker(
  zeromq: Zeromq,
  promiseState: PromiseState,
): CreateSocket {
  const keepAlive = new KeepAlive();
  return (type, { context, ...options } = {}) => {
    const traits = findTraits(type);
    if (traits === undefined || traits.isDraft) throw typeError(type);
    const name = traits.className as Exclude<keyof Zeromq, "version">;
    let socket;
    try {
      socket = new zeromq[name](context === undefined ? {} : { context });
    } catch (error) {
      throw socketError(error);
    }
    const made = wrap({ socket, type, promiseState, keepAlive });
    try {
      for (const [option, value] of Object.entries(options)) {
        if (value !== undefined) made.setOption(option, value);
      }
    } catch (error) {
      made.close().catch(() => {}); // the first error is the one to report
      throw error;
    }
    return made as NativeSocketOfType[typeof type];
  };
}

function typeError(type: number): ZmqError {
  const name = SOCKET_TYPE_NAMES[type];
  return name === undefined
    ? new ZmqError("EINVAL", `Unknown socket type ${type}`)
    : new ZmqError(
      "ENOTSUP",
      `Cannot create a ${name} socket: draft types need the built-in engine`,
    );
}

function wrap(parts: NativeParts): NativeSocket {
  const { sends, receives, subscribes, address } = traitsOf(parts.type);
  if (!receives) return new NativeWriter(parts);
  if (!sends) {
    return subscribes === null
      ? new NativeReader(parts)
      : new NativeSubscriber(parts);
  }
  return address === "routing id frame"
    ? new NativeRouter(parts)
    : new NativeDuplex(parts);
}
