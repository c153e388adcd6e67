/**
 * Hostile peers of ZMTP 2.0 and 1.0: what breaks an old greeting or old frames
 * costs the peer its connection and other peers nothing; and an honest peer as
 * old as libzmq 2 is served.
 */
import { assert, assertEquals } from "@std/assert";
import type * as zmq from "../../../src/zmq/mod.ts";
import { hex } from "../../support/bytes.ts";
import { test, within } from "../../support/harness.ts";
import { type Age, AGES } from "../../support/peers/ageing.ts";
import {
  oldFrame,
  oldGreeting,
  oldHeader,
  oldMessage,
} from "../../support/peers/old_bytes.ts";
import { bytes, command, MORE } from "../../support/peers/zmtp_bytes.ts";
import { ROLES, STEP_MS, victim } from "./victim.ts";

/** What is sent, and how the engine must name it. */
type Attack = readonly [
  name: string,
  data: Uint8Array,
  code: zmq.ProtocolErrorCode,
];

const MUTE: Age = "1.0 without a greeting";
const GARBAGE = "ERR_ZMTP_UNSPECIFIED";
const VERSION = "ERR_ZMTP_UNSUPPORTED_VERSION";
const METADATA = "ERR_ZMTP_INVALID_METADATA";
const SEQUENCE = "ERR_ZMTP_INVALID_SEQUENCE";
const SIZE = "ERR_ZMTP_MESSAGE_TOO_LARGE";

/** All of a greeting before its identity; of a DEALER. */
function opening(age: Age, type = 5): Uint8Array {
  if (age === MUTE) return new Uint8Array(0);
  const revision = age === "2.0" ? 1 : 0;
  return bytes(hex("ff 00 00 00 00 00 00 00 01 7f"), revision, type);
}

/** Greetings that are none. */
function greetings(age: Age): Attack[] {
  const start = opening(age);
  const attacks: Attack[] = [
    [
      "an identity of 256 bytes",
      bytes(start, oldHeader(age, 256)),
      METADATA,
    ],
    [
      "an identity of a terabyte",
      bytes(start, oldHeader(age, 2 ** 40)),
      METADATA,
    ],
    [
      "an identity of 2^60 bytes",
      bytes(start, oldHeader(age, 2 ** 60)),
      SIZE,
    ],
    [
      "an identity of two frames",
      bytes(start, oldFrame(age, "me", MORE), oldFrame(age, "too")),
      age === MUTE ? GARBAGE : SEQUENCE, // there its flags distinguish it from garbage
    ],
  ];
  if (age === MUTE) {
    attacks.push(
      ["a length of 0", bytes(0, 0), GARBAGE],
      ["a long length of 0", hex("ff 00 00 00 00 00 00 00 00 00"), GARBAGE],
    );
  } else {
    attacks.push(
      ["a PUB", opening(age, 1), METADATA],
      ["a socket type that does not exist", opening(age, 200), METADATA],
    );
  }
  if (age === "1.0") {
    attacks.push(["a length of 0", bytes(start, 0, 0), GARBAGE]);
  }
  if (age === "2.0") {
    attacks.push(["a READY", bytes(start, command("READY")), SEQUENCE]);
  }
  return attacks;
}

const LIMIT = 1000;

/** What breaks the frames after a good greeting. */
function frames(age: Age): Attack[] {
  const half = "x".repeat(LIMIT / 2);
  const attacks: Attack[] = [
    ["a frame one byte above the limit", oldHeader(age, LIMIT + 1), SIZE],
    ["a frame of a terabyte", oldHeader(age, 2 ** 40), SIZE],
    ["a frame of 2^60 bytes", oldHeader(age, 2 ** 60), SIZE],
    [
      "a frame of 2^64 - 1 bytes",
      bytes(age === "2.0" ? 2 : 0xff, new Uint8Array(8).fill(0xff), 0),
      SIZE,
    ],
    [
      "frames above the limit together",
      oldMessage(age, half, half, "x"),
      SIZE,
    ],
    [
      "a later frame above the limit",
      bytes(oldFrame(age, "", MORE), oldHeader(age, LIMIT + 1)),
      SIZE,
    ],
    [
      "a message of endless empty frames",
      bytes(...Array.from({ length: 5000 }, () => oldFrame(age, "", MORE))),
      SIZE,
    ],
  ];
  if (age === "2.0") {
    attacks.push(["a command", command("PING", bytes(0, 0)), SEQUENCE]);
    attacks.push([
      "a command above all limits",
      bytes(6, new Uint8Array(8).fill(0xff)),
      SIZE,
    ]);
  } else {
    attacks.push(
      ["a length of 0", bytes(0, 0), GARBAGE],
      ["a long length of 0", bytes(0xff, new Uint8Array(8), 0), GARBAGE],
    );
  }
  return attacks;
}

