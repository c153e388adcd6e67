// RFC 28: REQ, REP, DEALER, ROUTER. What the tests of tests/zmq/sockets leave
// open; tests/rfc has the clauses.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakeListener } from "../../support/fake_peer.ts";
import { test, within } from "../../support/harness.ts";
import { MORE } from "../../support/peers/zmtp_bytes.ts";
import { joined, texts } from "../sockets/pairs.ts";
import {
  allRead,
  flood,
  join,
  readMessage,
  readTexts,
  say,
  STEP_MS,
} from "./raw.ts";

const ODD = [
  new Uint8Array(0),
  Uint8Array.of(0, 1, 255, 254, 13, 10),
  new Uint8Array(300).fill(7),
  new Uint8Array(0),
];

// RFC 28.REQ.3, 28.REQ.4
test("a request is an empty frame and the data, on the wire", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const req = t.use(new zmq.Request({ linger: 0 }));
  req.connect(listener.endpoint);
  await req.send(["a", "b"]);
  const rep = await listener.accept();
  await rep.shakeHands("REP");
  for (const expected of [[MORE, ""], [MORE, "a"], [0, "b"]]) {
    const { flags, body } = await rep.readFrame();
    assertEquals([flags, ...texts([body])], expected);
  }
  await say(rep, "", "answer", "in two");
  assertEquals(texts(await req.receive()), ["answer", "in two"]);
});

