/**
 * Hostile peers. Those that subscribe to more than they may: they are
 * disconnected, and no other peer notices.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { bytes, command, message } from "../../support/peers/zmtp_bytes.ts";
import { EventLog, STEP_MS } from "./victim.ts";

type Limits = Partial<
  Pick<zmq.XPublisherOptions, "maxSubscriptions" | "maxSubscriptionBytes">
>;

/** What a type calls the wish for a topic, and how it is served. */
interface Kind {
  readonly name: string;
  make(limits: Limits): zmq.Publisher | zmq.XPublisher | zmq.Radio;
  readonly peer: "SUB" | "DISH";
  wish(topic: string): Uint8Array;
  cancel(topic: string): Uint8Array;
}

const asCommand = (name: string) => (topic: string) => command(name, topic);

const KINDS: readonly Kind[] = [
  {
    name: "PUB",
    make: (limits) => new zmq.Publisher(limits),
    peer: "SUB",
    wish: asCommand("SUBSCRIBE"),
    cancel: asCommand("CANCEL"),
  },
  {
    name: "XPUB",
    make: (limits) => new zmq.XPublisher(limits),
    peer: "SUB",
    wish: (topic) => message(bytes(1, topic)),
    cancel: (topic) => message(bytes(0, topic)),
  },
  {
    name: "XPUB with manual",
    make: (limits) => new zmq.XPublisher({ ...limits, manual: true }),
    peer: "SUB",
    wish: asCommand("SUBSCRIBE"),
    cancel: asCommand("CANCEL"),
  },
  {
    name: "RADIO",
    make: (limits) => new zmq.Radio(limits),
    peer: "DISH",
    wish: asCommand("JOIN"),
    cancel: asCommand("LEAVE"),
  },
];

for (const { name, make, peer, wish, cancel } of KINDS) {
  for (
    const [limits, topics, option] of [
      [{ maxSubscriptions: 5 }, ["a", "b", "c", "d", "e"], "maxSubscriptions"],
      [
        { maxSubscriptionBytes: 20 },
        ["x".repeat(10), "y".repeat(10)],
        "maxSubscriptionBytes",
      ],
    ] as const
  ) {
    test(`${name}: a peer that exceeds ${option} is disconnected, and no other peer`, async (t) => {
      const publisher = t.use(make(limits));
      const log = new EventLog(publisher);
      await publisher.bind("tcp://127.0.0.1:*");
      const attacker = t.use(await FakePeer.connect(publisher.lastEndpoint!));
      await attacker.shakeHands(peer);
      const good = t.use(await FakePeer.connect(publisher.lastEndpoint!));
      await good.shakeHands(peer);
      await good.send(wish("good"));
      // As much as is allowed, again and again, and some that is cancelled.
      await attacker.send(bytes(
        ...topics.map(wish),
        ...topics.map(wish),
        ...topics.map(cancel),
        ...topics.map(cancel),
        ...topics.map(wish),
      ));
      await untilServed(publisher, topics[0], attacker);
      assertEquals(log.count("disconnect"), 0);

      await attacker.send(bytes(wish("z"), wish("more"), wish("of it")));
      const { error } = await log.next("disconnect");
      assertEquals(error?.code, "ENOBUFS");
      assert(error!.message.includes(option), error!.message);
      await within(attacker.closed, STEP_MS, "the end");
      await untilServed(publisher, "good", good);
      assertEquals(log.count("disconnect"), 0);
    });
  }
}

test("an XPUB receives the end of exactly those subscriptions that it had received", async (t) => {
  const xpub = t.use(new zmq.XPublisher({ maxSubscriptions: 2 }));
  await xpub.bind("tcp://127.0.0.1:*");
  const attacker = t.use(await FakePeer.connect(xpub.lastEndpoint!));
  await attacker.shakeHands("SUB");
  await attacker.send(
    bytes(...["a", "b", "c", "d"].map((topic) => command("SUBSCRIBE", topic))),
  );
  const events: string[] = [];
  while (events.length < 4) {
    const [event] = await within(xpub.receive(), STEP_MS, "an event");
    events.push(`${event}`);
  }
  assertEquals(events.sort(), ["\x00a", "\x00b", "\x01a", "\x01b"]);
  assertEquals(xpub.tryReceive(), undefined);
});

test("subscription limits do not apply over inproc, where the peer is this program", async (t) => {
  const xpub = t.use(new zmq.XPublisher({ maxSubscriptions: 1 }));
  await xpub.bind("inproc://subscription_limits");
  const sub = t.use(new zmq.Subscriber());
  sub.connect("inproc://subscription_limits");
  sub.subscribe("a", "b", "c");
  for (let i = 0; i < 3; i++) {
    await within(xpub.receive(), STEP_MS, "an event");
  }
  await xpub.send("c");
  await within(sub.receive(), STEP_MS, "the message");
});

/** Publishes until the peer gets something; an XPUB reads its events, and does with `manual` what it is asked for. */
async function untilServed(
  publisher: zmq.Publisher | zmq.XPublisher | zmq.Radio,
  topic: string,
  peer: FakePeer,
): Promise<void> {
  const before = peer.unread;
  const end = Date.now() + STEP_MS;
  while (peer.unread === before) {
    assert(Date.now() < end, `nothing of "${topic}" came`);
    if (publisher instanceof zmq.XPublisher) {
      let event: zmq.Message | undefined;
      while ((event = publisher.tryReceive()) !== undefined) {
        if (publisher.manual) publisher.subscribe(event[0]!.subarray(1));
      }
    }
    if (publisher instanceof zmq.Radio) {
      await publisher.send("hello", { group: topic });
    } else await publisher.send(topic);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
