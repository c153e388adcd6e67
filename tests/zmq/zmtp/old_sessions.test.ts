/**
 * Tests of the connection with recorded sessions of old peers: what libzmq
 * really says by ZMTP 2.0 and 1.0, and by hand, from RFC 13 and RFC 15, what it
 * would not. Fed whole, byte by byte and cut at every place.
 */
import {
  DEALER,
  PAIR,
  PUB,
  PULL,
  PUSH,
  REP,
  ROUTER,
  SOCKET_TYPE_NAMES,
  type SocketType,
  SUB,
  XPUB,
  XSUB,
} from "../../../src/zmq/types.ts";
import { hex, toHex } from "../../support/bytes.ts";
import { type Age, aged, AGES } from "../../support/peers/ageing.ts";
import { SCENES } from "../interop/old_scenes.ts";
import { RECORDED } from "../interop/recorded_old_versions.ts";
import { peer, type Session, sessionTest } from "./session.ts";

const MUTE: Age = "1.0 without a greeting";
const SIGNATURE = "ff 00 00 00 00 00 00 00 01 7f";

/** What we say to a peer before our messages; RFC 15 has no XPUB and XSUB. */
function ours(age: Age, type: number, id = ""): string {
  const size = hex(id).byteLength;
  const two = (n: number) => n.toString(16).padStart(2, "0");
  const signature = SIGNATURE.replace("01 7f", `${two(size + 1)} 7f`);
  const wire = two(type === XPUB ? PUB : type === XSUB ? SUB : type);
  if (age === MUTE) return `${signature} ${id}`;
  return age === "2.0"
    ? `${signature} 03 ${wire} 00 ${two(size)} ${id}`
    : `${signature} 03 ${wire} ${two(size + 1)} 00 ${id}`;
}

const TWO = `${SIGNATURE} 01`;
const ONE = `${SIGNATURE} 00`;