// RFC 28.REQ.6, 28.REQ.7
test("a REQ without a peer waits, and loses nothing", async (t) => {
  const req = t.use(new zmq.Request());
  await req.bind("tcp://127.0.0.1:*");
  const error = await assertRejects(
    () => req.send("x", { timeout: 0 }),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EAGAIN");
  const waiting = req.send("kept");
  const rep = await join(t, req, "REP");
  await within(waiting, STEP_MS, "the request to be taken");
  assertEquals(await readTexts(rep), ["", "kept"]);
});

// RFC 28.REQ.8
test("a REQ takes an answer only from the peer that it asked last", async (t) => {
  const req = t.use(new zmq.Request({ linger: 0 }));
  const first = await join(t, req, "REP");
  const second = await join(t, req, "REP");
  await req.send("one");
  assertEquals(await readTexts(first), ["", "one"]);
  await say(second, "", "not asked");
  await say(first, "", "asked");
  assertEquals(texts(await req.receive()), ["asked"]);
  await req.send("two");
  assertEquals(await readTexts(second), ["", "two"]);
  await say(first, "", "asked before");
  await say(second, "", "asked now");
  assertEquals(texts(await req.receive()), ["asked now"]);
});

// RFC 28.REP.2
test("a REP changes nothing of a request or an answer", async (t) => {
  const rep = t.use(new zmq.Reply({ linger: 0 }));
  const req = await join(t, rep, "REQ");
  await say(req, "", ...ODD);
  assertEquals(await rep.receive().then(hexes), hexes(ODD));
  await rep.send(ODD);
  assertEquals(hexes(await readMessage(req)), hexes([ODD[0]!, ...ODD]));
});

// RFC 28.REP.4
test("an envelope of any number of frames is sent back before the reply", async (t) => {
  const rep = t.use(new zmq.Reply({ linger: 0 }));
  const dealer = await join(t, rep, "DEALER");
  for (const hops of [[], ["1"], ["1", "2"], Array(20).fill("hop")]) {
    await say(dealer, ...hops, "", "request", "", "in three");
    assertEquals(texts(await rep.receive()), ["request", "", "in three"]);
    await rep.send(["answer", ""]);
    assertEquals(await readTexts(dealer), [...hops, "", "answer", ""]);
  }
});

// RFC 28.REP.5
test("a REP serves its peers in turn: a flood starves no peer", async (t) => {
  const rep = t.use(new zmq.Reply({ linger: 0 }));
  const loud = await join(t, rep, "DEALER");
  const quiet = await join(t, rep, "DEALER");
  await flood(loud, 400, "", "loud");
  await say(quiet, "", "quiet");
  await allRead(loud);
  await allRead(quiet);
  const got: string[] = [];
  for (let i = 0; i < 3; i++) {
    got.push(...texts(await within(rep.receive(), STEP_MS, "a request")));
    await rep.send("");
  }
  assert(got.includes("quiet"), `got ${got}`);
});

// RFC 28.REP.10
test("an answer goes back to the peer that asked", async (t) => {
  const rep = t.use(new zmq.Reply({ linger: 0 }));
  const reqs = [await join(t, rep, "REQ"), await join(t, rep, "REQ")];
  for (const [i, req] of [...reqs, ...reqs].entries()) {
    await say(req, "", `question ${i}`);
    assertEquals(texts(await rep.receive()), [`question ${i}`]);
    await rep.send(`answer ${i}`);
    assertEquals(await readTexts(req), ["", `answer ${i}`]);
  }
  assertEquals(reqs.map((req) => req.unread), [0, 0]);
});

// RFC 28.REP.12
test("a REP does not wait for a peer that has no room for its answer", async (t) => {
  const rep = t.use(new zmq.Reply({ sendHighWaterMark: 1 }));
  const dealer = t.use(new zmq.Dealer({ receiveHighWaterMark: 1 }));
  await joined(rep, dealer, "inproc://rep-does-not-block");
  for (let i = 0; i < 5; i++) {
    await dealer.send(["", `${i}`]);
    assertEquals(texts(await rep.receive()), [`${i}`]);
    await rep.send(`${i}`, { timeout: 0 });
  }
  // One for each end's mark was kept.
  assertEquals(texts(await dealer.receive()), ["", "0"]);
  assertEquals(texts(await dealer.receive()), ["", "1"]);
  assertEquals(dealer.tryReceive(), undefined);
});

// RFC 28.DEALER.2
test("a DEALER changes nothing, either way", async (t) => {
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  const peer = await join(t, dealer, "ROUTER");
  await say(peer, ...ODD);
  assertEquals(await dealer.receive().then(hexes), hexes(ODD));
  await dealer.send(ODD);
  assertEquals(hexes(await readMessage(peer)), hexes(ODD));
});

// RFC 28.DEALER.9
test("a DEALER sends to its peers in turn", async (t) => {
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  const peers = [];
  for (let i = 0; i < 3; i++) peers.push(await join(t, dealer, "REP"));
  for (let i = 0; i < 9; i++) await dealer.send(["", String(i)]);
  for (let i = 0; i < 9; i++) {
    assertEquals(await readTexts(peers[i % 3]!), ["", String(i)]);
  }
});

// RFC 28.ROUTER.12, 28.ROUTER.13
test("a ROUTER takes the first frame off and sends the rest", async (t) => {
  const router = t.use(new zmq.Router({ linger: 0 }));
  const one = await join(t, router, "DEALER", "one");
  const two = await join(t, router, "REQ", "two");
  await router.send(["two", ...ODD]);
  await router.send(["one", "two", "three"]);
  assertEquals(hexes(await readMessage(two)), hexes(ODD));
  assertEquals(await readTexts(one), ["two", "three"]);
  assertEquals([one.unread, two.unread], [0, 0]);
});

// RFC 28.ROUTER.8, 28.ROUTER.14, 28.ROUTER.15
test("a ROUTER drops what a peer has no room for, and does not wait", async (t) => {
  const router = t.use(new zmq.Router({ sendHighWaterMark: 1 }));
  const dealer = t.use(
    new zmq.Dealer({ routingId: "slow", receiveHighWaterMark: 1 }),
  );
  await joined(router, dealer, "inproc://router-drops");
  for (let i = 0; i < 5; i++) {
    await router.send(["slow", String(i)], { timeout: 0 });
  }
  assertEquals(texts(await dealer.receive()), ["0"]);
  assertEquals(texts(await dealer.receive()), ["1"]);
  assertEquals(dealer.tryReceive(), undefined);
});

function hexes(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => Buffer.from(frame).toString("hex"));
}
