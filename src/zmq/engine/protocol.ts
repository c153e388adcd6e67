/**
 * Layer: engine. What a session needs of the protocol that its peer speaks, be
 * it ZMTP (`zmtp/connection.ts`) or none (`raw_connection.ts`): bytes in,
 * messages and events out, and the other way round. Types only.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { MessageRun } from "../message_run.ts";
import type { ConnectionEvent } from "../zmtp/connection.ts";
import type { Verdict } from "../zmtp/mechanism/mechanism.ts";

/** One connection, seen from one side. It does no I/O and never waits. */
export interface Protocol {
  /** Whether the peer is being authenticated, so that `next` returns nothing before `resume`, or was refused. */
  readonly ignoresInput: boolean;
  /** Whether something is withheld until the peer speaks, which may wait for us as well. */
  readonly isWaitingForPeer: boolean;
  /** Makes `next` send it without waiting any longer. */
  stopWaiting(): void;
  /** How many bytes wait in `takeOutput`. */
  readonly outputSize: number;
  /** How many of these bytes answer commands of the peer. */
  readonly answerSize: number;
  /** Takes the bytes to write, in order; they are valid until `outputWritten` is called. */
  takeOutput(): Uint8Array[];
  /** What was taken has been written, so its memory may be reused. */
  outputWritten(): void;
  /** Takes bytes from the peer; they must not change afterwards. */
  receive(chunk: Uint8Array): void;
  /**
   * The peer's bytes have ended.
   *
   * @returns Whether `next` reports that.
   */
  end?(): boolean;
  /**
   * The next message or event; `undefined` until more bytes arrive or, once the
   * peer's share of a tick is used up, until `rest` is called.
   *
   * @throws {ProtocolError} The peer broke the protocol.
   */
  next(): Message | ConnectionEvent | undefined;
  /** Whether the peer's share of the tick is used up: `next` returns nothing before `rest`. */
  readonly isSpent: boolean;
  /** A new tick of the event loop begins: `next` continues. */
  rest(): void;
  /** Continues a handshake that waits for authentication. */
  resume(verdict: Verdict): void;
  /** Encodes a message. */
  send(message: Message): void;
  /** Whether the peer can be sent runs of messages as they are. */
  readonly sendsRuns: boolean;
  /** Encodes a run of messages, and owns its memory from now on; only if `sendsRuns`. */
  sendRun(run: MessageRun): void;
  /** Whether a part of a message has arrived. */
  readonly isPartial: boolean;
  /** Encodes a heartbeat. */
  ping(timeToLiveMs: number): void;
  /** Encodes an unsolicited answer to one, as a sign of life. */
  pong(): void;
}
