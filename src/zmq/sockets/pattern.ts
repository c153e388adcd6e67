/**
 * Layer: sockets. What makes a socket type: how it takes messages in and gives
 * them out over its pipes. A pattern does no I/O and never waits; the socket
 * around it does.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type { Pipe } from "../routing/pipe.ts";

/** The messaging pattern of one socket. The defaults are those of a socket that neither sends nor receives. */
export abstract class Pattern {
  /** Takes a new pipe. */
  abstract attach(pipe: Pipe): void;

  /** Forgets a pipe. */
  abstract detach(pipe: Pipe): void;

  /** A pipe has something to read, after it had nothing. */
  readable(_pipe: Pipe): void {}

  /** A pipe has room, after it was full. */
  writable(_pipe: Pipe): void {}

  /** Nothing will be added to what is left to read of a pipe. */
  ending(_pipe: Pipe): void {}

  /** The connection behind a pipe was lost and will be made again. */
  reset(_pipe: Pipe): void {}

  /** A pipe's routing id has become known. */
  identified(_pipe: Pipe): void {}

  /**
   * Sends a message.
   *
   * @returns false if it would have to wait; nothing has been kept then.
   * @throws {ZmqError} It cannot be sent, however long one waits.
   */
  send(_message: Message): boolean {
    throw new ZmqError("ENOTSUP", "This socket type cannot send");
  }

  /**
   * Takes the next message.
   *
   * @returns `undefined` if there is none now.
   * @throws {ZmqError} There can be none, however long one waits.
   */
  receive(): Message | undefined {
    throw new ZmqError("ENOTSUP", "This socket type cannot receive");
  }

  /** Why the state does not allow `send` now (REQ, REP); `undefined` if it does. */
  get sendStateError(): string | undefined {
    return undefined;
  }

  /** Why the state does not allow `receive` now (REQ, REP); `undefined` if it does. */
  get receiveStateError(): string | undefined {
    return undefined;
  }

  /** Whether `send` would take a message now. */
  get canSend(): boolean {
    return false;
  }

  /** Whether `receive` would give a message now. */
  get canReceive(): boolean {
    return false;
  }
}
