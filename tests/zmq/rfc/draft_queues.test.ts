// RFCs 41, 48, 49, 51 and 52 in what they require alike of the draft types: the
// queue of a peer, and what happens to multipart messages. tests/rfc has the
// clauses.
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakeListener, type FakePeer } from "../../support/fake_peer.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { command } from "../../support/peers/zmtp_bytes.ts";
import { once } from "../sockets/pairs.ts";
import {
  allRead,
  flood,
  join,
  readMessage,
  say,
  STEP_MS,
  type TypeName,
} from "./raw.ts";

/** A socket that sends messages of one frame to one peer. */
interface Sending {
  readonly socket: zmq.Socket;
  /** Connects, and remembers whom to send to. */
  connect(address: string): void;
  /** The peer's first message, where sending needs one. */
  greet(peer: FakePeer): Promise<void>;
  send(body: string | Uint8Array, options?: { timeout: number }): Promise<void>;
}

/** A socket that receives messages of one frame. */
interface Receiving {
  readonly socket: zmq.Socket;
  receive(): Promise<Uint8Array>;
  /** What stands before the body on the wire. */
  readonly head: readonly string[];
}

type Options = zmq.SocketOptions & { sendHighWaterMark?: number };

const quiet = async () => {};
const linked = (socket: zmq.Socket) => (address: string) =>
  socket.connect(address);

/** Types that send to whichever peer has room. */
const SENDERS: Readonly<Record<string, (options: Options) => Sending>> = {
  CLIENT: (options) => {
    const socket = new zmq.Client(options);
    const send: Sending["send"] = (body, how) => socket.send(body, how);
    return { socket, connect: linked(socket), greet: quiet, send };
  },
  SCATTER: (options) => {
    const socket = new zmq.Scatter(options);
    const send: Sending["send"] = (body, how) => socket.send(body, how);
    return { socket, connect: linked(socket), greet: quiet, send };
  },
  CHANNEL: (options) => {
    const socket = new zmq.Channel(options);
    const send: Sending["send"] = (body, how) => socket.send(body, how);
    return { socket, connect: linked(socket), greet: quiet, send };
  },
};

/** Types that send to a peer by its routing id. */
const ADDRESSING: Readonly<Record<string, (options: Options) => Sending>> = {
  SERVER: (options) => {
    const socket = new zmq.Server(options);
    return { socket, ...addressing(socket), connect: linked(socket) };
  },
  PEER: (options) => {
    const socket = new zmq.Peer(options);
    const { greet, send, setPeer } = addressing(socket);
    return {
      socket,
      connect: (address) => setPeer(socket.connectPeer(address)),
      greet,
      send,
    };
  },
};

function addressing(socket: zmq.Server | zmq.Peer) {
  let routingId = 0;
  return {
    setPeer: (id: number) => void (routingId = id),
    async greet(peer: FakePeer) {
      await say(peer, "here I am");
      [, { routingId }] = await socket.receive();
    },
    send: ((body, how) => socket.send(body, { routingId, ...how })) as Sending[
      "send"
    ],
  };
}

const PEER_OF: Readonly<Record<string, TypeName>> = {
  CLIENT: "SERVER",
  SERVER: "CLIENT",
  SCATTER: "GATHER",
  GATHER: "SCATTER",
  CHANNEL: "CHANNEL",
  PEER: "PEER",
  RADIO: "DISH",
  DISH: "RADIO",
};

const RECEIVERS: Readonly<Record<string, (options: Options) => Receiving>> = {
  CLIENT: (options) => plain(new zmq.Client(options)),
  GATHER: (options) => plain(new zmq.Gather(options)),
  CHANNEL: (options) => plain(new zmq.Channel(options)),
  SERVER: (options) => first(new zmq.Server(options)),
  PEER: (options) => first(new zmq.Peer(options)),
  DISH: (options) => {
    const socket = new zmq.Dish(options);
    socket.join("g");
    const receive = async () => (await socket.receive())[0];
    return { socket, receive, head: ["g"] };
  },
};

