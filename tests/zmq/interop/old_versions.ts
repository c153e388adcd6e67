/**
 * Interoperability. ZMTP 2.0 and 1.0, which libzmq still speaks to a peer that
 * knows no more. Somebody in the middle makes us and the peer take each other
 * for such a one; see `support/peers/ageing.ts`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import {
  type Age,
  Ageing,
  AGES,
  type Side,
} from "../../support/peers/ageing.ts";
import type {
  Frame,
  Peer,
  PeerOptions,
  PeerSocket,
} from "../../support/peers/peer.ts";
import { STABLE_PARTNERS } from "./cells.ts";
import { converse, optionsFor } from "./conversations.ts";
import { type Binder, next, Ours, series, shown, STEP_MS } from "./party.ts";

const COUNT = 10_000;

/** The sizes at which a header changes its form, in either framing. */
const SIZES = [0, 1, 253, 254, 255, 256, 2048, 2049, 65_535, 1 << 20];

/** Routing ids on both sides of where an old header changes its form. */
const IDS = [1, 253, 254, 255].map((size) => "n".repeat(size));

interface Link {
  readonly ours: Ours;
  readonly theirs: PeerSocket;
  readonly ageing: Ageing;
}

interface Options {
  readonly binds?: Binder;
  readonly ours?: Record<string, unknown>;
  readonly theirs?: PeerOptions;
}

/** Opens a socket on each side and joins them by somebody who makes both look old. */
async function link(
  t: TestContext,
  peer: Peer,
  age: Age,
  [ourType, theirType]: readonly [string, string],
  { binds = "ours", ours: our, theirs: their }: Options = {},
): Promise<Link> {
  const ours = t.use(new Ours(ourType, our));
  const theirs = await peer.open(t, theirType, their);
  const [first, second] = binds === "ours" ? [ours, theirs] : [theirs, ours];
  const endpoint = await first.bind("tcp://127.0.0.1:*");
  const ageing = t.use(await Ageing.start(endpoint, age));
  await second.connect(ageing.endpoint);
  return { ours, theirs, ageing };
}

/** Neither side may have said what only ZMTP 3 has. */
function assertOld(ageing: Ageing): void {
  for (const side of ["client", "server"] as const) {
    const said = ageing.said(side);
    assert(said.length >= 10, `the ${side} has said nothing`);
    assert(!/NULL|READY|SUBSCRIBE/.test(said), `the ${side} speaks ZMTP 3`);
  }
}

/** Declares the tests. */
export function oldVersions(peer: Peer, name: string): void {
  for (const age of AGES) {
    conversations(peer, name, age);
    identities(peer, name, age);
    subscriptions(peer, name, age);
    guard(peer, name, age);
  }
}

