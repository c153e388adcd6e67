/**
 * Layer: manager.
 *
 * What the manager knows of a socket type by its number, and masks of poll
 * events.
 *
 * @module
 */
import { SocketTypeMismatch } from "../errors.ts";
import {
  type OptionName,
  POLLIN,
  POLLOUT,
  SOCKET_TYPE_NAMES,
} from "../zmq/mod.ts";
import { findTraits, type SocketTraits } from "../zmq/socket_traits.ts";

/** The traits of a type; empty for one that only another ZeroMQ module has. */
export function traitsOf(type: number): Partial<SocketTraits> {
  return findTraits(type) ?? {};
}

/** Whether sockets of a type can receive. */
export function canReceive(type: number): boolean {
  return traitsOf(type).receives ?? true;
}

/** Whether sockets of a type can send. */
export function canSend(type: number): boolean {
  return traitsOf(type).sends ?? true;
}

/** Whether a type has an option; for options that few types have. */
export function hasOption(type: number, option: OptionName): boolean {
  return traitsOf(type).options?.includes(option) ?? false;
}

/** Whether sockets of a type subscribe to topics. */
export function hasTopics(type: number): boolean {
  return traitsOf(type).subscribes === "topics";
}

/** Whether sockets of a type can get the replies of a REP. */
export function getsReplies(type: number): boolean {
  return traitsOf(type).peers?.includes("REP") ?? false;
}

/** Whether sockets of a type may have messages to send when they are closed. */
export function canLinger(type: number): boolean {
  return !traitsOf(type).subscribes;
}

/** All events that a socket of a type can be polled for. */
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

/**
 * Checks the type of a socket.
 *
 * @throws {SocketTypeMismatch} If it has another one.
 */
export function requireType(
  name: string,
  socket: { readonly type: number },
  type: number,
): void {
  if (socket.type === type) return;
  throw new SocketTypeMismatch(name, {
    expected: typeName(type),
    actual: typeName(socket.type),
  });
}

/** The name of a socket type, such as `"REP"`. */
export function typeName(type: number): string {
  return SOCKET_TYPE_NAMES[type] ?? `unknown (${type})`;
}
