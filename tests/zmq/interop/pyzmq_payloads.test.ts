/**
 * Interoperability. What programs around Python's AgentZero send: JSON by
 * `send_json` and by `json.dumps`, and msgpack, in one frame, or behind a topic.
 * Each value is packed on one side, read on the other, and the other way round.
 */
import { assertEquals } from "@std/assert";
import { JSON as JSONFormat, MSGPACK } from "../../../src/serializers/mod.ts";
import { test } from "../../support/harness.ts";
import { pyzmqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { link, shown } from "./party.ts";

/** A Python literal and what it is here. */
type Case = readonly [literal: string, value: unknown];

const CASES: readonly Case[] = [
  [
    `{"pipeline": "video-download", "job": {"url": "https://h/?a=1&b=2", "tries": 3}}`,
    {
      pipeline: "video-download",
      job: { url: "https://h/?a=1&b=2", tries: 3 },
    },
  ],
  [`{"msg": "ünïcödé € 😀 \\u2028", "args": [], "level": 20}`, {
    msg: "ünïcödé € 😀 \u2028",
    args: [],
    level: 20,
  }],
  [`[1, -1, 2.5, 1e-7, 2**53 - 1, True, False, None]`, [
    1,
    -1,
    2.5,
    1e-7,
    2 ** 53 - 1,
    true,
    false,
    null,
  ]],
  [`{"a, b": "c: d, e", "": {"\\t\\"\\\\": "\\n\\x00\\x7f"}}`, {
    "a, b": "c: d, e",
    "": { '\t"\\': "\n\u0000\u007f" },
  }],
  [`"text alone"`, "text alone"],
  [`None`, null],
  [`{"deep": [[[[{"x": [{}]}]]]], "long": "y" * 100000}`, {
    deep: [[[[{ x: [{}] }]]]],
    long: "y".repeat(100_000),
  }],
];

const ONLY_MSGPACK: readonly Case[] = [
  [`{"blob": bytes(range(256)), "big": 2**63}`, {
    blob: Uint8Array.from({ length: 256 }, (_, i) => i),
    big: 2n ** 63n,
  }],
];

const kind = pyzmqPeer();
const json = new JSONFormat();
const msgpack = new MSGPACK();

/** How Python packs, how it unpacks, and what does both here. */
const FORMATS = [
  { pack: "send_json", unpack: "recv_json", serializer: json, cases: CASES },
  { pack: "json", unpack: "json", serializer: json, cases: CASES },
  { pack: "compact", unpack: "json", serializer: json, cases: CASES },
  { pack: "unicode", unpack: "json", serializer: json, cases: CASES },
  {
    pack: "msgpack",
    unpack: "msgpack",
    serializer: msgpack,
    cases: [...CASES, ...ONLY_MSGPACK],
  },
];

if (kind.missing) {
  test("payloads of pyzmq", { skip: kind.missing }, () => {});
} else {
  const peer = new Peer(kind);
  for (const { pack, unpack, serializer, cases } of FORMATS) {
    test(`data of Python's ${pack} is read here, and ours by ${unpack}`, async (t) => {
      const [ours, theirs] = await link(t, peer, "PAIR", "PAIR");
      for (const [literal, value] of cases) {
        await theirs.ask("sendValue", { format: pack, literal });
        const message = await ours.receive();
        assertEquals(message.length, 1);
        assertEquals(serializer.unpack(message[0]!), value);
        await ours.send(serializer.pack(value));
        await theirs.ask("receiveValue", { format: unpack, literal });
      }
    });

    test(`Python's REQ asks our REP in ${pack}, and ours Python's REP`, async (t) => {
      const [rep, req] = await link(t, peer, "REP", "REQ");
      const [asking, answering] = await link(t, peer, "REQ", "REP");
      for (const [literal, value] of cases) {
        await req.ask("sendValue", { format: pack, literal });
        const [question] = await rep.receive();
        await rep.send(serializer.pack(serializer.unpack(question!)));
        await req.ask("receiveValue", { format: unpack, literal });

        await asking.send(serializer.pack(value));
        await answering.ask("receiveValue", { format: unpack, literal });
        await answering.ask("sendValue", { format: pack, literal });
        const [answer] = await asking.receive();
        assertEquals(serializer.unpack(answer!), value);
      }
    });

    if (pack === "send_json") continue; // it sends one frame, without a topic
    test(`Python publishes ${pack} behind a topic to our SUB, and we to its SUB`, async (t) => {
      const [sub, xpub] = await link(t, peer, "SUB", "XPUB");
      sub.subscribe("töpic");
      await xpub.receive();
      const [ourXpub, theirSub] = await link(t, peer, "XPUB", "SUB");
      await theirSub.subscribe("töpic");
      await ourXpub.receive();
      for (const [literal, value] of cases) {
        for (const topic of ["another topic", "töpic"]) {
          await xpub.ask("publishValue", { format: pack, topic, literal });
        }
        const [topic, data] = await sub.receive();
        assertEquals(shown([topic!]), shown(["töpic"]));
        assertEquals(serializer.unpack(data!), value);
        await ourXpub.send("another topic", "noise");
        await ourXpub.send("töpic", serializer.pack(value));
        await theirSub.ask("receiveValue", { format: unpack, literal });
      }
    });
  }
}
