/**
 * Layer: manager.
 *
 * What the number of a socket type, and a mask of poll events, says. Nothing
 * here knows a socket.
 *
 * @module
 */
import {
  DISH,
  GATHER,
  POLLIN,
  POLLOUT,
  PUB,
  PULL,
  PUSH,
  RADIO,
  SCATTER,
  SOCKET_TYPE_NAMES,
  SUB,
} from "../zmq/mod.ts";

/** Whether sockets of a type can receive. */
export function canReceive(type: number): boolean {
  return type !== PUB && type !== PUSH && type !== RADIO && type !== SCATTER;
}

/** Whether sockets of a type can send. */
export function canSend(type: number): boolean {
  return type !== SUB && type !== PULL && type !== DISH && type !== GATHER;
}

/** All that a socket of a type can be polled for. */
export function defaultMask(type: number): number {
  return (canReceive(type) ? POLLIN : 0) | (canSend(type) ? POLLOUT : 0);
}

/**
 * The mask to poll with.
 *
 * @throws {RangeError} If it is neither POLLIN, POLLOUT nor both.
 */
export function checkMask(mask: number | undefined, type: number): number {
  if (mask === undefined) return defaultMask(type);
  if (mask === POLLIN || mask === POLLOUT || mask === (POLLIN | POLLOUT)) {
    return mask;
  }
  throw new RangeError(
    `The polling mechanism cannot be ${mask}: expected POLLIN (1), POLLOUT (2) or both (3)`,
  );
}

/** The name of a socket type, such as `"REP"`. */
export function typeName(type: number): string {
  return SOCKET_TYPE_NAMES[type] ?? `unknown (${type})`;
}
