// RFCs 28 to 31 in what they ask alike of several socket types: the queue of a
// peer, and what happens where there is no peer or no room. tests/rfc has the
// clauses.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakeListener } from "../../support/fake_peer.ts";
import { test, type TestFunction, within } from "../../support/harness.ts";
import { command } from "../../support/peers/zmtp_bytes.ts";
import { joined, once, texts } from "../sockets/pairs.ts";
import {
  allRead,
  flood,
  join,
  readMessage,
  readTexts,
  say,
  STEP_MS,
  type TypeName,
} from "./raw.ts";

type Sender = zmq.Push | zmq.Dealer | zmq.Pair;
type Receiver =
  | zmq.Pull
  | zmq.Dealer
  | zmq.Router
  | zmq.Pair
  | zmq.Subscriber
  | zmq.XSubscriber;

/** What is sent before the peer is there waits for it. */
function waitsForTheConnection(make: () => Sender, peer: TypeName) {
  return (async (t) => {
    const listener = t.use(await FakeListener.listen());
    const socket = t.use(make());
    socket.connect(listener.endpoint);
    // No handshake yet: the queue is all there is.
    for (const text of ["1", "2", "3"]) assert(socket.trySend(text));
    const first = await listener.accept();
    await first.close();
    assert(socket.trySend("4"));
    const second = await listener.accept();
    await second.shakeHands(peer);
    for (const text of ["1", "2", "3", "4"]) {
      assertEquals(await readTexts(second), [text]);
    }
  }) satisfies TestFunction;
}

/** What comes from a peer that was connected to can be received when it has gone. */
function outlivesTheConnection(make: () => Receiver, peer: TypeName) {
  return (async (t) => {
    const listener = t.use(await FakeListener.listen());
    const socket = t.use(make());
    socket.connect(listener.endpoint);
    if (socket instanceof zmq.Subscriber) socket.subscribe("");
    const first = await listener.accept();
    await first.shakeHands(peer, "me");
    const lost = once(socket, "disconnect");
    await flood(first, 3, "sent before");
    first.end();
    await within(lost, STEP_MS, "the connection to end");
    for (let i = 0; i < 3; i++) {
      const got = await within(socket.receive(), STEP_MS, "a message");
      assertEquals(texts(got).at(-1), "sent before");
    }
    const second = await listener.accept();
    await second.shakeHands(peer, "me");
    await say(second, "sent after");
    const got = await within(socket.receive(), STEP_MS, "the next message");
    assertEquals(texts(got).at(-1), "sent after");
  }) satisfies TestFunction;
}

