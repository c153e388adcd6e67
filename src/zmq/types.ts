/**
 * Layer: zmq, bottom. The numbers and names of socket types, and of poll events,
 * as in libzmq's `zmq.h`.
 *
 * @module
 */
import {
  SOCKET_TYPES,
  type SocketType,
  type SocketTypeName,
} from "./socket_types.ts";

export * from "./socket_types.ts";

/** The names in the `Socket-Type` property of READY (RFC 37), by their number. */
export const SOCKET_TYPE_NAMES:
  & readonly SocketTypeName[]
  & { readonly [T in SocketType]: SocketTypeName } = namesByNumber();

function namesByNumber(): typeof SOCKET_TYPE_NAMES {
  const names: string[] = [];
  for (const [name, { number }] of Object.entries(SOCKET_TYPES)) {
    names[number] = name;
  }
  return names as unknown as typeof SOCKET_TYPE_NAMES;
}

/** A message can be received without waiting. */
export const POLLIN = 1 as const;
/** A message can be sent without waiting. */
export const POLLOUT = 2 as const;
