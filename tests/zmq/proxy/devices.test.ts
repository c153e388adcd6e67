/** Tests of the devices: they are bound and at work, and close everything. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";
import { TCP, texts } from "../sockets/pairs.ts";

test("a queue distributes requests among its workers", async (t) => {
  const device = t.use(await zmq.queue(TCP, TCP));
  const served: number[] = [0, 0];
  for (const i of served.keys()) {
    const worker = t.use(new zmq.Reply());
    worker.connect(device.backEnd.lastEndpoint!);
    zmq.serve(worker, ([n]) => {
      served[i]!++;
      return Number(`${n}`) * 2;
    });
  }
  const client = t.use(new zmq.Request());
  client.connect(device.frontEnd.lastEndpoint!);
  for (let i = 0; served.includes(0) || i < 10; i++) {
    await client.send(i);
    assertEquals(texts(await client.receive()), [`${i * 2}`]);
  }
});

test("a forwarder joins publishers and subscribers", async (t) => {
  const device = t.use(await zmq.forwarder(TCP, TCP));
  const publishers = [1, 2].map(() => t.use(new zmq.XPublisher()));
  const subscriber = t.use(new zmq.Subscriber());
  subscriber.subscribe("news");
  subscriber.connect(device.backEnd.lastEndpoint!);
  for (const [i, publisher] of publishers.entries()) {
    publisher.connect(device.frontEnd.lastEndpoint!);
    assertEquals(texts(await publisher.receive()), ["\x01news"]);
    await publisher.send(["news", `${i}`]);
    assertEquals(texts(await subscriber.receive()), ["news", `${i}`]);
  }
});

test("a streamer forwards work, with the options of its sockets", async (t) => {
  const device = t.use(
    await zmq.streamer(TCP, TCP, {
      frontEnd: { receiveHighWaterMark: 7 },
      backEnd: { sendHighWaterMark: 8 },
    }),
  );
  assertEquals(device.frontEnd.receiveHighWaterMark, 7);
  assertEquals(device.backEnd.sendHighWaterMark, 8);
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  push.connect(device.frontEnd.lastEndpoint!);
  pull.connect(device.backEnd.lastEndpoint!);
  for (let i = 0; i < 100; i++) await push.send(i);
  for (let i = 0; i < 100; i++) {
    assertEquals(texts(await pull.receive()), [`${i}`]);
  }
});

test("a closed device has freed its addresses", async () => {
  const device = await zmq.queue(TCP, TCP);
  const { frontEnd, backEnd } = device;
  await device.close();
  assert(frontEnd.closed && backEnd.closed);
  const again = await zmq.queue(frontEnd.lastEndpoint!, backEnd.lastEndpoint!);
  await again.close();
  await again.close();
});

test("a device that cannot be bound leaves nothing open", async (t) => {
  const context = new zmq.Context();
  t.cleanup(() => context.close());
  const other = t.use(new zmq.Pull({ context }));
  await other.bind(TCP);
  const error = await assertRejects(
    () =>
      zmq.streamer("inproc://first", other.lastEndpoint!, {
        frontEnd: { context },
        backEnd: { context },
      }),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EADDRINUSE");
  await (await zmq.streamer("inproc://first", TCP, {
    frontEnd: { context },
    backEnd: { context },
  })).close();
});

const kind = zeromqPeer();

if (kind.missing) {
  test("a queue between peers of zeromq.js", { skip: kind.missing }, () => {});
} else {
  const peer = new Peer(kind);

  test("a queue between REQ and REP of zeromq.js", async (t) => {
    const device = t.use(await zmq.queue(TCP, TCP));
    const request = await peer.open(t, "REQ");
    const reply = await peer.open(t, "REP");
    await request.connect(device.frontEnd.lastEndpoint!);
    await reply.connect(device.backEnd.lastEndpoint!);
    for (let i = 0; i < 5; i++) {
      await request.send("question", `${i}`);
      const question = await within(reply.receive(), 5000, "the question");
      assertEquals(texts(question), ["question", `${i}`]);
      await reply.send("answer", `${i}`);
      const answer = await within(request.receive(), 5000, "the answer");
      assertEquals(texts(answer), ["answer", `${i}`]);
    }
  });

  test("a streamer between PUSH and PULL of zeromq.js", async (t) => {
    const device = t.use(await zmq.streamer(TCP, TCP));
    const push = await peer.open(t, "PUSH");
    const pull = await peer.open(t, "PULL");
    await push.connect(device.frontEnd.lastEndpoint!);
    await pull.connect(device.backEnd.lastEndpoint!);
    const [received] = await Promise.all([
      within(pull.receiveSeries(5000), 9000, "the series"),
      push.sendSeries(5000),
    ]);
    assertEquals(received, Array.from({ length: 5000 }, (_, i) => `${i}`));
  });

  test("a forwarder between XPUB and SUB of zeromq.js", async (t) => {
    const device = t.use(await zmq.forwarder(TCP, TCP));
    const publisher = await peer.open(t, "XPUB");
    const subscriber = await peer.open(t, "SUB");
    await publisher.connect(device.frontEnd.lastEndpoint!);
    await subscriber.connect(device.backEnd.lastEndpoint!);
    await subscriber.subscribe("a");
    const event = await within(publisher.receive(), 5000, "the subscription");
    assertEquals(texts(event), ["\x01a"]);
    await publisher.send("b", "not wanted");
    await publisher.send("a", "wanted");
    const news = await within(subscriber.receive(), 5000, "the news");
    assertEquals(texts(news), ["a", "wanted"]);
  });
}
