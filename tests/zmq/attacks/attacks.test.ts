/**
 * Attacks on sockets over raw connections, at a small size and with low limits.
 * Each time the attacker is disconnected or slowed down, an event says why, and an
 * honest peer of the same socket is served. `npm run siege` does them all at
 * once, at full size.
 *
 * Kinds whose bound has tests of its own:
 *
 * | kind                                             | tests                                            |
 * | ------------------------------------------------ | ------------------------------------------------ |
 * | PINGs, messages and MORE frames without an end   | tests/zmq/hostile/floods.test.ts                 |
 * | a flood beside an honest peer, turn by turn      | tests/zmq/engine/fairness.test.ts                |
 * | too many connections, also half open             | tests/zmq/hostile/connections.test.ts            |
 * | too many subscriptions, groups, bytes of topics  | tests/zmq/hostile/subscription_limits.test.ts    |
 * | what is wrong in a greeting or a handshake       | tests/zmq/hostile/handshake.test.ts              |
 * | peers that say nothing, or too slowly            | tests/zmq/hostile/life.test.ts                   |
 * | frames that break the protocol                   | tests/zmq/hostile/open.test.ts                   |
 * | floods below the frames of ZeroMQ, over ws       | tests/zmq/attacks/ws.test.ts                     |
 * | subscriptions that break it, or come and go      | tests/zmq/hostile/subscriptions.test.ts          |
 * | a departure with many subscriptions, in slices   | tests/zmq/routing/subscription_trie.test.ts      |
 * | security options that protect nothing            | tests/zmq/security/in_force.test.ts              |
 * | questions to a ZAP handler that stay open        | tests/zmq/security/zap.test.ts                   |
 * | somebody in the middle of CURVE                  | tests/zmq/security/middle.test.ts                |
 * | whatever else can be said, by chance             | tests/fuzz/targets/connection.ts, session.ts, ws |
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import {
  command,
  frame,
  longHeader,
  MORE,
} from "../../support/peers/zmtp_bytes.ts";
import { many, Raider } from "../../siege/raider.ts";

const KIB = 1024;
const STEP_MS = 8000;
const LIMIT = { timeoutMs: 30_000 };

/** A ROUTER that sends back what comes, and an honest peer of it. */
async function echoing(t: TestContext, options: zmq.RouterOptions = {}) {
  const router = t.use(new zmq.Router(options));
  await router.bind("tcp://127.0.0.1:*");
  const failures: zmq.EventOfType<"handshake:error:protocol">[] = [];
  router.events.on("handshake:error:protocol", (event) => failures.push(event));
  const served = (async () => {
    for await (const message of router) {
      if (!router.closed) router.trySend(message); // it may close meanwhile
    }
  })();
  t.cleanup(async () => {
    await router.close();
    await served;
  });
  const dealer = t.use(new zmq.Dealer({ routingId: "honest", linger: 0 }));
  dealer.connect(router.lastEndpoint!);
  let count = 0;
  const honest = async () => {
    const text = `${++count}`;
    await dealer.send(text);
    const [answer] = await within(dealer.receive(), STEP_MS, "an answer");
    assertEquals(`${answer}`, text);
  };
  await honest();
  const raid = async (identity = "") =>
    t.use(await Raider.join(router.lastEndpoint!, "DEALER", { identity }));
  return { router, failures, honest, raid };
}

for (
  const [what, sent] of [
    ["a message", frame(new Uint8Array(3 * KIB))],
    ["a frame that is only promised", longHeader(2 ** 40)],
    [
      "a message in many frames",
      many(frame(new Uint8Array(100), MORE), 3 * KIB),
    ],
    ["a message of empty frames", many(frame("", MORE), 64 * KIB)],
  ] as const
) {
  test(
    `${what} above the limit disconnects its sender, with an event`,
    LIMIT,
    async (t) => {
      const { failures, honest, raid } = await echoing(t, {
        maxMessageSize: 2 * KIB,
      });
      const raider = await raid();
      await raider.put(sent);
      await eventually(
        () => raider.isCut,
        STEP_MS,
        "the end of the connection",
      );
      await eventually(() => failures.length === 1, STEP_MS, "an event");
      assertEquals(failures[0]!.error.code, "ERR_ZMTP_MESSAGE_TOO_LARGE");
      await honest();
    },
  );
}

test("tiny messages of one peer do not starve others", LIMIT, async (t) => {
  const { honest, raid } = await echoing(t);
  const raider = await raid();
  let isOver = false;
  const flooding = (async () => {
    while (!isOver && await raider.put(many(frame("x"), 16 * KIB)));
  })();
  for (let i = 0; i < 20; i++) await honest();
  isOver = true;
  await flooding;
});

test(
  "a peer that takes an identity in use is disconnected, not its owner",
  LIMIT,
  async (t) => {
    const { honest, raid } = await echoing(t);
    const raider = await raid("honest");
    await raider.put(frame("I am the honest one"));
    await eventually(() => raider.isCut, STEP_MS, "the end of the connection");
    await honest();
  },
);

test(
  "many topics, and their end, delay no message of others",
  LIMIT,
  async (t) => {
    const pub = t.use(new zmq.Publisher());
    await pub.bind("tcp://127.0.0.1:*");
    const sub = t.use(new zmq.Subscriber());
    sub.subscribe("tick");
    sub.connect(pub.lastEndpoint!);
    const raider = await Raider.join(pub.lastEndpoint!, "SUB");
    for (let i = 0; i < 5000; i++) {
      await raider.put(command("SUBSCRIBE", `topic ${i}`));
    }
    const gotTick = async () => {
      const timer = setInterval(() => void pub.send("tick"), 5);
      try {
        await within(sub.receive(), STEP_MS, "a tick");
      } finally {
        clearInterval(timer);
      }
    };
    await gotTick();
    raider[Symbol.dispose]();
    await gotTick();
  },
);

test(
  "a subscriber that reads nothing costs other subscribers no message",
  LIMIT,
  async (t) => {
    const pub = t.use(new zmq.XPublisher({ sendHighWaterMark: 10, linger: 0 }));
    await pub.bind("tcp://127.0.0.1:*");
    const sub = t.use(new zmq.Subscriber({ receiveHighWaterMark: 0 }));
    sub.subscribe("");
    sub.connect(pub.lastEndpoint!);
    await within(pub.receive(), STEP_MS, "the subscription");
    const raider = t.use(
      await Raider.join(pub.lastEndpoint!, "SUB", { isReading: false }),
    );
    await raider.put(command("SUBSCRIBE", "a"));
    await within(pub.receive(), STEP_MS, "the other subscription");
    const body = new Uint8Array(64 * KIB);
    for (let i = 0; i < 300; i++) {
      await pub.send(["a", `${i}`, body]);
      const [, number] = await within(sub.receive(), STEP_MS, `message ${i}`);
      assertEquals(`${number}`, `${i}`);
    }
    assert(!raider.isCut);
  },
);
