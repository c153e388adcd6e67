/**
 * Layer: sockets. What makes a socket type: how it receives and sends messages
 * over its pipes. A pattern does no I/O and never waits; the socket around it
 * does.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type { Pipe } from "../routing/pipe.ts";

/** The messaging pattern of one socket. The defaults are those of a socket that neither sends nor receives. */
export abstract class Pattern {
  /** Adds a pipe. */
  abstract attach(pipe: Pipe): void;

  /** Removes a pipe. */
  abstract detach(pipe: Pipe): void;

  /** A pipe has a message to read, after it was empty. */
  readable(_pipe: Pipe): void {}

  /** A pipe has room, after it was full. */
  writable(_pipe: Pipe): void {}

  /** A pipe will get no more messages, but has some left to read. */
  ending(_pipe: Pipe): void {}

  /** The connection behind a pipe was lost and replaced. */
  reset(_pipe: Pipe): void {}

  /**
   * The socket closes: abandons work in progress. Pipes are detached afterwards.
   *
   * @returns Resolves once nothing is left running.
   */
  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** A pipe's routing id has become known. */
  identified(_pipe: Pipe): void {}

  /**
   * Sends a message.
   *
   * @returns false if it would have to wait; the message is not stored then.
   * @throws {ZmqError} It can never be sent.
   */
  send(_message: Message): boolean {
    throw new ZmqError("ENOTSUP", "This socket type cannot send");
  }

  /**
   * Takes the next message.
   *
   * @returns `undefined` if there is none now.
   * @throws {ZmqError} There can never be one.
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

  /** Whether `send` would accept a message now. */
  get canSend(): boolean {
    return false;
  }

  /** Whether `receive` would return a message now. */
  get canReceive(): boolean {
    return false;
  }
}
