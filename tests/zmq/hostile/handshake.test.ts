/**
 * Hostile peers. What is no ZMTP, or breaks it before the handshake is done,
 * costs the peer its connection and other peers nothing.
 */
import { assert, assertEquals } from "@std/assert";
import type { ProtocolErrorCode } from "../../../src/zmq/mod.ts";
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
  MORE,
  property,
  ready,
} from "../../support/peers/zmtp_bytes.ts";
import { ROLES, STEP_MS, victim } from "./victim.ts";

/** What is sent, and how the engine must name it. */
type Attack = readonly [
  name: string,
  data: string | Uint8Array,
  code: ProtocolErrorCode,
];

const GARBAGE = "ERR_ZMTP_UNSPECIFIED";
const VERSION = "ERR_ZMTP_UNSUPPORTED_VERSION";
const MECHANISM = "ERR_ZMTP_MECHANISM_MISMATCH";
const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const COMMAND_FORM = "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED";
const READY_FORM = "ERR_ZMTP_MALFORMED_COMMAND_READY";
const METADATA = "ERR_ZMTP_INVALID_METADATA";
const SEQUENCE = "ERR_ZMTP_INVALID_SEQUENCE";
const SIZE = "ERR_ZMTP_MESSAGE_TOO_LARGE";

/** A TLS 1.2 record with the beginning of a ClientHello. */
const CLIENT_HELLO = bytes(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, noise(64, 7));

const GREETINGS: readonly Attack[] = [
  ["an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", GARBAGE],
  ["a TLS ClientHello", CLIENT_HELLO, GARBAGE],
  ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", GARBAGE],
  ["line feeds", "\n\n", GARBAGE],
  ["zeros", new Uint8Array(100), GARBAGE],
  ["noise", noise(4096, 1), GARBAGE],
  ["ff and noise without a signature", bytes(0xff, noise(8, 2), 0x7e), GARBAGE],
  ["a greeting of revision 2", greeting({ major: 2 }), VERSION],
  ["the mechanism PLAIN", greeting({ mechanism: "PLAIN" }), MECHANISM],
  // RFC 37.MECHANISM.5
  ["the mechanism CURVE", greeting({ mechanism: "CURVE" }), MECHANISM],
  // RFC 37.MECHANISM.5
  ["the mechanism null", greeting({ mechanism: "null" }), MECHANISM],
  ["the mechanism NULLNULL", greeting({ mechanism: "NULLNULL" }), MECHANISM],
  ["no mechanism", greeting({ mechanism: "" }), MECHANISM],
  [
    "a mechanism that is noise",
    greeting({ mechanism: noise(20, 3) }),
    MECHANISM,
  ],
  [
    "a mechanism with something behind its end",
    greeting({ mechanism: bytes("NULL", 0, "X") }),
    MECHANISM,
  ],
];

