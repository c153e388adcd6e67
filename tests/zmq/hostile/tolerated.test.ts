/**
 * Odd peers that must be served: what RFC 37 and libzmq let pass, so do we.
 */
import { assertEquals } from "@std/assert";
import { test, within } from "../../support/harness.ts";
import {
  bytes,
  COMMAND,
  command,
  frame,
  greeting,
  handshake,
  LONG,
  longHeader,
  message,
  property,
  ready,
} from "../../support/peers/zmtp_bytes.ts";
import { ROLES, STEP_MS, victim } from "./victim.ts";

const READY_BODY = bytes(
  5,
  "READY",
  property("Socket-Type", "DEALER"),
  property("Identity", "odd"),
);

/** What is sent before the message "hello" of a peer called "odd". */
const ODDITIES: readonly (readonly [name: string, data: Uint8Array])[] = [
  [
    "a length in the signature",
    opening({ padding: bytes(0, 0, 0, 0, 0, 0, 0, 9) }),
  ],
  // RFC 37.VERSION.4
  [
    "noise in the signature",
    opening({ padding: bytes(1, 2, 3, 4, 5, 6, 7, 8) }),
  ],
  // RFC 23.VERSION.1, 37.VERSION.7
  ["the minor version 0", opening({ minor: 0 })],
  // RFC 37.VERSION.5
  ["the minor version 99", opening({ minor: 99 })],
  // RFC 37.VERSION.5
  ["the major version 4", opening({ major: 4 })],
  // RFC 37.COMMAND.1
  [
    "a READY with a long size",
    bytes(greeting(), frame(READY_BODY, COMMAND | LONG)),
  ],
  ["reserved flags", bytes(greeting(), frame(READY_BODY, COMMAND | 0xf8))],
  // RFC 37.NULL.8
  [
    "names of properties in capitals",
    bytes(
      greeting(),
      command(
        "READY",
        bytes(property("SOCKET-TYPE", "DEALER"), property("IDENTITY", "odd")),
      ),
    ),
  ],
  [
    "no socket type",
    bytes(greeting(), command("READY", property("Identity", "odd"))),
  ],
  // RFC 37.METADATA.4
  [
    "properties of its own",
    bytes(
      greeting(),
      command(
        "READY",
        bytes(
          property("X-Nonsense", new Uint8Array(5000)),
          READY_BODY.subarray(6),
          property("Resource", ""),
        ),
      ),
    ),
  ],
  ["unknown commands", bytes(opening(), command("NONSENSE", "x"))],
  ["a command with a name alone", bytes(opening(), command("X"))],
  ["an unsolicited PONG", bytes(opening(), command("PONG", "x"))],
  ["a second READY", bytes(opening(), ready("PUB", "else"))],
  [
    "an ERROR after the handshake",
    bytes(opening(), command("ERROR", bytes(0))),
  ],
  ["a SUBSCRIBE to a ROUTER", bytes(opening(), command("SUBSCRIBE", "x"))],
  [
    "a PING with a long context",
    bytes(opening(), command("PING", "\0\0" + "x".repeat(100))),
  ],
];

for (const role of ROLES) {
  for (const [name, data] of ODDITIES) {
    test(`a ${role} socket serves a peer with ${name}`, async (t) => {
      const target = await victim(t, role);
      const odd = await target.attacker();
      await odd.send(bytes(data, message("hello")));
      const got = await within(target.socket.receive(), STEP_MS, "hello");
      assertEquals(got.map(String), ["odd", "hello"]);
      await target.socket.send(["odd", "good day"]);
      await odd.read(64);
      let answer = await odd.readFrame();
      while ((answer.flags & COMMAND) !== 0) answer = await odd.readFrame();
      assertEquals(`${Buffer.from(answer.body)}`, "good day");
      await target.exchange();
      assertEquals(target.log.count("disconnect"), 0);
      await target.close();
      await within(odd.closed, STEP_MS, "the connection to close");
    });
  }

  test(`a ${role} socket accepts frames with reserved flags and needlessly long sizes`, async (t) => {
    const target = await victim(t, role);
    const odd = await target.attacker();
    await odd.send(
      bytes(handshake("DEALER", "odd"), frame("a", 0xf9), frame("b", 0xf0)),
    );
    await odd.send(bytes(longHeader(1, 1), "c", longHeader(0)));
    for (const frames of [["a", "b"], ["c", ""]]) {
      const got = await within(target.socket.receive(), STEP_MS, "a message");
      assertEquals(got.map(String), ["odd", ...frames]);
    }
    await target.exchange();
    await target.close();
  });

  // RFC 37.PING.2, 37.PING.3
  test(`a ${role} socket answers a PING with at most 16 bytes of its context`, async (t) => {
    const target = await victim(t, role);
    const odd = await target.attacker();
    await odd.shakeHands("DEALER", "odd");
    for (const size of [0, 1, 16, 17, 1000]) {
      await odd.send(command("PING", "\0\0" + "x".repeat(size)));
      const { flags, body } = await odd.readFrame();
      assertEquals(flags, COMMAND);
      assertEquals(
        `${Buffer.from(body)}`,
        "\x04PONG" + "x".repeat(Math.min(16, size)),
      );
    }
    await target.exchange();
    await target.close();
  });

  // RFC 37.PING.8
  test(`a ${role} socket honours the time to live that a peer announces`, async (t) => {
    const target = await victim(t, role);
    const odd = await target.attacker();
    await odd.shakeHands("DEALER", "odd");
    await odd.send(command("PING", bytes(0, 1))); // 100 ms, and then silence
    const { error } = await target.log.next("disconnect");
    assertEquals((error as Error & { code: string }).code, "ETIMEDOUT");
    await within(odd.closed, STEP_MS, "the connection to close");
    await target.exchange();
    await target.close();
  });
}

function opening(parts: Parameters<typeof greeting>[0] = {}): Uint8Array {
  return bytes(greeting(parts), ready("DEALER", "odd"));
}