for (const role of ROLES) {
  for (const age of AGES) {
    for (const [name, data, code] of greetings(age)) {
      test(`a ${role} socket refuses ${name} by ZMTP ${age}`, async (t) => {
        const target = await victim(t, role);
        const attacker = await target.attacker();
        await attacker.send(data);
        await target.fails("handshake:error:protocol", code);
        await within(attacker.closed, STEP_MS, "the attacker to be cut off");
        assertEquals(target.log.count("handshake"), 0);
        await target.exchange();
        await target.close();
      });
    }

    for (const [name, data, code] of frames(age)) {
      test(`a ${role} socket drops a peer of ZMTP ${age} for ${name}`, async (t) => {
        const limit = { maxMessageSize: LIMIT };
        const target = await victim(t, role, {}, limit);
        const attacker = await target.attacker();
        const before = oldMessage(age, "before");
        await attacker.send(
          bytes(oldGreeting(age, "DEALER", "bad"), before, data),
        );
        await target.log.next("handshake");
        await target.fails("handshake:error:protocol", code);
        await within(attacker.closed, STEP_MS, "the attacker to be cut off");
        assertEquals(await target.collect(1), [["before"]]);
        await target.close();
      });
    }

    test(`a ${role} socket serves an honest peer of ZMTP ${age}`, async (t) => {
      const target = await victim(t, role, { maxMessageSize: LIMIT });
      const old = await target.attacker();
      await old.send(oldGreeting(age, "DEALER", "old"));
      await target.log.next("handshake");
      const text = "x".repeat(LIMIT / 4);
      await old.send(oldMessage(age, "", text, "", text));
      assertEquals(await target.collect(1), [["", text, "", text]]);
      await target.socket.send(["old", "", text, "you"]);
      const greeting = age === MUTE ? 10 : 14;
      await old.read(greeting);
      const expected = oldMessage(age, "", text, "you");
      assertEquals(await old.read(expected.byteLength), expected);
      assertEquals(target.log.count("disconnect"), 0);
      await target.close();
    });

    test(`a ${role} socket survives a peer of ZMTP ${age} that closes at any byte of its greeting`, async (t) => {
      const target = await victim(t, role);
      const all = oldGreeting(age, "DEALER", "bad");
      for (const how of ["end", "reset"] as const) {
        for (let size = 0; size < all.byteLength; size++) {
          const attacker = await target.attacker();
          if (size > 0) await attacker.send(all.subarray(0, size));
          attacker[how]();
          await target.fails("handshake:error:other", "ECONNRESET", "EPIPE");
          await attacker.close();
          if (role === "connecting") {
            await target.socket.disconnect(target.socket.lastEndpoint!);
          }
        }
      }
      await target.exchange();
      assertEquals(target.log.count("handshake"), 0);
      await target.close();
    });

    test(`a ${role} socket waits for the identity of ZMTP ${age} for handshakeInterval`, async (t) => {
      const target = await victim(t, role, {}, { handshakeInterval: 50 });
      const attacker = await target.attacker();
      await attacker.send(oldGreeting(age, "DEALER", "bad").slice(0, -1));
      await target.fails("handshake:error:other", "ETIMEDOUT");
      await within(attacker.closed, STEP_MS, "the attacker to be cut off");
      await target.exchange();
      await target.close();
    });

    test(`a ${role} socket with a ZAP domain refuses ZMTP ${age} without a reply`, async (t) => {
      const target = await victim(t, role, { zapDomain: "global" });
      const attacker = await target.attacker();
      await attacker.send(oldGreeting(age, "DEALER", "bad"));
      const error = await target.fails("handshake:error:protocol", VERSION);
      assert(error.message.includes("authenticates its peers"), error.message);
      await within(attacker.closed, STEP_MS, "the attacker to be cut off");
      assert(attacker.unread <= 11, `${attacker.unread} bytes`);
      await target.exchange();
      assertEquals(target.log.count("handshake"), 0);
      await target.close();
    });
  }
}
