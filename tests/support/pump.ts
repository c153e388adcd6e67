/**
 * Test support. ZMTP connections in memory: one that is fed recorded bytes, and
 * two that talk to each other. No I/O.
 *
 * @module
 */
import {
  Connection,
  type ConnectionEvent,
  type ConnectionSettings,
} from "../../src/zmq/zmtp/connection.ts";
import type { ProtocolError } from "../../src/zmq/errors.ts";
import type { Message } from "../../src/zmq/message.ts";
import type { SocketType } from "../../src/zmq/types.ts";
import { bytes } from "./peers/zmtp_bytes.ts";

/** What came out of a connection, in order. */
export interface Played {
  readonly messages: Message[];
  readonly events: ConnectionEvent[];
  /** Messages and events as they followed each other, for comparison. */
  readonly order: ("message" | ConnectionEvent["type"])[];
  /** The bytes it wrote. */
  output: Uint8Array;
  /** The code of the error that ended it. */
  error: string | undefined;
}

/** A connection with nothing unusual about it. */
export function connection(
  type: SocketType,
  settings: Partial<ConnectionSettings> = {},
): Connection {
  return new Connection({
    type,
    routingId: new Uint8Array(0),
    maxMessageSize: -1,
    ...settings,
  });
}

/** Nothing has come out yet. */
export function nothing(): Played {
  return {
    messages: [],
    events: [],
    order: [],
    output: new Uint8Array(0),
    error: undefined,
  };
}

/** Takes all that a connection has to give; false once it has failed. */
export function drain(connection: Connection, into: Played): boolean {
  if (into.error !== undefined) return false;
  try {
    for (;;) {
      const item = connection.next();
      if (item === undefined) {
        if (!connection.isSpent) break;
        connection.rest();
        continue;
      }
      if (Array.isArray(item)) {
        into.messages.push(item);
        into.order.push("message");
      } else {
        into.events.push(item);
        into.order.push(item.type);
      }
    }
  } catch (error: unknown) {
    into.error = (error as ProtocolError).code;
  }
  return into.error === undefined;
}

/** Takes what a connection has to write, as a wire does that is done at once. */
export function takeOutput(connection: Connection): Uint8Array {
  const output = bytes(...connection.takeOutput());
  connection.outputWritten();
  return output;
}

/** Feeds chunks to a connection and collects what it makes of them. */
export function play(
  connection: Connection,
  chunks: Iterable<Uint8Array>,
): Played {
  const played = nothing();
  played.output = takeOutput(connection);
  for (const chunk of chunks) {
    connection.receive(chunk);
    const goesOn = drain(connection, played);
    played.output = bytes(played.output, takeOutput(connection));
    if (!goesOn) break;
  }
  return played;
}

/** Lets two connections talk until both are silent, or one has failed. */
export function pump(
  a: Connection,
  b: Connection,
  into: [Played, Played] = [nothing(), nothing()],
): [Played, Played] {
  for (let isBusy = true; isBusy;) {
    isBusy = false;
    for (
      const [from, to, played] of [[a, b, into[1]], [b, a, into[0]]] as const
    ) {
      const output = takeOutput(from);
      if (output.byteLength === 0) continue;
      isBusy = true;
      to.receive(output);
      drain(to, played);
    }
  }
  return into;
}

/** Two connections that have shaken hands, and what they have sent each other. */
export function pair(
  a: SocketType,
  b: SocketType,
  settings: Partial<ConnectionSettings> = {},
): { a: Connection; b: Connection; said: [Played, Played] } {
  const ours = connection(a, settings);
  const theirs = connection(b, settings);
  return { a: ours, b: theirs, said: pump(ours, theirs) };
}
