/**
 * Tests of the judge: a connection that breaks one of the rules is caught. Each
 * test is a true connection with one thing wrong.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { Connection } from "../../src/zmq/zmtp/connection.ts";
import { allocate } from "../../src/zmq/bytes.ts";
import { PULL } from "../../src/zmq/types.ts";
import { test } from "../support/harness.ts";
import {
  bytes,
  command,
  greeting,
  handshake,
  longHeader,
  message,
} from "../support/peers/zmtp_bytes.ts";
import { Player } from "./player.ts";
import { Flaw } from "./target.ts";

const SETTINGS = {
  type: PULL,
  routingId: new Uint8Array(0),
  maxMessageSize: -1,
} as const;
const INPUT = bytes(
  handshake("PUSH"),
  message("a", "b"),
  command("PING", "\0\0x"),
);

/** A judge that watches memory while it plays. */
function play(
  connection: Connection,
  input: Uint8Array = INPUT,
  cuts: readonly number[] = [],
): Player & { outcome: string } {
  const player = new Player();
  const stop = player.meter.start();
  try {
    const outcome = player.play(connection, input, cuts, 200, true);
    return Object.assign(player, { outcome });
  } finally {
    stop();
  }
}

test("a connection as it should be passes, and is described", () => {
  const whole = play(new Connection(SETTINGS));
  assertEquals(whole.outcome, "open");
  assertEquals([...whole.counts], [["ready", 1], ["message", 1], ["ping", 1]]);
  const cut = play(new Connection(SETTINGS), INPUT, [1, 70, 71, 100]);
  assertEquals(cut.digest, whole.digest);
  assertEquals(cut.outputDigest, whole.outputDigest);
});

test("what comes out makes the digest", () => {
  const { digest } = play(new Connection(SETTINGS));
  for (
    const other of [
      bytes(handshake("PUSH"), message("a", "c"), command("PING", "\0\0x")),
      bytes(handshake("PUSH"), message("ab"), command("PING", "\0\0x")),
      bytes(handshake("PUSH"), message("a", "b"), command("PING", "\0\x01x")),
      bytes(handshake("PUSH"), command("PING", "\0\0x"), message("a", "b")),
    ]
  ) {
    assertEquals(
      play(new Connection(SETTINGS), other).digest === digest,
      false,
    );
  }
});

test("an error that is no ProtocolError is passed on", () => {
  class Broken extends Connection {
    override next(): never {
      throw new TypeError("x is undefined");
    }
  }
  assertThrows(() => play(new Broken(SETTINGS)), TypeError);
});

test("an endless stream of events is caught", () => {
  class Broken extends Connection {
    override next(): { type: "pong" } {
      return { type: "pong" };
    }
  }
  assertThrows(() => play(new Broken(SETTINGS)), Flaw, "more comes out");
});

test("memory for data that was only announced is caught", () => {
  class Broken extends Connection {
    override receive(chunk: Uint8Array): void {
      allocate(1 << 20);
      super.receive(chunk);
    }
  }
  const input = bytes(greeting(), longHeader(2 ** 40));
  assertThrows(() => play(new Broken(SETTINGS), input), Flaw, "promised");
});

test("copying everything with each chunk is caught", () => {
  class Broken extends Connection {
    #all: Uint8Array = new Uint8Array(0);
    override receive(chunk: Uint8Array): void {
      const all = allocate(this.#all.byteLength + chunk.byteLength);
      all.set(this.#all);
      this.#all = all;
      super.receive(chunk);
    }
  }
  const input = bytes(handshake("PUSH"), message(new Uint8Array(200_000)));
  const cuts = Array.from({ length: 100 }, (_, i) => (i + 1) * 1900);
  assertEquals(play(new Connection(SETTINGS), input, cuts).outcome, "open");
  assertThrows(
    () => play(new Broken(SETTINGS), input, cuts),
    Flaw,
    "copies again",
  );
});

test("answers that are larger than what was asked are caught", () => {
  class Broken extends Connection {
    override receive(chunk: Uint8Array): void {
      super.receive(chunk);
      for (let n = 0; n < 300; n++) this.ping(0);
    }
  }
  assertThrows(() => play(new Broken(SETTINGS)), Flaw, "answers more");
});