function plain(socket: zmq.Client | zmq.Gather | zmq.Channel): Receiving {
  const receive = async () => [await socket.receive()].flat()[0]!;
  return { socket, receive, head: [] };
}

function first(socket: zmq.Server | zmq.Peer): Receiving {
  const receive = async () => (await socket.receive())[0];
  return { socket, receive, head: [] };
}

/** The next message as text. */
async function textFrom({ receive }: Receiving): Promise<string> {
  const body = await within(receive(), STEP_MS, "a message");
  return new TextDecoder().decode(body);
}

const quick: Options = { reconnectInterval: 1, linger: 0 };

/** What arrives at the peer next. */
async function textAt(peer: FakePeer): Promise<string> {
  const [body] = await within(readMessage(peer), STEP_MS, "a message");
  return new TextDecoder().decode(body);
}

/** What is sent before the connection exists waits for it, and survives its loss. */
async function waitsForTheConnection(
  t: TestContext,
  type: string,
  make: (options: Options) => Sending,
): Promise<void> {
  const listener = t.use(await FakeListener.listen());
  const { socket, connect, send } = make(quick);
  t.use(socket);
  connect(listener.endpoint);
  for (const text of ["1", "2", "3"]) await send(text, { timeout: 0 });
  const lost = await listener.accept();
  await lost.close();
  await send("4", { timeout: 0 });
  const peer = await listener.accept();
  await peer.shakeHands(PEER_OF[type]!);
  for (const text of ["1", "2", "3", "4"]) {
    assertEquals(await textAt(peer), text);
  }
}