function conversations(peer: Peer, name: string, age: Age): void {
  for (const binds of ["ours", "theirs"] as const) {
    for (const [our, partners] of Object.entries(STABLE_PARTNERS)) {
      for (const their of partners) {
        const options = optionsFor(our, their);
        const how = { binds, ours: options, theirs: options };
        test(`our ${our} and ${name}'s ${their} by ZMTP ${age}, ${binds} bound`, async (t) => {
          const types = [our, their] as const;
          const { ours, theirs, ageing } = await link(t, peer, age, types, how);
          await converse(ours, theirs, age !== "1.0 without a greeting");
          assertOld(ageing);
        });
      }
    }
  }

  test(`frames of any size pass between us and ${name} by ZMTP ${age}`, async (t) => {
    const types = ["PAIR", "PAIR"] as const;
    const { ours, theirs } = await link(t, peer, age, types);
    for (const size of SIZES) {
      const body = new Uint8Array(size).map((_, i) => i * 7);
      await ours.send(body, "between", body);
      const there = await theirs.receive();
      assertEquals(shown(there), shown([body, "between", body]));
      await theirs.send(...there);
      assertEquals(shown(await ours.receive()), shown(there));
    }
  });

  test(`${COUNT} messages go both ways at once between us and ${name} by ZMTP ${age}`, async (t) => {
    const types = ["PAIR", "PAIR"] as const;
    const { ours, theirs } = await link(t, peer, age, types);
    const received = theirs.receiveSeries(COUNT);
    const sent = theirs.sendSeries(COUNT, ["head"]);
    await Promise.all([
      ours.sendSeries(COUNT, ["head"]),
      ours.receiveSeries(COUNT).then((got) => assertEquals(got, series(COUNT))),
      received.then((got) => assertEquals(got, series(COUNT))),
      sent,
    ]);
  });

  test(`we and ${name} send no heartbeats by ZMTP ${age}, and stay connected`, async (t) => {
    const beating = { heartbeatInterval: 20, heartbeatTimeout: 20 };
    const { ours, theirs, ageing } = await link(
      t,
      peer,
      age,
      ["PAIR", "PAIR"],
      { ours: beating, theirs: beating },
    );
    let losses = 0;
    ours.socket.events.on("disconnect", () => losses++);
    await ours.send("a");
    await theirs.receive();
    // For longer than either would wait for an answer.
    await ours.socket.poll(zmq.POLLIN, { timeout: 100 });
    await theirs.send("b");
    assertEquals(shown(await ours.receive()), ["b"]);
    assertEquals(losses, 0);
    assert(!ageing.said("client").includes("PING"));
    assert(!ageing.said("server").includes("PING"));
  });

  test(`maxMessageSize applies to ${name} by ZMTP ${age}, and only larger messages disconnect it`, async (t) => {
    const limit = { ours: { maxMessageSize: 1000 } };
    const types = ["PULL", "PUSH"] as const;
    const { ours, theirs } = await link(t, peer, age, types, limit);
    await theirs.send("x".repeat(600), "x".repeat(400));
    assertEquals((await ours.receive()).length, 2);
    const refused = next(ours, "handshake:error:protocol");
    await theirs.send("x".repeat(600), "x".repeat(401));
    const { error } = await within(refused, STEP_MS, "the refusal");
    assertEquals(codeOf(error), "ERR_ZMTP_MESSAGE_TOO_LARGE");
  });

  test(`our PULL refuses ${name}'s SUB by ZMTP ${age}, where the greeting has a type`, async (t) => {
    const our = t.use(new Ours("PULL"));
    const refused = next(our, "handshake:error:protocol");
    const endpoint = await our.bind("tcp://127.0.0.1:*");
    const ageing = t.use(await Ageing.start(endpoint, age));
    const their = await peer.open(t, "SUB");
    const taken = next(our, "handshake");
    await their.connect(ageing.endpoint);
    // Without a greeting there is no way to know: RFC 13, "Known Issues".
    if (age === "1.0 without a greeting") {
      await within(taken, STEP_MS, "the handshake");
      return;
    }
    const { error } = await within(refused, STEP_MS, "the refusal");
    assertEquals(codeOf(error), "ERR_ZMTP_INVALID_METADATA");
    assertEquals(error.message, "PULL and SUB are not compatible");
  });
}

function identities(peer: Peer, name: string, age: Age): void {
  for (const binds of ["ours", "theirs"] as const) {
    for (const type of ["DEALER", "REQ"]) {
      test(`our ROUTER knows ${name}'s ${type} by its routing id by ZMTP ${age}, ${binds} bound`, async (t) => {
        for (const routingId of IDS) {
          const types = ["ROUTER", type] as const;
          const { ours, theirs } = await link(t, peer, age, types, {
            binds,
            theirs: { routingId },
            ours: { mandatory: true, routingId: "us" },
          });
          await theirs.send("hi");
          const [id, ...body] = await ours.receive();
          assertEquals(String(id), routingId);
          await ours.send(routingId, ...body.slice(0, -1), "you");
          assertEquals(shown(await theirs.receive()), ["you"]);
        }
      });

      test(`${name}'s ROUTER knows our ${type} by its routing id by ZMTP ${age}, ${binds} bound`, async (t) => {
        for (const routingId of IDS) {
          const types = [type, "ROUTER"] as const;
          const { ours, theirs } = await link(t, peer, age, types, {
            binds,
            ours: { routingId },
            theirs: { mandatory: true, routingId: "them" },
          });
          await ours.send("hi");
          const [id, ...body] = await theirs.receive();
          assertEquals(shown([id!]), shown([routingId]));
          await theirs.send(routingId, ...body.slice(0, -1), "you");
          assertEquals(shown(await ours.receive()), ["you"]);
        }
      });
    }
  }

  test(`our ROUTER and ${name}'s generate ids for anonymous peers by ZMTP ${age}`, async (t) => {
    for (const types of [["ROUTER", "DEALER"], ["DEALER", "ROUTER"]] as const) {
      const { ours, theirs } = await link(t, peer, age, types);
      const [router, dealer] = types[0] === "ROUTER"
        ? [ours, theirs]
        : [theirs, ours];
      await dealer.send("who am I?");
      const [id, body] = await router.receive();
      assertEquals([id!.byteLength, id![0]], [5, 0]);
      assertEquals(shown([body!]), ["who am I?"]);
      await router.send(id!, "you");
      assertEquals(shown(await dealer.receive()), ["you"]);
    }
  });
}