const SESSIONS: readonly Session[] = [
  {
    name: "a PULL and a PUSH of libzmq 2, which has no greeting",
    type: PULL,
    input: [`01 00`, `06 00 "hello"`, `02 01 "a" 01 01 02 00 "c"`, `01 00`],
    events: [peer("", "", "1.0")],
    messages: [["hello"], ["a", "", "c"], [""]],
    output: [SIGNATURE],
  },
  {
    name: "a ROUTER and a DEALER of libzmq 2 with an identity",
    type: ROUTER,
    routingId: "us",
    input: [`05 00 "them"`, `01 01 02 00 "q"`],
    events: [peer("", `"them"`, "1.0")],
    messages: [["", "q"]],
    output: [`ff 00 00 00 00 00 00 00 03 7f "us"`],
  },
  {
    name: "a REP and a REQ of libzmq 2 that begins as a long frame does",
    type: REP,
    input: [`ff 00 00 00 00 00 00 00 03 00 "me"`, `01 01 02 00 "q"`],
    events: [peer("", `"me"`, "1.0")],
    messages: [["", "q"]],
    output: [SIGNATURE],
  },
  {
    name: "a PUB feeds a SUB of libzmq 2, which subscribes to nothing",
    type: PUB,
    input: [`01 00`],
    events: [peer("", "", "1.0")],
    messages: [["\x01"]],
    output: [SIGNATURE],
  },
  {
    name: "even where no message may come",
    type: XPUB,
    maxMessageSize: 0,
    input: [`01 00`, `01 00`],
    events: [peer("", "", "1.0")],
    messages: [["\x01"], [""]],
    output: [SIGNATURE],
  },
  {
    name: "one of libzmq 3.0, without a greeting too, may subscribe besides",
    type: XPUB,
    input: [`01 00`, `05 00 01 "abc"`, `05 00 00 "abc"`],
    events: [peer("", "", "1.0")],
    messages: [["\x01"], ["\x01abc"], ["\x00abc"]],
    output: [SIGNATURE],
  },
  {
    name: "a PUSH is sent messages in vain by 1.0, and lives",
    type: PUSH,
    input: [`01 00`, `02 01 "a" 02 00 "b"`, `02 00 "c"`],
    events: [peer("", "", "1.0")],
    output: [SIGNATURE],
  },
  {
    name: "in 1.0 long lengths for little, and strange flags, are taken",
    type: PULL,
    input: [
      `${ONE} 08 ff 00 00 00 00 00 00 00 01 00`,
      `ff 00 00 00 00 00 00 00 03 00 "ab"`,
      `02 ff "c" ff 00 00 00 00 00 00 00 01 fe`,
    ],
    events: [peer("PUSH", "", "1.0")],
    messages: [["ab"], ["c", ""]],
    output: [ours("1.0", PULL)],
  },
  {
    name: "in 2.0 long sizes for little, and reserved flags, are taken",
    type: PULL,
    input: [
      `${TWO} 08 02 00 00 00 00 00 00 00 00`,
      `f2 00 00 00 00 00 00 00 02 "ab"`,
      `f9 01 "c" 02 00 00 00 00 00 00 00 00`,
    ],
    events: [peer("PUSH", "", "2.0")],
    messages: [["ab"], ["c", ""]],
    output: [ours("2.0", PULL)],
  },
  {
    name: "an identity may have any bytes in 2.0",
    type: ROUTER,
    input: [`${TWO} 05 00 03 80 00 ff`],
    events: [peer("DEALER", "80 00 ff", "2.0")],
    output: [ours("2.0", ROUTER)],
  },
  {
    name: "what looks like a command in 1.0 is a message",
    type: PAIR,
    input: [`${ONE} 00 01 00`, `06 04 04 "PING"`],
    events: [peer("PAIR", "", "1.0")],
    messages: [["\x04PING"]],
    output: [ours("1.0", PAIR)],
  },
  {
    name: "a command in 2.0, which has none",
    type: PAIR,
    input: [`${TWO} 00 00 00`, `00 01 "m"`, `04 05 04 "PING"`],
    events: [peer("PAIR", "", "2.0")],
    messages: [["m"]],
    error: "ERR_ZMTP_INVALID_SEQUENCE",
  },
  {
    name: "a READY in 2.0",
    type: PAIR,
    input: [`${TWO} 00 04 06 05 "READY"`],
    error: "ERR_ZMTP_INVALID_SEQUENCE",
  },
  {
    name: "a length of 0 in 1.0",
    type: PULL,
    input: [`01 00`, `02 00 "m"`, `00 00`],
    events: [peer("", "", "1.0")],
    messages: [["m"]],
    error: "ERR_ZMTP_UNSPECIFIED",
  },
  {
    name: "a long length of 0 in 1.0",
    type: PULL,
    input: [`01 00`, `ff 00 00 00 00 00 00 00 00 00`],
    events: [peer("", "", "1.0")],
    error: "ERR_ZMTP_UNSPECIFIED",
  },
  {
    name: "a length of 2^53 in 1.0 is refused without a limit",
    type: PULL,
    input: [`01 00`, `ff 00 20 00 00 00 00 00 00 00`],
    events: [peer("", "", "1.0")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "a size of 2^64 - 1 in 2.0 is refused without a limit",
    type: PULL,
    input: [`${TWO} 08 00 00`, `02 ff ff ff ff ff ff ff ff`],
    events: [peer("PUSH", "", "2.0")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "a message of just maxMessageSize in 1.0, over several frames",
    type: PULL,
    maxMessageSize: 4,
    input: [`01 00`, `05 00 "abcd"`, `02 01 "a" 03 01 "bc" 02 00 "d"`],
    events: [peer("", "", "1.0")],
    messages: [["abcd"], ["a", "bc", "d"]],
    output: [SIGNATURE],
  },
  {
    name: "one byte more in 1.0 is refused by the header",
    type: PULL,
    maxMessageSize: 4,
    input: [`01 00`, `06 00`],
    events: [peer("", "", "1.0")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "so in 1.0 with a greeting, in the last of several frames",
    type: PULL,
    maxMessageSize: 4,
    input: [`${ONE} 08 01 00`, `03 01 "ab" 03 01 "cd" 02 00`],
    events: [peer("PUSH", "", "1.0")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "so in 2.0",
    type: PULL,
    maxMessageSize: 4,
    input: [`${TWO} 08 00 00`, `01 02 "ab" 01 02 "cd" 00 01`],
    events: [peer("PUSH", "", "2.0")],
    error: "ERR_ZMTP_MESSAGE_TOO_LARGE",
  },
  {
    name: "an identity counts for nothing against maxMessageSize",
    type: DEALER,
    maxMessageSize: 1,
    input: [`${TWO} 06 00 04 "them"`, `00 01 "m"`],
    events: [peer("ROUTER", `"them"`, "2.0")],
    messages: [["m"]],
    output: [ours("2.0", DEALER)],
  },
];

for (const session of SESSIONS) sessionTest(session);

for (const age of AGES) {
  for (const scene of SCENES) {
    const type = SOCKET_TYPE_NAMES.indexOf(scene.peer as "PUB") as SocketType;
    const isFed = age === MUTE && (type === PUB || type === XPUB);
    sessionTest({
      name:
        `our ${scene.peer} receives from libzmq's ${scene.type} by ZMTP ${age}`,
      type,
      routingId: "you",
      // What libzmq said, it said as one that can do more.
      input: [toHex(aged(hex(RECORDED[age][scene.type]!), age))],
      events: [peer(
        age === MUTE ? "" : scene.type,
        `"${scene.options?.routingId ?? ""}"`,
        age.slice(0, 3),
      )],
      messages: [...isFed ? [["\x01"]] : [], ...scene.arrives],
      output: [ours(age, type, '"you"')],
    });
  }
}
