/**
 * Tests of whole streams of messages over real connections: each arrives once,
 * in order and intact, whatever the sizes, the marks and the ways to receive.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, sameBytes, texts, utf8 } from "../../support/bytes.ts";
import { eventually, test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";
import { joined } from "./pairs.ts";

test("messages are intact although their encoding buffers are reused", async (t) => {
  const count = 1500;
  const sizeOf = (stream: number, i: number) =>
    1 + (i * 131 + stream * 977) % 2048;
  const streams = await Promise.all([0, 1, 2, 3].map(async (stream) => {
    const push = t.use(new zmq.Push({ sendHighWaterMark: 50 }));
    const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 50 }));
    await joined(pull, push);
    return { push, pull, stream };
  }));
  const send = async ({ push, stream }: typeof streams[0]) => {
    for (let i = 0; i < count; i++) {
      await push.send(pattern(sizeOf(stream, i), stream + i));
    }
  };
  const receive = async ({ pull, stream }: typeof streams[0]) => {
    for (let i = 0; i < count; i++) {
      const [frame] = await pull.receive();
      const expected = pattern(sizeOf(stream, i), stream + i);
      assert(sameBytes(frame!, expected), `message ${i} of stream ${stream}`);
    }
  };
  await Promise.all(streams.flatMap((one) => [send(one), receive(one)]));
});

test("a receiver that falls behind for a while gets everything intact", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 10 }));
  await joined(pull, push);
  const count = 12_000; // about 12 MB: more than the marks and the system hold
  let sent = 0;
  const sending = (async () => {
    for (; sent < count; sent++) await push.send(pattern(1000, sent));
  })();
  await eventually(() => !push.writable, 5000, "the sender to be held up");
  assert(sent < count, "nothing held the sender up");
  for (let i = 0; i < count; i++) {
    const frame = (await pull.receive())[0]!;
    assertEquals(frame.byteLength, 1000);
    if (i % 97 === 0) {
      assert(sameBytes(frame, pattern(1000, i)), `message ${i}`);
    }
    assertEquals(frame[0], i & 0xff);
  }
  await sending;
});

// RFC 37.SOCKET.5, 37.SOCKET.6
test(
  "property: every message arrives once and in order, however it is sent and received",
  () =>
    check(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom("tcp://127.0.0.1:*", "inproc://"),
        fc.array(
          fc.array(
            fc.oneof(
              fc.nat(40),
              fc.nat(5000),
              fc.integer({ min: 0, max: 100_000 }),
            ),
            { minLength: 1, maxLength: 3 },
          ),
          { maxLength: 40 },
        ),
        fc.array(fc.constantFrom("receive", "try", "poll", "iterate"), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.boolean(),
        async (sendMark, receiveMark, over, messages, ways, isBoundLate) => {
          const push = new zmq.Push({ sendHighWaterMark: sendMark });
          const pull = new zmq.Pull({ receiveHighWaterMark: receiveMark });
          const address = over === "inproc://"
            ? over + crypto.randomUUID()
            : over;
          let sending: Promise<unknown> = Promise.resolve();
          const sendAll = async () => {
            for (const [i, sizes] of messages.entries()) {
              await push.send(sizes.map((size, j) => pattern(size, i + j)));
            }
          };
          if (over === "inproc://" && isBoundLate) {
            push.connect(address);
            sending = sendAll();
            await pull.bind(address);
          } else {
            await joined(pull, push, address);
            sending = sendAll();
          }
          const take = async (way: string): Promise<zmq.Message> => {
            if (way === "receive") return await pull.receive();
            if (way === "iterate") {
              for await (const message of pull) return message;
            }
            for (;;) {
              const message = pull.tryReceive();
              if (message !== undefined) return message;
              await pull.poll(zmq.POLLIN);
            }
          };
          for (const [i, sizes] of messages.entries()) {
            const got = await take(ways[i % ways.length]!);
            assertEquals(got.map((f) => f.byteLength), sizes);
            got.forEach((f, j) =>
              assert(sameBytes(f, pattern(sizes[j]!, i + j)))
            );
          }
          await sending;
          assertEquals(pull.tryReceive(), undefined);
          await push.close();
          await pull.close();
        },
      ),
      20,
    ),
  { timeoutMs: 20_000 },
);

test(
  "property: aborted sends and receives lose and double nothing",
  () =>
    check(
      fc.asyncProperty(
        fc.constantFrom("tcp://127.0.0.1:*", "inproc://"),
        fc.array(fc.record({ isSent: fc.boolean(), isAborted: fc.boolean() }), {
          maxLength: 60,
        }),
        async (over, steps) => {
          const push = new zmq.Push({ sendHighWaterMark: 2, linger: 0 });
          const pull = new zmq.Pull({ receiveHighWaterMark: 2 });
          const address = over === "inproc://"
            ? over + crypto.randomUUID()
            : over;
          await joined(pull, push, address);
          const taken: Promise<string | undefined>[] = [];
          const got: Promise<string[]>[] = [];
          const later: AbortController[] = [];
          steps.forEach(({ isSent, isAborted }, i) => {
            const control = new AbortController();
            const { signal } = control;
            if (isSent) {
              const text = String(i);
              taken.push(
                push.send(text, { signal }).then(() => text, () => undefined),
              );
            } else got.push(pull.receive({ signal }).then(texts, () => []));
            if (isAborted) queueMicrotask(() => control.abort());
            else later.push(control);
          });
          await new Promise((resolve) => setImmediate(resolve));
          for (const control of later) control.abort();
          const sent = (await Promise.all(taken)).filter((text) =>
            text !== undefined
          );
          const received = (await Promise.all(got)).flat();
          while (received.length < sent.length) {
            received.push(...texts(await pull.receive({ timeout: 2000 })));
          }
          assertEquals(received, sent);
          assertEquals(pull.tryReceive(), undefined);
          await push.close();
          await pull.close();
        },
      ),
      30,
    ),
  { timeoutMs: 20_000 },
);

// RFC 37.PUBSUB.7
test("property: a SUB gets what a naive model says, for any subscriptions at any time", () =>
  check(fc.asyncProperty(
    fc.array(
      fc.tuple(
        fc.constantFrom(
          "subscribe",
          "subscribe",
          "unsubscribe",
          "publish",
          "publish",
        ),
        fc.stringMatching(/^[ab]{0,3}$/),
        fc.nat(1),
      ),
      { maxLength: 60 },
    ),
    async (steps) => {
      const address = `inproc://${crypto.randomUUID()}`;
      const context = new zmq.Context();
      const xpub = new zmq.XPublisher({ context });
      await xpub.bind(address);
      const subs = [0, 1].map(() => {
        const sub = new zmq.Subscriber({ context });
        sub.connect(address);
        return {
          sub,
          topics: [] as string[],
          expected: [] as string[],
          got: [] as string[],
        };
      });
      const events: string[] = [];
      const isKnown = (topic: string) =>
        subs.some((s) => s.topics.includes(topic));
      for (const [i, [step, topic, n]] of steps.entries()) {
        const { sub, topics } = subs[n]!;
        const wasKnown = isKnown(topic);
        if (step === "publish") {
          await xpub.send([topic, String(i)]);
          for (const { sub, topics, expected, got } of subs) {
            if (topics.some((t) => topic.startsWith(t))) {
              expected.push(String(i));
            }
            // Read at once: what waits is judged again when it is taken.
            for (let m = sub.tryReceive(); m; m = sub.tryReceive()) {
              got.push(texts(m)[1]!);
            }
          }
        } else if (step === "subscribe") {
          sub.subscribe(topic);
          topics.push(topic);
          if (!wasKnown) events.push(`\x01${topic}`);
        } else {
          sub.unsubscribe(topic);
          const at = topics.indexOf(topic);
          if (at >= 0) topics.splice(at, 1);
          if (wasKnown && !isKnown(topic)) events.push(`\x00${topic}`);
        }
      }
      for (const { got, expected } of subs) assertEquals(got, expected);
      const received: string[] = [];
      for (let m = xpub.tryReceive(); m; m = xpub.tryReceive()) {
        received.push(...texts(m));
      }
      assertEquals(received, events);
      await context.close();
    },
  )));

// RFC 28.DEALER.1, 28.ROUTER.1
test("property: a ROUTER and its DEALERs behave as a naive model says", () =>
  check(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.nat(2)), { maxLength: 60 }),
      async (steps) => {
        const context = new zmq.Context();
        const router = new zmq.Router({ context, mandatory: true });
        const address = `inproc://${crypto.randomUUID()}`;
        await router.bind(address);
        const names = ["a", "b", "c"];
        const dealers = names.map((routingId) => {
          const dealer = new zmq.Dealer({ context, routingId });
          dealer.connect(address);
          return dealer;
        });
        const up: string[][] = names.map(() => []);
        const down: string[][] = names.map(() => []);
        for (const [i, [isUp, n]] of steps.entries()) {
          (isUp ? up : down)[n]!.push(String(i));
          if (isUp) await dealers[n]!.send(String(i));
          else await router.send([names[n]!, String(i)]);
        }
        const got: string[][] = names.map(() => []);
        for (let m = router.tryReceive(); m; m = router.tryReceive()) {
          const [name, text] = texts(m);
          got[names.indexOf(name!)]!.push(text!);
        }
        assertEquals(got, up);
        for (const [n, dealer] of dealers.entries()) {
          const answers: string[] = [];
          for (let m = dealer.tryReceive(); m; m = dealer.tryReceive()) {
            answers.push(...texts(m));
          }
          assertEquals(answers, down[n]);
        }
        await context.close();
      },
    ),
    30,
  ));

// RFC 37.SOCKET.4
test("a message of very many frames", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull({ maxMessageFrames: 20_000 }));
  await joined(pull, push);
  const frames = Array.from({ length: 20_000 }, (_, i) => utf8(String(i)));
  await push.send(frames);
  assertEquals(texts(await pull.receive()), texts(frames));
});

test("of two sockets that bind one address at a time, one gets it", async (t) => {
  const probe = new zmq.Pull();
  await probe.bind("tcp://127.0.0.1:*");
  const address = probe.lastEndpoint!;
  await probe.close();
  const sockets = [t.use(new zmq.Pull()), t.use(new zmq.Pull())];
  const bound = await Promise.allSettled(
    sockets.map((socket) => socket.bind(address)),
  );
  assertEquals(bound.map(({ status }) => status).sort(), [
    "fulfilled",
    "rejected",
  ]);
  const refused = bound.find((one) => one.status === "rejected");
  assertEquals((refused as PromiseRejectedResult).reason.code, "EADDRINUSE");
});