function subscriptions(peer: Peer, name: string, age: Age): void {
  // Such a peer gets everything, for that is how libzmq 2 has it: the subscriber filters.
  const isMute = age === "1.0 without a greeting";

  for (const isOurs of [true, false]) {
    const who = isOurs
      ? `${name}'s SUB and our XPUB`
      : `our SUB and ${name}'s XPUB`;
    const cast = async (t: TestContext) => {
      const types = isOurs
        ? ["XPUB", "SUB"] as const
        : ["SUB", "XPUB"] as const;
      const { ours, theirs } = await link(t, peer, age, types);
      return isOurs ? [ours, theirs] as const : [theirs, ours] as const;
    };

    test(`${who} agree on subscriptions and cancellations by ZMTP ${age}`, async (t) => {
      const [publisher, subscriber] = await cast(t);
      const nextEvent = async () => {
        const [event] = await publisher.receive();
        return `${event![0]} ${shown([event!.subarray(1)])}`;
      };
      if (isMute) {
        await attend(publisher);
        assertEquals(await nextEvent(), "1 ");
      }
      const topics: Frame[] = ["news", "ä", Uint8Array.of(0, 1, 255)];
      for (const size of [245, 252, 253, 254, 255, 256, 5000]) {
        // libzmq gives 255 bytes and the one before them a short size in 2.0.
        if (size === 255 && age === "2.0" && isOurs) continue;
        topics.push("x".repeat(size));
      }
      for (const topic of topics) {
        await subscriber.subscribe(topic);
        assertEquals(await nextEvent(), `1 ${shown([topic])}`);
      }
      for (const topic of topics) {
        await subscriber.unsubscribe(topic);
        assertEquals(await nextEvent(), `0 ${shown([topic])}`);
      }
    });

    test(`${who}: what is not subscribed to does not reach the application by ZMTP ${age}`, async (t) => {
      const [publisher, subscriber] = await cast(t);
      for (const topic of ["a", "bb", "c"]) await subscriber.subscribe(topic);
      for (let i = 0; i < (isMute ? 4 : 3); i++) await publisher.receive();
      await subscriber.unsubscribe("a");
      await publisher.receive();
      for (const topic of ["a", "b", "bb", "B", "", "bbb", "ab", "c"]) {
        await publisher.send(topic);
      }
      const got = [];
      for (let i = 0; i < 3; i++) {
        got.push(...shown(await subscriber.receive()));
      }
      assertEquals(got, ["bb", "bbb", "c"]);
    });
  }
}

/** Libzmq attends to a new peer of a bound socket only while somebody calls it. */
async function attend(party: Ours | PeerSocket): Promise<void> {
  if (!(party instanceof Ours)) await party.ask("attend", {});
}

/** The security that an old peer would get around. */
const PROTECTED = [
  ["PLAIN server", { plainServer: true, authenticate: () => true }],
  ["PLAIN client", { plainUsername: "admin", plainPassword: "secret" }],
  ["socket with a ZAP domain", { zapDomain: "global" }],
  ["socket with an authenticate callback", { authenticate: () => true }],
] as const;

