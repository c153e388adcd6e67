/** Tests of REQ, REP and ROUTER with peers that do not keep to the rules of their game. */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { texts } from "../../support/bytes.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { test } from "../../support/harness.ts";
import { bytes, frame, message, MORE } from "../../support/peers/zmtp_bytes.ts";
import { joined, once } from "./pairs.ts";

// RFC 28.ROUTER.5
test("a message of a peer that is just being disconnected still has its routing id", async (t) => {
  // With a mark of 1, taking the message makes the session read on, and what it
  // finds there costs the peer its connection before the message is out.
  const router = t.use(new zmq.Router({ receiveHighWaterMark: 1 }));
  await router.bind("tcp://127.0.0.1:*");
  const peer = t.use(await FakePeer.connect(router.lastEndpoint!));
  await peer.shakeHands("DEALER", "it");
  const isBroken = frame("a command has no second frame", 4 | MORE);
  await peer.send(bytes(message("hello"), isBroken));
  // It has arrived when a peer that came later is there.
  const witness = t.use(await FakePeer.connect(router.lastEndpoint!));
  await witness.shakeHands("DEALER");
  const frames = await router.receive();
  assert(frames.every((f) => f instanceof Uint8Array), String(frames));
  assertEquals(texts(frames), ["it", "hello"]);
});

test("a reply of a peer that is just being disconnected is received", async (t) => {
  const request = t.use(
    new zmq.Request({ receiveHighWaterMark: 1, linger: 0 }),
  );
  await request.bind("tcp://127.0.0.1:*");
  const peer = t.use(await FakePeer.connect(request.lastEndpoint!));
  await peer.shakeHands("REP");
  await request.send("q");
  await peer.readFrame();
  await peer.readFrame();
  const isBroken = frame("a command has no second frame", 4 | MORE);
  await peer.send(bytes(message("", "a"), isBroken));
  // It has arrived when a peer that came later is there.
  const witness = t.use(await FakePeer.connect(request.lastEndpoint!));
  await witness.shakeHands("REP");
  assertEquals(texts(await request.receive({ timeout: 2000 })), ["a"]);
});

// RFC 28.REQ.8
test("a second answer to a request is not taken for the answer to the next", async (t) => {
  const router = t.use(new zmq.Router());
  const request = t.use(new zmq.Request());
  await joined(router, request);
  await request.send("1");
  const [id] = await router.receive();
  await router.send([id!, "", "answer to 1"]);
  assertEquals(texts(await request.receive()), ["answer to 1"]);
  await router.send([id!, "", "answer to 1 again"]);
  // The second answer is there once a message behind it would be: ask another way.
  const witness = t.use(new zmq.Request());
  witness.connect(router.lastEndpoint!);
  await witness.send("w");
  const [witnessId] = await router.receive();
  await router.send([witnessId!, "", "w"]);
  await witness.receive();
  await request.send("2");
  await router.receive();
  await router.send([id!, "", "answer to 2"]);
  assertEquals(texts(await request.receive()), ["answer to 2"]);
});

// RFC 28.REP.11
test("REP SHALL discard the reply if its peer has gone, and serves the next", async (t) => {
  const reply = t.use(new zmq.Reply());
  await reply.bind("tcp://127.0.0.1:*");
  const peer = t.use(await FakePeer.connect(reply.lastEndpoint!));
  await peer.shakeHands("REQ");
  await peer.send(message("", "q"));
  assertEquals(texts(await reply.receive()), ["q"]);
  const gone = once(reply, "disconnect");
  await peer.close();
  await gone;
  await reply.send("to no one");
  const request = t.use(new zmq.Request());
  request.connect(reply.lastEndpoint!);
  await request.send("next");
  assertEquals(texts(await reply.receive()), ["next"]);
  await reply.send("answer");
  assertEquals(texts(await request.receive()), ["answer"]);
});

test("a request with an empty body has one empty frame", async (t) => {
  const reply = t.use(new zmq.Reply());
  const request = t.use(new zmq.Request());
  await joined(reply, request);
  await request.send("");
  assertEquals(texts(await reply.receive()), [""]);
  await reply.send(["", "b"]);
  assertEquals(texts(await request.receive()), ["", "b"]);
});

// RFC 28.REQ.7
test("a request that waits for a peer is answered when one connects", async (t) => {
  const request = t.use(new zmq.Request());
  const sending = request.send("early");
  const receiving = request.receive();
  const reply = t.use(new zmq.Reply());
  await joined(request, reply);
  assertEquals(texts(await reply.receive()), ["early"]);
  await reply.send("answer");
  await sending;
  assertEquals(texts(await receiving), ["answer"]);
});

test("an aborted request is not sent later", async (t) => {
  const request = t.use(new zmq.Request());
  const given = request.send("given up", { timeout: 1 })
    .catch((error: zmq.ZmqError) => error.code);
  assertEquals(await given, "EAGAIN");
  const reply = t.use(new zmq.Reply());
  await joined(request, reply);
  await request.send("meant");
  assertEquals(texts(await reply.receive()), ["meant"]);
});

test("the routing id of a received message is a copy", async (t) => {
  const router = t.use(new zmq.Router());
  const dealer = t.use(new zmq.Dealer({ routingId: "me" }));
  await joined(router, dealer);
  await dealer.send("1");
  const [id] = await router.receive();
  id!.fill(0); // what an application does with its message is its own business
  await dealer.send("2");
  assertEquals(texts(await router.receive()), ["me", "2"]);
  await router.send(["me", "back"]);
  assertEquals(texts(await dealer.receive()), ["back"]);
});

test("pending receives are limited by the high-water mark", async () => {
  const pull = new zmq.Pull({ receiveHighWaterMark: 2 });
  const codes = [1, 2, 3].map(() =>
    pull.receive().catch((error: zmq.ZmqError) => error.code)
  );
  assertEquals(await codes[2], "EAGAIN");
  await pull.close();
  assertEquals(await Promise.all(codes), ["EAGAIN", "EAGAIN", "EAGAIN"]);
});
