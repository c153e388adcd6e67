/**
 * `peerOf`: whose key the handshake of a message's connection has proved.
 */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext, within } from "../../support/harness.ts";

const STEP_MS = 5000;
const TCP = "tcp://127.0.0.1:*";
const [server, one, two] = [1, 2, 3].map(() => zmq.curveKeyPair()) as [
  zmq.CurveKeyPair,
  zmq.CurveKeyPair,
  zmq.CurveKeyPair,
];
const SERVER = {
  linger: 0,
  curveServer: true,
  curveSecretKey: server.secretKey,
};

function client(keys: zmq.CurveKeyPair) {
  return {
    linger: 0,
    curveServerKey: server.publicKey,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
  };
}

function keyOf(message: object): string | undefined {
  return zmq.peerOf(message)?.publicKey;
}

function receive(socket: { receive(): Promise<zmq.Frame[]> }) {
  return within(socket.receive(), STEP_MS, "the message");
}

/** Binds a socket and connects another one to it. */
async function join<A extends zmq.Socket, B extends zmq.Socket>(
  t: TestContext,
  bound: A,
  connected: B,
): Promise<[A, B]> {
  t.use(bound);
  t.use(connected);
  await bound.bind(TCP);
  connected.connect(bound.lastEndpoint!);
  return [bound, connected];
}

test("PULL distinguishes the messages of two keys", async (t) => {
  const pull = t.use(new zmq.Pull(SERVER));
  await pull.bind(TCP);
  const names = new Map([[one.publicKey, "one"], [two.publicKey, "two"]]);
  for (const keys of [one, two]) {
    const push = t.use(new zmq.Push(client(keys)));
    push.connect(pull.lastEndpoint!);
    for (let i = 0; i < 3; i++) await push.send(names.get(keys.publicKey)!);
  }
  for (let i = 0; i < 6; i++) {
    const message = await receive(pull);
    assertEquals(names.get(keyOf(message)!), String(message[0]));
  }
});

test("queued messages of several peers keep their senders", async (t) => {
  const pull = t.use(new zmq.Pull(SERVER));
  await pull.bind(TCP);
  for (const keys of [one, two]) {
    const push = new zmq.Push({ ...client(keys), linger: 5000 });
    push.connect(pull.lastEndpoint!);
    for (let i = 0; i < 50; i++) await push.send(keys.publicKey);
    await push.close(); // they are read after the connection has ended
  }
  for (let i = 0; i < 100; i++) {
    const message = await receive(pull);
    assertEquals(keyOf(message), String(message[0]));
  }
});

test("ROUTER and DEALER know each other", async (t) => {
  const [router, dealer] = await join(
    t,
    new zmq.Router(SERVER),
    new zmq.Dealer(client(one)),
  );
  await dealer.send(["", "hello"]);
  const request = await receive(router);
  assertEquals(keyOf(request), one.publicKey);
  await router.send(request);
  assertEquals(keyOf(await receive(dealer)), server.publicKey);
});

test("REP and REQ know each other", async (t) => {
  const [reply, request] = await join(
    t,
    new zmq.Reply(SERVER),
    new zmq.Request(client(two)),
  );
  await request.send("hello");
  assertEquals(keyOf(await receive(reply)), two.publicKey);
  await reply.send("hello");
  assertEquals(keyOf(await receive(request)), server.publicKey);
});

test("SUB knows the publisher, whichever side is the CURVE server", async (t) => {
  const [sub, pub] = await join(
    t,
    new zmq.Subscriber(client(one)),
    new zmq.XPublisher(SERVER),
  );
  sub.subscribe("");
  await receive(pub);
  await pub.send("news");
  assertEquals(keyOf(await receive(sub)), server.publicKey);

  const [collector, source] = await join(
    t,
    new zmq.Subscriber(SERVER),
    new zmq.XPublisher(client(two)),
  );
  collector.subscribe("");
  await receive(source);
  await source.send("news");
  assertEquals(keyOf(await receive(collector)), two.publicKey);
});

test("a peer that reconnects with another key is another peer", async (t) => {
  const [pull, push] = await join(
    t,
    new zmq.Pull(SERVER),
    new zmq.Push(client(one)),
  );
  const endpoint = pull.lastEndpoint!;
  await push.send("first");
  assertEquals(keyOf(await receive(pull)), one.publicKey);
  push.curvePublicKey = two.publicKey;
  push.curveSecretKey = two.secretKey;
  await push.disconnect(endpoint);
  push.connect(endpoint);
  await push.send("second");
  assertEquals(keyOf(await receive(pull)), two.publicKey);
});

test("without CURVE no peer has an identity", async (t) => {
  const [pull, push] = await join(t, new zmq.Pull(), new zmq.Push());
  await push.send("hello");
  assertEquals(zmq.peerOf(await receive(pull)), undefined);

  const [reply, request] = await join(
    t,
    new zmq.Reply({ plainServer: true, authenticate: () => true }),
    new zmq.Request({ plainUsername: "admin" }),
  );
  await request.send("hello");
  assertEquals(zmq.peerOf(await receive(reply)), undefined);

  const inner = t.use(new zmq.Pull());
  const outer = t.use(new zmq.Push());
  await inner.bind("inproc://peer-identity");
  outer.connect("inproc://peer-identity");
  await outer.send("hello");
  assertEquals(zmq.peerOf(await receive(inner)), undefined);
});

test("a copy of a message has no sender", async (t) => {
  const [pull, push] = await join(
    t,
    new zmq.Pull(SERVER),
    new zmq.Push(client(one)),
  );
  await push.send("hello");
  const message = await receive(pull);
  assertEquals(keyOf(message), one.publicKey);
  assertEquals(zmq.peerOf([...message]), undefined);
});

test("with handover, only the same key takes over a routing id", async (t) => {
  const router = t.use(
    new zmq.Router({ ...SERVER, handover: true, mandatory: true }),
  );
  await router.bind(TCP);
  const open = (keys: zmq.CurveKeyPair) => {
    const dealer = t.use(new zmq.Dealer({ ...client(keys), routingId: "a" }));
    const ended = new Promise<void>((resolve) =>
      dealer.events.once("disconnect", () => resolve())
    );
    dealer.connect(router.lastEndpoint!);
    return { dealer, ended };
  };
  const first = open(one);
  await first.dealer.send("first");
  assertEquals(keyOf(await receive(router)), one.publicKey);
  const thief = open(two);
  await within(thief.ended, STEP_MS, "a refusal");
  await thief.dealer.close();
  await router.send(["a", "for the first"]);
  assertEquals(String((await receive(first.dealer))[0]), "for the first");
  const second = open(one);
  await within(first.ended, STEP_MS, "the end of the first");
  await first.dealer.close();
  await second.dealer.send("second");
  assertEquals(keyOf(await receive(router)), one.publicKey);
  await router.send(["a", "for the second"]);
  assertEquals(String((await receive(second.dealer))[0]), "for the second");
});
