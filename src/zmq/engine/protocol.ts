/**
 * Layer: engine. What a session needs of the protocol that its peer speaks, be
 * it ZMTP (`zmtp/connection.ts`) or none (`raw_connection.ts`): bytes in,
 * messages and events out, and the other way round. Types only.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { ConnectionEvent } from "../zmtp/connection.ts";
import type { Verdict } from "../zmtp/mechanism/mechanism.ts";

/** One connection, seen from one side. It does no I/O and never waits. */
export interface Protocol {
  /** Whether nothing goes on until `resume` is called. */
  readonly ignoresInput: boolean;
  /** Whether something is not said before the peer has spoken, which may wait likewise. */
  readonly isWaitingForPeer: boolean;
  /** Has `next` say it all the same. */
  stopWaiting(): void;
  /** How many bytes wait in `takeOutput`. */
  readonly outputSize: number;
  /** How many bytes of that answer what the peer alone has asked for. */
  readonly answerSize: number;
  /** Hands out the bytes to write, in order; good until `outputWritten` is called. */
  takeOutput(): Uint8Array[];
  /** What was taken has been written: its memory may be used again. */
  outputWritten(): void;
  /** Takes bytes from the peer; they must not change afterwards. */
  receive(chunk: Uint8Array): void;
  /**
   * The peer's bytes are over.
   *
   * @returns Whether `next` has something to say about that.
   */
  end?(): boolean;
  /**
   * The next message or event, or `undefined` until more bytes come, or until
   * `rest` is called where so much has been read that others should have a turn.
   *
   * @throws {ProtocolError} The peer broke the protocol.
   */
  next(): Message | ConnectionEvent | undefined;
  /** Whether so much has been read since `rest` that `next` gives nothing before it. */
  readonly isSpent: boolean;
  /** A turn of the event loop is over: `next` may go on. */
  rest(): void;
  /** Goes on with a handshake that waits. */
  resume(verdict: Verdict): void;
  /** Encodes a message. */
  send(message: Message): void;
  /** Whether something has begun to arrive that is not there whole. */
  readonly isPartial: boolean;
  /** Encodes a heartbeat. */
  ping(timeToLiveMs: number): void;
  /** Encodes the answer to one, as a sign of life. */
  pong(): void;
}
