/**
 * Layer: sockets. Creates a socket by the number of its type, as in libzmq and
 * Python: `zmq.REQ`.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { findTraits } from "../socket_traits.ts";
import type { SOCKET_TYPES, SocketType, SocketTypeName } from "../types.ts";
import type * as classes from "./classes.ts";
import { classOf } from "./class_of.ts";

/** The class of each socket type, by its number. */
export type SocketOfType = {
  readonly [T in SocketType]: InstanceType<
    (typeof classes)[
      Extract<(typeof SOCKET_TYPES)[SocketTypeName], { number: T }>["className"]
    ]
  >;
};

/** The options of each socket type, by its number. */
export type OptionsOfType = {
  readonly [T in SocketType]: NonNullable<
    ConstructorParameters<
      (typeof classes)[
        Extract<
          (typeof SOCKET_TYPES)[SocketTypeName],
          { number: T }
        >["className"]
      ]
    >[0]
  >;
};

/**
 * Creates a socket.
 *
 * @param type A number such as `zmq.REQ`.
 * @throws {ZmqError} `EINVAL` for an unknown type or invalid options.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using socket = zmq.createSocket(zmq.PULL, { receiveTimeout: 100 });
 * await socket.bind("tcp://127.0.0.1:*");
 * ```
 */
export function createSocket<T extends SocketType>(
  type: T,
  options: OptionsOfType[T] = {},
): SocketOfType[T] {
  const traits = findTraits(type);
  if (traits === undefined) {
    throw new ZmqError("EINVAL", `Unknown socket type ${type}`);
  }
  const Class = classOf(traits.className) as new (
    options: OptionsOfType[T],
  ) => SocketOfType[T];
  return new Class(options);
}