/** What waited for a peer that had connected goes with it. */
function diesWithThePeer(
  make: () =>
    | Sender
    | zmq.Router
    | zmq.Publisher
    | zmq.XPublisher
    | zmq.XSubscriber,
  peer: TypeName,
) {
  return (async (t) => {
    const socket = t.use(make());
    const isRouter = socket instanceof zmq.Router;
    const isPublisher = socket instanceof zmq.Publisher ||
      socket instanceof zmq.XPublisher;
    const head = isRouter ? ["me"] : [];
    const stalled = await join(t, socket, peer, "me", { isReading: false });
    if (isPublisher) await stalled.send(command("SUBSCRIBE", ""));
    if (socket instanceof zmq.XPublisher) await socket.receive();
    const body = new Uint8Array(100_000).fill(2);
    let sent = 0;
    // Until neither the system nor the queue takes more; who drops never says so.
    while (sent < 200 && socket.trySend([...head, body])) {
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert(sent > 0);
    const lost = once(socket, "disconnect");
    stalled.reset();
    await within(lost, STEP_MS, "the connection to end");

    const next = await join(t, socket, peer, "me");
    if (isPublisher) await next.send(command("SUBSCRIBE", ""));
    if (socket instanceof zmq.XPublisher) {
      assertEquals(texts(await socket.receive()), ["\0"]);
      await socket.receive();
    }
    do {
      await socket.send([...head, "after"]);
      await new Promise((resolve) => setImmediate(resolve));
    } while (next.unread === 0 && isPublisher); // its subscription is on its way
    assertEquals(await readTexts(next), ["after"]);
  }) satisfies TestFunction;
}

/** What came from a peer that had connected is there to be received when it has gone. */
function survivesThePeer(
  make: () => Receiver | zmq.XPublisher,
  peer: TypeName,
) {
  return (async (t) => {
    const socket = t.use(make());
    if (socket instanceof zmq.Subscriber) socket.subscribe("");
    const gone = await join(t, socket, peer, "gone");
    await flood(gone, 3, "sent before");
    await allRead(gone);
    const lost = once(socket, "disconnect");
    gone.end();
    await within(lost, STEP_MS, "the connection to end");
    for (let i = 0; i < 3; i++) {
      const got = await within(socket.receive(), STEP_MS, "a message");
      assertEquals(texts(got).at(-1), "sent before");
    }
    assertEquals(socket.tryReceive(), undefined);
  }) satisfies TestFunction;
}

/** Without a peer, and with a full queue, nothing is taken and nothing lost. */
function waitsForRoom(make: () => Sender, receiver: () => Receiver) {
  return (async (t) => {
    const address = `inproc://${crypto.randomUUID()}`;
    const socket = t.use(make());
    await socket.bind(address);
    assertEquals(socket.writable, false);
    assertEquals(socket.trySend("refused"), false);
    const error = await assertRejects(
      () => socket.send("refused", { timeout: 0 }),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EAGAIN");
    const waiting = socket.send("1");
    const peer = t.use(receiver());
    peer.connect(address);
    await within(waiting, STEP_MS, "the first to be taken");
    // The marks are 1 and 1: two messages, and no more.
    assert(socket.trySend("2"));
    assertEquals(socket.writable, false);
    assertEquals(socket.trySend("refused"), false);
    const later = socket.send("3");
    for (const text of ["1", "2", "3"]) {
      const got = await within(peer.receive(), STEP_MS, text);
      assertEquals(texts(got), [text]);
    }
    await within(later, STEP_MS, "the third to be taken");
    assertEquals(peer.tryReceive(), undefined);
  }) satisfies TestFunction;
}

/** Who sends little is served among those who send much. */
function sharesItsTurns(make: () => Receiver, peer: TypeName) {
  return (async (t) => {
    const socket = t.use(make());
    if (socket instanceof zmq.Subscriber) socket.subscribe("");
    const quiet = await join(t, socket, peer, "quiet");
    const loud = await join(t, socket, peer, "loud");
    await flood(loud, 400, "loud");
    await flood(quiet, 5, "quiet");
    // Begin when both are there: the marks are far above that.
    await Promise.all([loud, quiet].map((one) => allRead(one)));
    const got: string[] = [];
    for (let i = 0; i < 20; i++) {
      const frames = await within(socket.receive(), STEP_MS, "a message");
      got.push(texts(frames).at(-1)!);
    }
    assertEquals(got.filter((text) => text === "quiet").length, 5);
  }) satisfies TestFunction;
}

/** Frames of any bytes pass as they are, out and in. */
function changesNothing(
  make: () => zmq.Socket,
  peer: TypeName,
  { isSending, isReceiving }: { isSending: boolean; isReceiving: boolean },
) {
  return (async (t) => {
    const socket = t.use(make());
    const odd = [
      Uint8Array.of(2, 255, 0, 13, 10),
      new Uint8Array(0),
      new Uint8Array(300).fill(7),
      new Uint8Array(0),
    ];
    if (socket instanceof zmq.Subscriber) socket.subscribe("");
    if (socket instanceof zmq.XSubscriber) await socket.send("\x01");
    const raw = await join(t, socket, peer);
    if (isReceiving) {
      await say(raw, ...odd);
      const got = await within(
        (socket as zmq.Pull).receive(),
        STEP_MS,
        "the message",
      );
      assertEquals(hexes(got), hexes(odd));
    }
    if (isSending) {
      if (peer === "SUB") await raw.send(command("SUBSCRIBE", ""));
      if (peer === "SUB") await allRead(raw);
      await (socket as zmq.Push).send(odd);
      assertEquals(hexes(await readMessage(raw)), hexes(odd));
    }
  }) satisfies TestFunction;
}

function hexes(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => Buffer.from(frame).toString("hex"));
}

const BOTH = { isSending: true, isReceiving: true };
const OUT = { isSending: true, isReceiving: false };
const IN = { isSending: false, isReceiving: true };
const quick = { reconnectInterval: 1, linger: 0 };
const tight = { sendHighWaterMark: 1, receiveHighWaterMark: 1, linger: 0 };
const some = { sendHighWaterMark: 10, linger: 0 };

// RFC 28.DEALER.4
test(
  "what a DEALER sends before its connection is made waits for it",
  waitsForTheConnection(() => new zmq.Dealer(quick), "ROUTER"),
);
// RFC 30.PUSH.4
test(
  "what a PUSH sends before its connection is made waits for it",
  waitsForTheConnection(() => new zmq.Push(quick), "PULL"),
);
// RFC 31.PAIR.4
test(
  "what a PAIR sends before its connection is made waits for it",
  waitsForTheConnection(() => new zmq.Pair(quick), "PAIR"),
);

// RFC 28.DEALER.4
test(
  "what a DEALER was sent outlives the connection that it made",
  outlivesTheConnection(() => new zmq.Dealer(quick), "ROUTER"),
);
// RFC 28.ROUTER.3
test(
  "what a ROUTER was sent outlives the connection that it made",
  outlivesTheConnection(() => new zmq.Router(quick), "DEALER"),
);
// RFC 29.SUB.3
test(
  "what a SUB was sent outlives the connection that it made",
  outlivesTheConnection(() => new zmq.Subscriber(quick), "PUB"),
);
// RFC 29.XSUB.3
test(
  "what an XSUB was sent outlives the connection that it made",
  outlivesTheConnection(() => new zmq.XSubscriber(quick), "PUB"),
);
// RFC 30.PULL.4
test(
  "what a PULL was sent outlives the connection that it made",
  outlivesTheConnection(() => new zmq.Pull(quick), "PUSH"),
);
// RFC 31.PAIR.4
test(
  "what a PAIR was sent outlives the connection that it made",
  outlivesTheConnection(() => new zmq.Pair(quick), "PAIR"),
);

// RFC 28.DEALER.5
test(
  "what a DEALER sent to a peer that has gone is not sent to the next",
  diesWithThePeer(() => new zmq.Dealer(some), "DEALER"),
);
// RFC 28.ROUTER.4
test(
  "what a ROUTER sent to a peer that has gone is not sent to its namesake",
  diesWithThePeer(() => new zmq.Router({ ...some, mandatory: true }), "DEALER"),
);
// RFC 29.PUB.5
test(
  "what a PUB sent to a peer that has gone is not sent to the next",
  diesWithThePeer(() => new zmq.Publisher(some), "SUB"),
);
// RFC 29.XPUB.4
test(
  "what an XPUB sent to a peer that has gone is not sent to the next",
  diesWithThePeer(() => new zmq.XPublisher(some), "SUB"),
);
// RFC 29.XSUB.4
test(
  "what an XSUB sent to a peer that has gone is not sent to the next",
  diesWithThePeer(() => new zmq.XSubscriber(some), "XPUB"),
);
// RFC 30.PUSH.5
test(
  "what a PUSH sent to a peer that has gone is not sent to the next",
  diesWithThePeer(() => new zmq.Push(some), "PULL"),
);
// RFC 31.PAIR.5
test(
  "what a PAIR sent to a peer that has gone is not sent to the next",
  diesWithThePeer(() => new zmq.Pair(some), "PAIR"),
);

// RFC 28.DEALER.6
test(
  "what a DEALER was sent by a peer that has gone is still delivered",
  survivesThePeer(() => new zmq.Dealer(), "DEALER"),
);
// RFC 28.ROUTER.5
test(
  "what a ROUTER was sent by a peer that has gone is still delivered",
  survivesThePeer(() => new zmq.Router(), "DEALER"),
);
// RFC 29.XPUB.17
test(
  "what an XPUB was sent by a peer that has gone is still delivered",
  survivesThePeer(() => new zmq.XPublisher(), "XSUB"),
);
// RFC 29.SUB.4
test(
  "what a SUB was sent by a peer that has gone is still delivered",
  survivesThePeer(() => new zmq.Subscriber(), "PUB"),
);
// RFC 29.XSUB.5
test(
  "what an XSUB was sent by a peer that has gone is still delivered",
  survivesThePeer(() => new zmq.XSubscriber(), "PUB"),
);
// RFC 30.PULL.5
test(
  "what a PULL was sent by a peer that has gone is still delivered",
  survivesThePeer(() => new zmq.Pull(), "PUSH"),
);
// RFC 31.PAIR.6
test(
  "what a PAIR was sent by a peer that has gone is still delivered",
  survivesThePeer(() => new zmq.Pair(), "PAIR"),
);

// RFC 28.DEALER.7, 28.DEALER.8, 28.DEALER.10, 28.DEALER.11, 28.DEALER.12
test(
  "a DEALER waits for a peer with room",
  waitsForRoom(() => new zmq.Dealer(tight), () => new zmq.Dealer(tight)),
);
// RFC 30.PULL.6, 30.PUSH.6, 30.PUSH.8, 30.PUSH.10, 30.PUSH.11, 30.PUSH.12
test(
  "a PUSH waits for a peer with room",
  waitsForRoom(
    () => new zmq.Push({ sendHighWaterMark: 1 }),
    () => new zmq.Pull({ receiveHighWaterMark: 1 }),
  ),
);
// RFC 31.PAIR.7, 31.PAIR.8, 31.PAIR.9, 31.PAIR.10, 31.PAIR.11
test(
  "a PAIR waits for a peer with room",
  waitsForRoom(() => new zmq.Pair(tight), () => new zmq.Pair(tight)),
);

// RFC 28.DEALER.13, 28.DEALER.14
test(
  "a DEALER receives from its peers in turn",
  sharesItsTurns(() => new zmq.Dealer(), "DEALER"),
);
// RFC 28.ROUTER.9, 28.ROUTER.11
test(
  "a ROUTER receives from its peers in turn",
  sharesItsTurns(() => new zmq.Router(), "DEALER"),
);
// RFC 29.SUB.8, 29.SUB.11
test(
  "a SUB receives from its peers in turn",
  sharesItsTurns(() => new zmq.Subscriber(), "PUB"),
);
// RFC 29.XSUB.8, 29.XSUB.10
test(
  "an XSUB receives from its peers in turn",
  sharesItsTurns(() => new zmq.XSubscriber(), "XPUB"),
);
// RFC 30.PULL.8, 30.PULL.9
test(
  "a PULL receives from its peers in turn",
  sharesItsTurns(() => new zmq.Pull(), "PUSH"),
);

// RFC 29.PUB.9
test(
  "a PUB changes nothing of a message",
  changesNothing(() => new zmq.Publisher(), "SUB", OUT),
);
// RFC 29.XPUB.6
test(
  "an XPUB changes nothing of a message",
  changesNothing(() => new zmq.XPublisher(), "SUB", OUT),
);
// RFC 29.SUB.9
test(
  "a SUB changes nothing of a message",
  changesNothing(() => new zmq.Subscriber(), "PUB", IN),
);
// RFC 29.XSUB.6, 29.XSUB.11
test(
  "an XSUB changes nothing of a message, either way",
  changesNothing(() => new zmq.XSubscriber(), "XPUB", BOTH),
);
// RFC 30.PUSH.2
test(
  "a PUSH changes nothing of a message",
  changesNothing(() => new zmq.Push(), "PULL", OUT),
);
// RFC 30.PULL.2
test(
  "a PULL changes nothing of a message",
  changesNothing(() => new zmq.Pull(), "PUSH", IN),
);
// RFC 31.PAIR.2, 31.PAIR.12, 31.PAIR.13
test(
  "a PAIR changes nothing of a message, either way",
  changesNothing(() => new zmq.Pair(), "PAIR", BOTH),
);

// RFC 28.DEALER.3, 28.ROUTER.2
test("a full outgoing queue does not block incoming messages", async (t) => {
  const router = t.use(new zmq.Router({ ...tight, mandatory: true }));
  const dealer = t.use(new zmq.Dealer({ ...tight, routingId: "me" }));
  await joined(router, dealer, "inproc://both-ways");
  while (router.trySend(["me", "out"]));
  assert(dealer.trySend("in"));
  assertEquals(texts(await router.receive()), ["me", "in"]);
  assertEquals(texts(await dealer.receive()), ["out"]);
  while (dealer.trySend("in"));
  assert(router.trySend(["me", "out"]));
});

// RFC 31.PAIR.3
test("a full outgoing queue of a PAIR does not block incoming messages", async (t) => {
  const [one, other] = [new zmq.Pair(tight), new zmq.Pair(tight)];
  t.use(one);
  t.use(other);
  await joined(one, other, "inproc://pair-both-ways");
  while (one.trySend("out"));
  assert(other.trySend("in"));
  assertEquals(texts(await one.receive()), ["in"]);
  assertEquals(texts(await other.receive()), ["out"]);
});
