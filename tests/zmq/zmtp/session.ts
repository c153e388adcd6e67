/**
 * Test support. A recorded session: what a peer sends is fed to a connection
 * whole, byte by byte and cut at every place, and must make the same messages,
 * events and answers each time.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { SocketType } from "../../../src/zmq/types.ts";
import {
  chunksOf,
  everySplit,
  hex,
  hexes,
  toHex,
} from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { bytes } from "../../support/peers/zmtp_bytes.ts";
import { connection, play, type Played } from "../../support/pump.ts";

/** A session: its input, and the expected output. */
export interface Session {
  readonly name: string;
  readonly type: SocketType;
  readonly maxMessageSize?: number;
  readonly routingId?: string;
  /** What the peer sends, one line a part. */
  readonly input: readonly string[];
  readonly messages?: readonly (readonly string[])[];
  readonly events?: readonly unknown[];
  /** All that the connection says; not looked at after an error. */
  readonly output?: readonly string[];
  readonly error?: string;
}

/** The event that the peer is ready. */
export function peer(
  socketType: string,
  routingId = "",
  version = "3.1",
): unknown {
  return {
    type: "ready",
    peer: { version, socketType, routingId: toHex(hex(routingId)) },
  };
}

/** Below this many bytes, every pair of cuts is tried. */
const SHORT = 60;

/** Declares the test of a session. @param uncut So many bytes at its beginning stay together. */
export function sessionTest(session: Session, uncut = 0): void {
  test(`session: ${session.name}`, () => {
    const input = bytes(...session.input.map(hex));
    const expected = {
      messages: session.messages ?? [],
      events: session.events ?? [],
      error: session.error,
      output: session.error !== undefined
        ? undefined
        : toHex(hex(session.output!.join(" "))),
    };
    const run = (chunks: Iterable<Uint8Array>) =>
      summary(play(fresh(session), chunks));
    assertEquals(run([input]), expected, "whole");
    assertEquals(run(chunksOf(input, 1)), expected, "byte by byte");
    if (input.byteLength <= uncut) return;
    const first = input.subarray(0, uncut);
    for (const chunks of everySplit(input.subarray(uncut), SHORT)) {
      const [next, ...rest] = chunks as [Uint8Array, ...Uint8Array[]];
      const played = run([bytes(first, next), ...rest]);
      const cuts = chunks.map((chunk) => chunk.byteLength).join("+");
      assertEquals(played, expected, `cut as ${cuts}`);
    }
  });
}

function fresh({ type, maxMessageSize = -1, routingId = "" }: Session) {
  return connection(type, {
    maxMessageSize,
    routingId: hex(`"${routingId}"`),
  });
}

/** What a connection made of a session, in a form that can be compared. */
function summary({ messages, events, output, error }: Played) {
  return {
    messages: messages.map((frames) =>
      hexes(frames).map((frame) => String.fromCharCode(...hex(frame)) // one character a byte
      )
    ),
    events: events.map((event) =>
      event.type === "ready"
        ? {
          type: "ready",
          peer: {
            version: event.peer.version.name,
            socketType: event.peer.socketType,
            routingId: toHex(event.peer.routingId),
          },
        }
        : event
    ),
    error,
    output: error === undefined ? toHex(output) : undefined,
  };
}
