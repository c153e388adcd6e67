/**
 * Tests of the connection with recorded sessions: what a peer sends, by hand
 * from RFC 23 and RFC 37, is fed whole, byte by byte and cut at every place,
 * and makes the same messages, events and answers each time.
 */
import {
  DEALER,
  PAIR,
  PUB,
  PULL,
  PUSH,
  REP,
  ROUTER,
  XPUB,
} from "../../../src/zmq/types.ts";
import { hex } from "../../support/bytes.ts";
import { peer, type Session, sessionTest } from "./session.ts";

const GREETING = `ff 00 00 00 00 00 00 00 01 7f 03 01 "NULL"
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00`;
const GREETING_3_0 = GREETING.replace("03 01", "03 00");

const ready = (socketType: string, identity?: string) => {
  const type = `0b "Socket-Type" 00 00 00 ${
    two(socketType.length)
  } "${socketType}"`;
  const id = identity === undefined
    ? ""
    : ` 08 "Identity" 00 00 00 ${two(hex(identity).byteLength)} ${identity}`;
  const body = `05 "READY" ${type}${id}`;
  return `04 ${two(hex(body).byteLength)} ${body}`;
};
const two = (n: number) => n.toString(16).padStart(2, "0");
const SESSIONS: readonly Session[] = [
  {
    name: "a PULL gets messages of one and of several frames",
    type: PULL,
    input: [
      GREETING,
      ready("PUSH"),
      `00 05 "hello"`,
      `01 01 "a" 01 00 00 01 "c"`,
      `00 00`,
    ],
    events: [peer("PUSH")],
    messages: [["hello"], ["a", "", "c"], [""]],
    output: [ready("PULL")],
  },
  {
    name: "a DEALER sends its identity, and learns that of a ROUTER",
    type: DEALER,
    routingId: "me",
    input: [GREETING, ready("ROUTER", `"you"`), `00 01 "x"`],
    events: [peer("ROUTER", `"you"`)],
    messages: [["x"]],
    output: [ready("DEALER", `"me"`)],
  },
  {
    name: "a REP sends no identity",
    type: REP,
    routingId: "me",
    input: [GREETING, ready("REQ", ""), `01 00 00 01 "q"`],
    events: [peer("REQ")],
    messages: [["", "q"]],
    output: [ready("REP")],
  },
  {
    name: "an identity may have any bytes",
    type: ROUTER,
    input: [GREETING, ready("DEALER", "80 00 ff")],
    events: [peer("DEALER", "80 00 ff")],
    output: [ready("ROUTER", "")],
  },
  {
    name: "an XPUB gets subscriptions as commands from a peer of 3.1",
    type: XPUB,
    input: [
      GREETING,
      ready("SUB"),
      `04 0d 09 "SUBSCRIBE" "abc"`,
      `04 0a 09 "SUBSCRIBE"`,
      `04 0a 06 "CANCEL" "abc"`,
    ],
    events: [peer("SUB")],
    messages: [["\x01abc"], ["\x01"], ["\x00abc"]],
    output: [ready("XPUB")],
  },
  {
    name: "an XPUB gets subscriptions as messages from a peer of 3.0",
    type: XPUB,
    input: [GREETING_3_0, ready("SUB"), `00 04 01 "abc"`, `00 04 00 "abc"`],
    events: [peer("SUB", "", "3.0")],
    messages: [["\x01abc"], ["\x00abc"]],
    output: [ready("XPUB")],
  },
  {
    name: "an XPUB takes either form from either version",
    type: XPUB,
    input: [GREETING_3_0, ready("XSUB"), `04 0b 09 "SUBSCRIBE" "a"`],
    events: [peer("XSUB", "", "3.0")],
    messages: [["\x01a"]],
    output: [ready("XPUB")],
  },
  {
    name: "a PUB does so too",
    type: PUB,
    input: [GREETING, ready("SUB"), `00 02 01 "a"`, `04 08 06 "CANCEL" "a"`],
    events: [peer("SUB")],
    messages: [["\x01a"], ["\x00a"]],
    output: [ready("PUB")],
  },
  {
    name: "subscriptions to who does not publish are no message",
    type: PULL,
    input: [
      GREETING,
      ready("PUSH"),
      `04 0b 09 "SUBSCRIBE" "a"`,
      `04 08 06 "CANCEL" "a"`,
      `00 01 "m"`,
    ],
    events: [peer("PUSH")],
    messages: [["m"]],
    output: [ready("PULL")],
  },
  {
    name: "a PUSH is sent messages in vain, and lives",
    type: PUSH,
    input: [GREETING, ready("PULL"), `01 01 "a" 00 01 "b"`, `00 01 "c"`],
    events: [peer("PULL")],
    output: [ready("PUSH")],
  },
  {
    name: "a PING is answered with its context, of which 16 bytes are kept",
    type: PAIR,
    input: [
      GREETING,
      ready("PAIR"),
      `04 07 04 "PING" 00 00`,
      `04 0a 04 "PING" 00 64 "abc"`,
      `04 17 04 "PING" 01 00 "0123456789abcdef"`,
      `04 18 04 "PING" ff ff "0123456789abcdefg"`,
      `04 08 04 "PONG" "abc"`,
    ],
    events: [
      peer("PAIR"),
      { type: "ping", timeToLiveMs: 0 },
      { type: "ping", timeToLiveMs: 10_000 },
      { type: "ping", timeToLiveMs: 25_600 },
      { type: "ping", timeToLiveMs: 6_553_500 },
      { type: "pong" },
    ],
    output: [
      ready("PAIR"),
      `04 05 04 "PONG"`,
      `04 08 04 "PONG" "abc"`,
      `04 15 04 "PONG" "0123456789abcdef"`,
      `04 15 04 "PONG" "0123456789abcdef"`,
    ],
  },
  {
    name: "PING works on 3.0 too",
    type: PULL,
    input: [GREETING_3_0, ready("PUSH"), `04 08 04 "PING" 00 01 "x"`],
    events: [peer("PUSH", "", "3.0"), { type: "ping", timeToLiveMs: 100 }],
    output: [ready("PULL"), `04 06 04 "PONG" "x"`],
  },
  {
    name: "a command between the frames of a message harms neither",
    type: PULL,
    input: [
      GREETING,
      ready("PUSH"),
      `01 01 "a"`,
      `04 07 04 "PING" 00 00`,
      `00 01 "b"`,
    ],
    events: [peer("PUSH"), { type: "ping", timeToLiveMs: 0 }],
    messages: [["a", "b"]],
    output: [ready("PULL"), `04 05 04 "PONG"`],
  },
  {
    name:
      "unknown commands are ignored, READY and ERROR among them once it is open",
    type: PULL,
    input: [
      GREETING,
      ready("PUSH"),
      `04 04 03 "FOO"`,
      `04 06 05 "READY"`,
      `04 09 05 "ERROR" 02 "no"`,
      `00 01 "m"`,
    ],
    events: [peer("PUSH")],
    messages: [["m"]],
    output: [ready("PULL")],
  },
  {
    name:
      "long sizes for little, reserved flags, odd padding and as-server are taken",
    type: PULL,
    input: [
      GREETING.replace("00 01 7f", "40 09 ff").replace(/00$/, "01"),
      ready("PUSH"),
      `fa 00 00 00 00 00 00 00 02 "ab"`,
      `f9 01 "c" 02 00 00 00 00 00 00 00 00`,
    ],
    events: [peer("PUSH")],
    messages: [["ab"], ["c", ""]],
    output: [ready("PULL")],
  },
  {
    name: "names of properties in any case, strange ones too",
    type: ROUTER,
    input: [
      GREETING,
      `04 37 05 "READY" 0b "SOCKET-type" 00 00 00 06 "DEALER"
       08 "iDENTITY" 00 00 00 02 "me" 06 "X-Mine" 00 00 00 01 ff`,
    ],
    events: [peer("DEALER", `"me"`)],
    output: [ready("ROUTER", "")],
  },
  {
    name: "a peer that does not send its type is accepted",
    type: PULL,
    input: [GREETING, `04 06 05 "READY"`, `00 01 "m"`],
    events: [peer("")],
    messages: [["m"]],
    output: [ready("PULL")],
  },
  {
    name: "a message of just maxMessageSize, over several frames",
    type: PULL,
    maxMessageSize: 4,
    input: [
      GREETING,
      ready("PUSH"),
      `00 04 "abcd"`,
      `01 01 "a" 01 02 "bc" 00 01 "d"`,
      `00 04 "abcd"`,
    ],
    events: [peer("PUSH")],
    messages: [["abcd"], ["a", "bc", "d"], ["abcd"]],
    output: [ready("PULL")],
  },
  {
    name: "one byte more is refused by the header",
    type: PULL,
    maxMessageSize: 4,
    input: [GREETING, ready("PUSH"), `00 05`],
    events: [peer("PUSH")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name:
      "one byte more in the last of several frames is refused by its header",
    type: PULL,
    maxMessageSize: 4,
    input: [GREETING, ready("PUSH"), `01 02 "ab" 01 02 "cd" 00 01`],
    events: [peer("PUSH")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "maxMessageSize 0 lets empty messages through",
    type: PULL,
    maxMessageSize: 0,
    input: [GREETING, ready("PUSH"), `00 00 01 00 00 00`, `00 01`],
    events: [peer("PUSH")],
    messages: [[""], ["", ""]],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "a size of 2^53 is refused without a limit",
    type: PULL,
    input: [GREETING, ready("PUSH"), `02 00 20 00 00 00 00 00 00`],
    events: [peer("PUSH")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "a command above 64 KiB in the handshake is refused by its header",
    type: PULL,
    input: [GREETING, `06 00 00 00 00 00 01 00 01`],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "a command with more frames",
    type: PULL,
    input: [GREETING, ready("PUSH"), `05 07 04 "PING" 00 00`],
    events: [peer("PUSH")],
    error: "ERR_ZMTP_INVALID_SEQUENCE",
  },
  {
    name: "a message before READY",
    type: PULL,
    input: [GREETING, `00 01 "m"`],
    error: "ERR_ZMTP_UNEXPECTED_COMMAND",
  },
  {
    name: "another command before READY",
    type: XPUB,
    input: [GREETING, `04 0b 09 "SUBSCRIBE" "a"`],
    error: "ERR_ZMTP_UNEXPECTED_COMMAND",
  },
  {
    name: "ERROR instead of READY",
    type: PULL,
    input: [GREETING, `04 0e 05 "ERROR" 07 "go away"`],
    error: "ERR_ZMTP_PEER_ERROR",
  },
  {
    name: "an ERROR that is cut short",
    type: PULL,
    input: [GREETING, `04 0d 05 "ERROR" 07 "go awa"`],
    error: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  },
  {
    name: "a READY that is cut short",
    type: PULL,
    input: [GREETING, `04 0c 05 "READY" 0b "Socke"`],
    error: "ERR_ZMTP_MALFORMED_COMMAND_READY",
  },
  {
    name: "a command without a name",
    type: PULL,
    input: [GREETING, ready("PUSH"), `04 00`],
    events: [peer("PUSH")],
    error: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
  },
  {
    name: "a command without a name, for a PUB, and no more of a size",
    type: PUB,
    input: [
      GREETING,
      ready("SUB"),
      `04 00 00 00 00 00 00 00 05 00 00 00 00 00`,
    ],
    events: [peer("SUB")],
    error: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
  },
  {
    name: "a long SUBSCRIBE without the flag that is too long for that slip",
    type: XPUB,
    input: [
      GREETING,
      ready("SUB"),
      `04 00 00 00 00 00 00 01 0a 09 "SUBSCRIBE" "${"x".repeat(256)}"`,
    ],
    events: [peer("SUB")],
    error: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
  },
  {
    name:
      "libzmq 4.3.4: SUBSCRIBE and CANCEL with a long size, and no flag that says so",
    type: XPUB,
    input: [
      GREETING,
      ready("SUB"),
      ...[246, 255].map((size) =>
        `04 00 00 00 00 00 00 01 ${two(size - 246)} 09 "SUBSCRIBE" "${
          "x".repeat(size)
        }"`
      ),
      `04 00 00 00 00 00 00 01 06 06 "CANCEL" "${"x".repeat(255)}"`,
      `04 0b 09 "SUBSCRIBE" "a"`,
      `04 07 04 "PING" 00 00`,
    ],
    events: [peer("SUB"), { type: "ping", timeToLiveMs: 0 }],
    messages: [
      [`\x01${"x".repeat(246)}`],
      [`\x01${"x".repeat(255)}`],
      [`\x00${"x".repeat(255)}`],
      [`\x01a`],
    ],
    output: [ready("XPUB"), `04 05 04 "PONG"`],
  },
  {
    name: "a PING without a time to live",
    type: PULL,
    input: [GREETING, ready("PUSH"), `04 06 04 "PING" 00`],
    events: [peer("PUSH")],
    error: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
  },
  {
    name: "a socket type that does not fit",
    type: PULL,
    input: [GREETING, ready("PUB")],
    error: "ERR_ZMTP_INVALID_METADATA",
  },
  {
    name: "a socket type that does not exist",
    type: PULL,
    input: [GREETING, ready("PUSHY")],
    error: "ERR_ZMTP_INVALID_METADATA",
  },
  {
    name: "another mechanism",
    type: PULL,
    input: [GREETING.replace(/"NULL"\s+00/, `"PLAIN"`)],
    error: "ERR_ZMTP_MECHANISM_MISMATCH",
  },
  {
    name: "HTTP",
    type: PULL,
    input: [`"GET / HTTP/1.1" 0d 0a`],
    error: "ERR_ZMTP_UNSPECIFIED",
  },
];

const GREETING_SIZE = 64;

for (const session of SESSIONS) {
  const { output, routingId = "" } = session;
  // The signature holds the size of our routing id to peers of ZMTP 1.0.
  const ours = GREETING.replace("01 7f", `${two(routingId.length + 1)} 7f`);
  sessionTest(
    { ...session, ...(output && { output: [ours, ...output] }) },
    // The greeting is the same each time: cut it in one session only.
    session === SESSIONS[0] ? 0 : GREETING_SIZE,
  );
}