function guard(peer: Peer, name: string, age: Age): void {
  for (const binds of ["ours", "theirs"] as const) {
    for (const [what, options] of PROTECTED) {
      test(`our ${what} refuses ${name} that speaks ZMTP ${age}, ${binds} bound`, async (t) => {
        const { message, said } = await refusal(t, peer, age, binds, options);
        const why = "plainServer" in options || "plainUsername" in options
          ? "uses PLAIN"
          : "authenticates its peers";
        assertEquals(message, messageOf(age, why));
        assert(said.length <= 11, "it receives neither type nor identity");
      });
    }

    test(`our CURVE server and client refuse ${name} that speaks ZMTP ${age}, ${binds} bound`, async (t) => {
      const { publicKey, secretKey } = await zmq.curveKeyPair();
      const keys = { curvePublicKey: publicKey, curveSecretKey: secretKey };
      for (
        const options of [
          { ...keys, curveServer: true },
          { ...keys, curveServerKey: publicKey },
        ]
      ) {
        const { message, said } = await refusal(t, peer, age, binds, options);
        assertEquals(message, messageOf(age, "uses CURVE"));
        assert(said.length <= 11, "it receives neither type nor identity");
      }
    });
  }

  test(`an honest ${name} is served beside one that speaks ZMTP ${age}`, async (t) => {
    const ours = t.use(
      new Ours("PULL", { plainServer: true, authenticate: () => true }),
    );
    const endpoint = await ours.bind("tcp://127.0.0.1:*");
    const honest = await peer.open(t, "PUSH", {
      plainUsername: "admin",
      plainPassword: "secret",
    });
    await honest.connect(endpoint);
    await honest.send("before");
    assertEquals(shown(await ours.receive()), ["before"]);
    const refused = next(ours, "handshake:error:protocol");
    const ageing = t.use(await Ageing.start(endpoint, age, ["client"]));
    const old = await peer.open(t, "PUSH");
    await old.connect(ageing.endpoint);
    const { error } = await within(refused, STEP_MS, "the refusal");
    assertEquals(codeOf(error), "ERR_ZMTP_UNSUPPORTED_VERSION");
    await honest.send("after");
    assertEquals(shown(await ours.receive()), ["after"]);
  });

  test(`${name} that uses PLAIN refuses us by ZMTP ${age}`, async (t) => {
    const theirs = await peer.open(t, "PULL", { plainServer: true });
    const endpoint = await theirs.bind("tcp://127.0.0.1:*");
    const ageing = t.use(await Ageing.start(endpoint, age));
    const ours = t.use(new Ours("PUSH", { reconnectInterval: 60_000 }));
    const lost = next(ours, "disconnect");
    ours.connect(ageing.endpoint);
    await within(lost, STEP_MS, "the disconnect");
  });
}

/** How our protected socket refuses a peer that looks old to it alone. */
async function refusal(
  t: TestContext,
  peer: Peer,
  age: Age,
  binds: Binder,
  options: Record<string, unknown>,
): Promise<{ message: string; said: string }> {
  const ours = t.use(
    new Ours("DEALER", { ...options, reconnectInterval: 60_000 }),
  );
  const theirs = await peer.open(t, "DEALER");
  let handshakes = 0;
  ours.socket.events.on("handshake", () => handshakes++);
  const refused = next(ours, "handshake:error:protocol");
  const lost = next(ours, "disconnect");
  const [first, second] = binds === "ours" ? [ours, theirs] : [theirs, ours];
  const [our, their]: Side[] = binds === "ours"
    ? ["server", "client"]
    : ["client", "server"];
  const endpoint = await first.bind("tcp://127.0.0.1:*");
  const ageing = t.use(await Ageing.start(endpoint, age, [their!]));
  await second.connect(ageing.endpoint);
  const { error } = await within(refused, STEP_MS, "the refusal");
  assertEquals(codeOf(error), "ERR_ZMTP_UNSUPPORTED_VERSION");
  await within(lost, STEP_MS, "the disconnect");
  assertEquals(handshakes, 0);
  return { message: error.message, said: ageing.said(our!) };
}

function messageOf(age: Age, why: string): string {
  return `The peer speaks ZMTP ${
    age.slice(0, 3)
  }, which has no security, and this socket ${why}`;
}

function codeOf(error: Error): string {
  return (error as Error & { code: string }).code;
}