/** What waited for a peer that had connected is discarded when the peer goes. */
async function diesWithThePeer(
  t: TestContext,
  type: string,
  make: (options: Options) => Sending,
): Promise<void> {
  const { socket, greet, send } = make(quick);
  t.use(socket);
  const peer = PEER_OF[type]!;
  const stuck = await join(t, socket, peer, "", { isReading: false });
  await greet(stuck);
  const body = new Uint8Array(100_000);
  let sent = 0;
  const goesOn = () => send(body, { timeout: 0 }).then(() => true, () => false);
  while (sent < 200 && await goesOn()) {
    sent++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert(sent > 0);
  const lost = once(socket, "disconnect");
  stuck.reset();
  await within(lost, STEP_MS, "the connection to end");
  const next = await join(t, socket, peer);
  await greet(next);
  await send("after");
  assertEquals(await textAt(next), "after");
}

/** A message has any bytes, and arrives with them. */
async function sendsAnyBytes(
  t: TestContext,
  type: string,
  make: (options: Options) => Sending,
): Promise<void> {
  const { socket, greet, send } = make(quick);
  t.use(socket);
  const peer = await join(t, socket, PEER_OF[type]!);
  await greet(peer);
  for (const body of [Uint8Array.of(2, 255, 0, 13), new Uint8Array(0)]) {
    await send(body);
    assertEquals(
      (await readMessage(peer)).map((frame) => [...frame]),
      [[...body]],
    );
  }
}

for (
  const [type, make] of Object.entries({
    ...SENDERS,
    PEER: ADDRESSING["PEER"]!,
  })
) {
  // RFC 41.CLIENT.4, 49.SCATTER.4, 51.PEER.5, 52.CHANNEL.5
  test(`what a ${type} sends before its connection is made waits for it`, (t) =>
    waitsForTheConnection(t, type, make));
}

for (const [type, make] of Object.entries({ ...SENDERS, ...ADDRESSING })) {
  // RFC 41.CLIENT.5, 41.SERVER.5, 49.SCATTER.5, 51.PEER.6, 52.CHANNEL.6
  test(`what a ${type} sent to a peer that is gone is not sent to the next`, (t) =>
    diesWithThePeer(t, type, make));

  // RFC 41.CLIENT.14, 41.SERVER.20, 49.SCATTER.13, 51.PEER.22, 52.CHANNEL.14
  test(`a ${type} sends no multipart message`, async (t) => {
    const { socket, greet, send } = make(quick);
    t.use(socket);
    const peer = await join(t, socket, PEER_OF[type]!);
    await greet(peer);
    const two = ["a", "b"] as unknown as string;
    const { code } = await assertRejects(() => send(two), zmq.ZmqError);
    assertEquals(code, "EINVAL");
    await send("one");
    assertEquals(await textAt(peer), "one");
  });

  // RFC 41.CLIENT.2, 41.SERVER.2, 49.SCATTER.2, 51.PEER.3, 52.CHANNEL.3
  test(`a ${type} sends a message as it is`, (t) =>
    sendsAnyBytes(t, type, make));
}

for (const [type, make] of Object.entries(RECEIVERS)) {
  const peer = PEER_OF[type]!;

  // RFC 41.CLIENT.3, 41.SERVER.3, 41.SERVER.4, 48.DISH.2, 48.DISH.3
  // RFC 49.GATHER.3, 49.GATHER.4, 51.PEER.4, 52.CHANNEL.4
  test(`what a ${type} was sent outlives the connection that it made`, async (t) => {
    const listener = t.use(await FakeListener.listen());
    const receiving = make(quick);
    const { socket, head } = receiving;
    t.use(socket);
    socket.connect(listener.endpoint);
    const sender = await listener.accept();
    await sender.shakeHands(peer);
    const lost = once(socket, "disconnect");
    await flood(sender, 3, ...head, "before");
    sender.end();
    await within(lost, STEP_MS, "the connection to end");
    for (let i = 0; i < 3; i++) {
      assertEquals(await textFrom(receiving), "before");
    }
    const next = await listener.accept();
    await next.shakeHands(peer);
    await say(next, ...head, "after");
    assertEquals(await textFrom(receiving), "after");
  });

  // RFC 41.CLIENT.6, 41.SERVER.6, 48.DISH.4, 49.GATHER.5, 51.PEER.7, 52.CHANNEL.7
  test(`what a ${type} was sent by a peer that is gone is still delivered`, async (t) => {
    const receiving = make(quick);
    const { socket, head } = receiving;
    t.use(socket);
    const sender = await join(t, socket, peer);
    await flood(sender, 3, ...head, "before");
    await allRead(sender);
    const lost = once(socket, "disconnect");
    sender.end();
    await within(lost, STEP_MS, "the connection to end");
    for (let i = 0; i < 3; i++) {
      assertEquals(await textFrom(receiving), "before");
    }
  });

  // RFC 37.DRAFT.2, 41.CLIENT.17, 41.CLIENT.18, 41.SERVER.13, 41.SERVER.14
  // RFC 49.GATHER.10, 49.GATHER.11, 51.PEER.15, 51.PEER.16, 52.CHANNEL.17
  test(`a ${type} delivers no part of a multipart message`, async (t) => {
    const receiving = make(quick);
    const { socket, head } = receiving;
    t.use(socket);
    const wrong = await join(t, socket, peer);
    await say(wrong, ...head, "one", "two");
    // A DISH disconnects such a peer, the others only discard the message.
    if (type === "DISH") {
      await within(wrong.closed, STEP_MS, "the peer to be disconnected");
    }
    const right = type === "DISH" ? await join(t, socket, peer) : wrong;
    await say(right, ...head, "good");
    assertEquals(await textFrom(receiving), "good");
  });

  // RFC 41.CLIENT.2, 41.SERVER.2, 48.DISH.10, 49.GATHER.2, 51.PEER.3, 52.CHANNEL.3
  test(`a ${type} delivers a message as it is`, async (t) => {
    const { socket, receive, head } = make(quick);
    t.use(socket);
    const sender = await join(t, socket, peer);
    for (const body of [Uint8Array.of(2, 255, 0, 13), new Uint8Array(0)]) {
      await say(sender, ...head, body);
      const got = await within(receive(), STEP_MS, "the message");
      assertEquals([...got], [...body]);
    }
  });

  if (type === "CHANNEL") continue; // it has one peer

  // RFC 41.CLIENT.15, 41.SERVER.10, 48.DISH.9, 49.GATHER.8, 51.PEER.12
  test(`a ${type} receives from its peers by fair queueing`, async (t) => {
    const receiving = make(quick);
    const { socket, head } = receiving;
    t.use(socket);
    const quiet = await join(t, socket, peer);
    const loud = await join(t, socket, peer);
    await flood(loud, 400, ...head, "loud");
    await flood(quiet, 5, ...head, "quiet");
    await Promise.all([loud, quiet].map((one) => allRead(one)));
    const got: string[] = [];
    for (let i = 0; i < 20; i++) got.push(await textFrom(receiving));
    assertEquals(got.filter((text) => text === "quiet").length, 5);
  });
}

for (
  const [type, make] of Object.entries({
    ...SENDERS,
    PEER: ADDRESSING["PEER"]!,
  })
) {
  // RFC 41.CLIENT.7, 49.SCATTER.6, 51.PEER.11, 52.CHANNEL.8
  test(`the queue of a ${type} holds sendHighWaterMark messages`, async (t) => {
    const listener = t.use(await FakeListener.listen());
    const { socket, connect, send } = make({ ...quick, sendHighWaterMark: 3 });
    t.use(socket);
    connect(listener.endpoint);
    for (let i = 0; i < 3; i++) await send(`${i}`, { timeout: 0 });
    const { code } = await assertRejects(
      () => send("3", { timeout: 0 }),
      zmq.ZmqError,
    );
    assertEquals(code, "EAGAIN");
    const peer = await listener.accept();
    await peer.shakeHands(PEER_OF[type]!);
    for (let i = 0; i < 3; i++) assertEquals(await textAt(peer), `${i}`);
  });
}

// RFC 48.RADIO.3
test("a RADIO keeps the queue of a connection that it made", async (t) => {
  const radio = t.use(new zmq.Radio(quick));
  const listener = t.use(await FakeListener.listen());
  radio.connect(listener.endpoint);
  const dish = await listener.accept();
  await dish.shakeHands("DISH");
  await dish.send(command("JOIN", "g"));
  await allRead(dish);
  const lost = once(radio, "disconnect");
  await dish.close();
  await lost;
  await radio.send("meanwhile", { group: "g" });
  const next = await listener.accept();
  await next.shakeHands("DISH");
  const frames = await within(readMessage(next), STEP_MS, "the message");
  assertEquals(frames.map(String), ["g", "meanwhile"].map(bytesOf));
});

// RFC 48.RADIO.1, 48.RADIO.6, 48.RADIO.9, 48.RADIO.15, 48.RADIO.16
test("a RADIO only sends: what a DISH sends is discarded, and commands are not delivered", async (t) => {
  const radio = t.use(new zmq.Radio(quick));
  assertEquals("receive" in radio, false);
  const dish = await join(t, radio, "DISH");
  await dish.send(command("JOIN", "g"));
  await say(dish, "g", "a message");
  await dish.send(command("LEAVE", "h"));
  await allRead(dish);
  const body = Uint8Array.of(2, 255, 0, 13);
  await radio.send(body, { group: "g" });
  const frames = await within(readMessage(dish), STEP_MS, "the message");
  assertEquals(frames.map((frame) => [...frame]), [[103], [...body]]);
});

// RFC 48.RADIO.4
test("what a RADIO sent to a peer that is gone is not sent to the next", async (t) => {
  const radio = t.use(new zmq.Radio(quick));
  const stuck = await join(t, radio, "DISH", "", { isReading: false });
  await stuck.send(command("JOIN", "g"));
  const ready = t.use(new zmq.Dish());
  ready.join("g");
  ready.connect(radio.lastEndpoint!);
  const body = new Uint8Array(100_000);
  for (let i = 0; i < 100; i++) {
    await radio.send(body, { group: "g" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  const lost = once(radio, "disconnect");
  stuck.reset();
  await within(lost, STEP_MS, "the connection to end");
  const next = await join(t, radio, "DISH");
  await next.send(command("JOIN", "g"));
  await allRead(next);
  await radio.send("after", { group: "g" });
  const [, after] = await within(readMessage(next), STEP_MS, "the message");
  assertEquals(new TextDecoder().decode(after), "after");
});

function bytesOf(text: string): string {
  return String(new TextEncoder().encode(text));
}
