/** Tests of `poll`: a waiting call is woken when what it waits for is possible. */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { eventually, test, within } from "../../support/harness.ts";
import { joined } from "./pairs.ts";

const { POLLIN, POLLOUT } = zmq;
/** Polls; that the socket is closed meanwhile is not this promise's business. */
function poll(
  socket: zmq.Socket,
  events: number,
  options = {},
): Promise<number> {
  const polled = socket.poll(events, options);
  polled.catch(() => {});
  return polled;
}

const soon = <T>(promise: Promise<T>, what: string) =>
  within(promise, 2000, what);

test("polls for different events do not wait for each other", async (t) => {
  const a = t.use(new zmq.Dealer({ sendHighWaterMark: 1, immediate: true }));
  const b = t.use(new zmq.Dealer());
  const canSend = poll(a, POLLOUT);
  const canReceive = poll(a, POLLIN);
  await joined(b, a);
  assertEquals(await soon(canSend, "POLLOUT"), POLLOUT);
  await b.send("x");
  assertEquals(await soon(canReceive, "POLLIN"), POLLIN);
});

test("an unsatisfied poll does not block the next", async (t) => {
  const request = t.use(new zmq.Request());
  const reply = t.use(new zmq.Reply());
  await joined(reply, request);
  await request.send("q");
  const canSend = poll(request, POLLOUT); // not before the answer was taken
  const canReceive = poll(request, POLLIN);
  await reply.receive();
  await reply.send("a");
  assertEquals(await soon(canReceive, "POLLIN"), POLLIN);
  await request.receive();
  assertEquals(await soon(canSend, "POLLOUT"), POLLOUT);
});

test("POLLOUT of a REQ is signalled once its reply is received", async (t) => {
  const request = t.use(new zmq.Request());
  const reply = t.use(new zmq.Reply());
  await joined(reply, request);
  await request.send("q");
  const canSend = poll(request, POLLOUT);
  await reply.receive();
  await reply.send("a");
  await eventually(() => request.readable, 2000, "the answer");
  await request.receive();
  assertEquals(await soon(canSend, "POLLOUT after the answer"), POLLOUT);
});

test("POLLOUT of a REP is signalled once its request is received", async (t) => {
  const request = t.use(new zmq.Request());
  const reply = t.use(new zmq.Reply());
  await joined(reply, request);
  const canSend = poll(reply, POLLOUT);
  await request.send("q");
  await eventually(() => reply.readable, 2000, "the request");
  await reply.receive();
  assertEquals(await soon(canSend, "POLLOUT after the request"), POLLOUT);
  await reply.send("a");
  await request.receive();
});

test("POLLIN of a REP is signalled after its reply, if another request waits", async (t) => {
  const reply = t.use(new zmq.Reply());
  await reply.bind("tcp://127.0.0.1:*");
  const requests = [t.use(new zmq.Request()), t.use(new zmq.Request())];
  for (const request of requests) {
    request.connect(reply.lastEndpoint!);
    await request.send("q");
  }
  await reply.receive();
  // The second request has arrived when a peer that came later is there.
  const witness = t.use(await FakePeer.connect(reply.lastEndpoint!));
  await witness.shakeHands("REQ");
  const canReceive = poll(reply, POLLIN);
  await reply.send("a");
  assertEquals(await soon(canReceive, "POLLIN after the answer"), POLLIN);
});

test("an XPUB is readable after a subscription, a SUB only for matching messages", async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  const sub = t.use(new zmq.Subscriber());
  await joined(xpub, sub);
  sub.subscribe("a");
  assertEquals(await soon(poll(xpub, POLLIN), "the subscription"), POLLIN);
  await xpub.receive();
  const canReceive = poll(sub, POLLIN);
  await xpub.send("b");
  await xpub.send("a");
  assertEquals(await soon(canReceive, "POLLIN"), POLLIN);
  assertEquals(String((await sub.receive())[0]), "a");
});

test("a PUSH is writable once it has a peer, and not while its calls wait", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 1, linger: 0 }));
  assertEquals(await poll(push, POLLOUT, { timeout: 0 }), 0);
  const canSend = poll(push, POLLOUT);
  push.connect("tcp://127.0.0.1:1");
  assertEquals(await soon(canSend, "POLLOUT"), POLLOUT);
  await push.send("1");
  const waits = push.send("2").catch((error: zmq.ZmqError) => error.code);
  assertEquals(push.writable, false);
  assertEquals(await poll(push, POLLOUT, { timeout: 0 }), 0);
  await push.close();
  assertEquals(await waits, "EAGAIN");
});