const COMMANDS: readonly Attack[] = [
  // RFC 37.NULL.6
  ["a message before READY", message("hello"), UNEXPECTED],
  ["an empty message before READY", frame(""), UNEXPECTED],
  ["a huge message before READY", longHeader(2 ** 40), UNEXPECTED],
  ["a PING before READY", command("PING", bytes(0, 0)), UNEXPECTED],
  ["a SUBSCRIBE before READY", command("SUBSCRIBE", "x"), UNEXPECTED],
  ["a HELLO", command("HELLO", bytes(5, "admin", 6, "secret")), UNEXPECTED],
  ["a command of an unknown name", command("NONSENSE"), UNEXPECTED],
  ["the command ready", command("ready"), UNEXPECTED],
  ["a command without a body", frame("", COMMAND), COMMAND_FORM],
  ["a command without a name", frame(bytes(0, "x"), COMMAND), COMMAND_FORM],
  [
    "a command whose name is cut",
    frame(bytes(9, "READY"), COMMAND),
    COMMAND_FORM,
  ],
  [
    "a command whose name is not text",
    frame(bytes(3, noise(3, 4).map((byte) => byte | 0x80)), COMMAND),
    COMMAND_FORM,
  ],
  ["a READY with MORE", frame(bytes(5, "READY"), COMMAND | MORE), SEQUENCE],
  // RFC 37.SECURITY.2
  ["a READY with a size of 65,537", longHeader(65_537, COMMAND), SIZE],
  ["a READY with a size of 2^63", longHeader(2n ** 63n, COMMAND), SIZE],
  [
    "a READY with a size of 2^64 - 1",
    longHeader(2n ** 64n - 1n, COMMAND),
    SIZE,
  ],
  ["a READY with a size of 2^53", longHeader(2n ** 53n, COMMAND), SIZE],
  ["a property without a name", readyOf(bytes(0, 0, 0, 0, 0)), READY_FORM],
  // RFC 37.NULL.5
  [
    "a property whose name is cut",
    readyOf(bytes(12, "Socket-Type")),
    READY_FORM,
  ],
  ["a property without a value", readyOf(bytes(8, "Identity")), READY_FORM],
  [
    "a property whose value is cut",
    readyOf(bytes(8, "Identity", 0, 0, 0, 5, "four")),
    READY_FORM,
  ],
  [
    "a property of 4 GiB",
    readyOf(bytes(8, "Identity", 0xff, 0xff, 0xff, 0xff, "four")),
    READY_FORM,
  ],
  // RFC 37.TYPE.3
  ["a PUB", ready("PUB"), METADATA],
  ["a REP", ready("REP"), METADATA],
  // RFC 37.TYPE.2
  ["a socket type that does not exist", ready("HAMMER"), METADATA],
  // RFC 37.TYPE.1
  ["a socket type in lower case", ready("dealer"), METADATA],
  ["a socket type that is noise", ready(noise(60_000, 5) as never), METADATA],
  // RFC 37.IDENTITY.3
  ["an identity of 256 bytes", ready("DEALER", "x".repeat(256)), METADATA],
  // RFC 37.ERROR.1
  [
    "an ERROR",
    command("ERROR", bytes(7, "go away")),
    "ERR_ZMTP_PEER_ERROR",
  ],
  [
    "an ERROR whose reason is cut",
    command("ERROR", bytes(8, "go away")),
    "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  ],
  [
    "an ERROR without a reason",
    command("ERROR"),
    "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  ],
];

const ATTACKS: readonly Attack[] = [
  ...GREETINGS,
  ...COMMANDS.map(([name, data, code]): Attack => [
    name,
    bytes(greeting(), data),
    code,
  ]),
];

for (const role of ROLES) {
  for (const [name, data, code] of ATTACKS) {
    // RFC 37.ERROR.3
    test(`a ${role} socket refuses ${name}`, async (t) => {
      const target = await victim(t, role);
      const attacker = await target.attacker();
      await attacker.send(data);
      await target.fails("handshake:error:protocol", code);
      await within(
        attacker.closed,
        STEP_MS,
        "the attacker's connection to close",
      );
      assertEquals(target.log.count("handshake"), 0);
      await target.exchange();
      assertEquals(target.strays, []);
      await target.close();
    });
  }

  test(
    `a ${role} socket survives a peer that closes at any byte of its handshake`,
    async (t) => {
      const target = await victim(t, role);
      const all = handshake("DEALER");
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
        await target.exchange();
      }
      assertEquals(
        target.log.count("handshake", "handshake:error:protocol"),
        0,
      );
      await target.close();
    },
    { timeoutMs: 30_000 },
  );

  for (const size of [0, 1, 9, 10, 11, 12, 63, 64, 70]) {
    test(`a ${role} socket waits for byte ${size + 1} of a handshake for handshakeInterval`, async (t) => {
      const target = await victim(t, role, {}, { handshakeInterval: 50 });
      const attacker = await target.attacker();
      if (size > 0) await attacker.send(handshake("DEALER").subarray(0, size));
      const error = await target.fails("handshake:error:other", "ETIMEDOUT");
      assertEquals(error.message, "The handshake took longer than 50 ms");
      await within(
        attacker.closed,
        STEP_MS,
        "the attacker's connection to close",
      );
      await target.exchange();
      await target.close();
    });
  }

  // RFC 37.SECURITY.2
  test(`a ${role} socket gives a peer that sends byte by byte no more time`, async (t) => {
    const target = await victim(t, role, {}, { handshakeInterval: 50 });
    const attacker = await target.attacker();
    let isClosed = false;
    void attacker.closed.then(() => isClosed = true);
    // A READY of so much metadata that its bytes, one at a time, take for ever.
    const endless = property("X-Endless", new Uint8Array(60_000));
    await attacker.send(bytes(greeting(), longHeader(60_030, COMMAND)));
    const drip = (async () => {
      for (const byte of bytes(5, "READY", endless)) {
        if (isClosed) break;
        await attacker.send(bytes(byte)).catch(() => {}); // closed meanwhile
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await target.fails("handshake:error:other", "ETIMEDOUT");
    await drip;
    await target.exchange();
    await target.close();
  });

  test(`a ${role} socket closes while peers are in their handshake`, async (t) => {
    const target = await victim(t, role);
    const all = handshake("DEALER");
    const attackers = [];
    for (const size of [0, 5, 10, 30, 64, all.byteLength - 1]) {
      const attacker = await target.attacker();
      if (size > 0) await attacker.send(all.subarray(0, size));
      attackers.push(attacker);
    }
    await target.exchange();
    await target.close();
    for (const attacker of attackers) {
      await within(
        attacker.closed,
        STEP_MS,
        "an attacker's connection to close",
      );
    }
  });
}

test("a bound socket sends a peer that does not speak ZMTP no more than its greeting", async (t) => {
  const target = await victim(t, "bound");
  const attacker = await target.attacker();
  await attacker.send("GET / HTTP/1.1\r\n\r\n");
  await attacker.closed;
  assert(attacker.unread <= 10, `${attacker.unread} bytes`);
});

function readyOf(properties: Uint8Array): Uint8Array {
  return frame(bytes(5, "READY", properties), COMMAND | LONG);
}

/** Bytes that look random and are always the same; none is 0 or 255. */
function noise(size: number, seed: number): Uint8Array {
  let state = seed * 2654435761 >>> 0;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + (state >>> 24) % 254;
  });
}
