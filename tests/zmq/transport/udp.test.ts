/** Integration: RADIO, DISH and DGRAM over UDP, and with libzmq's. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createSocket } from "node:dgram";
import { networkInterfaces } from "node:os";
import * as zmq from "@agentzero/agentzero/zmq";
import { pattern, sameBytes } from "../../support/bytes.ts";
import { eventually } from "../../support/deadline.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { zeromqPeer } from "../../support/peers/kinds.ts";
import { Peer } from "../../support/peers/peer.ts";

const LOOPBACK = Object.entries(networkInterfaces())
  .find(([, all]) => all?.some(({ address }) => address === "127.0.0.1"))?.[0];

async function dishAt(
  t: TestContext,
  address: string,
  ...groups: string[]
): Promise<zmq.Dish> {
  const dish = t.use(new zmq.Dish({ receiveTimeout: 5000 }));
  dish.join(...groups);
  await dish.bind(address);
  return dish;
}

function radioTo(
  t: TestContext,
  address: string,
  options: zmq.RadioOptions = {},
): zmq.Radio {
  const radio = t.use(new zmq.Radio(options));
  radio.connect(address);
  return radio;
}

async function dgramAt(
  t: TestContext,
  address = "udp://127.0.0.1:*",
): Promise<[socket: zmq.Datagram, address: string]> {
  const socket = t.use(new zmq.Datagram({ receiveTimeout: 5000 }));
  await socket.bind(address);
  return [socket, socket.lastEndpoint!.slice("udp://".length)];
}

/** A port of a program that does not know ZeroMQ. */
async function plainPort(
  t: TestContext,
): Promise<{ port: number; send(bytes: Uint8Array, to: number): void }> {
  const socket = createSocket("udp4");
  t.cleanup(() =>
    new Promise<void>((resolve) => socket.close(() => resolve()))
  );
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    send: (bytes, to) => socket.send(bytes, to, "127.0.0.1"),
  };
}

async function refused(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert(error instanceof zmq.ZmqError);
    return `${error.code} ${error.message}`;
  }
  return "accepted";
}

test("a DISH receives the messages of its groups, and of no others", async (t) => {
  const dish = await dishAt(t, "udp://127.0.0.1:*", "weather", "");
  assertMatch(dish.lastEndpoint!, /^udp:\/\/127\.0\.0\.1:\d+$/);
  const radio = radioTo(t, dish.lastEndpoint!);
  const body = pattern(60_000);
  await radio.send("a goal", { group: "sports" });
  await radio.send(body, { group: "weather" });
  await radio.send("", { group: "" });
  const [first, { group }] = await dish.receive();
  assert(sameBytes(first, body));
  assertEquals(String(group), "weather");
  assertEquals((await dish.receive()).map(String)[0], "");
  dish.leave("weather");
  await radio.send("rain", { group: "weather" });
  await radio.send("last", { group: "" });
  assertEquals(String((await dish.receive())[0]), "last");
});

test("a RADIO sends to several addresses, over UDP and others", async (t) => {
  const near = await dishAt(t, "udp://127.0.0.1:*", "g");
  const far = await dishAt(t, "udp://127.0.0.1:*", "g");
  const connected = t.use(new zmq.Dish({ receiveTimeout: 5000 }));
  connected.join("g");
  const radio = radioTo(t, near.lastEndpoint!);
  radio.connect(far.lastEndpoint!);
  await radio.bind("inproc://udp-and-others");
  connected.connect("inproc://udp-and-others");
  await radio.send("all", { group: "g" });
  for (const dish of [near, far, connected]) {
    assertEquals(String((await dish.receive())[0]), "all");
  }
  await radio.disconnect(near.lastEndpoint!);
  await radio.send("but one", { group: "g" });
  assertEquals(String((await far.receive())[0]), "but one");
  await refused(() => near.receive({ timeout: 0 }));
});

test("all members of a multicast group receive what is sent to it", async (t) => {
  const one = await dishAt(t, "udp://127.0.0.1;239.192.7.1:*", "g");
  const port = one.lastEndpoint!.split(":").at(-1);
  const two = await dishAt(t, `udp://127.0.0.1;239.192.7.1:${port}`, "g");
  const radio = radioTo(t, `udp://${LOOPBACK};239.192.7.1:${port}`);
  await radio.send("to all", { group: "g" });
  for (const dish of [one, two]) {
    assertEquals(String((await dish.receive())[0]), "to all");
  }
  const mute = radioTo(t, `udp://${LOOPBACK};239.192.7.1:${port}`, {
    multicastLoop: false,
    multicastHops: 300,
  });
  await mute.send("not to this machine", { group: "g" });
  await radio.send("again", { group: "g" });
  assertEquals(String((await one.receive())[0]), "again");
});

test("DGRAMs exchange datagrams, over IPv4 and IPv6", async (t) => {
  for (const host of ["127.0.0.1", "[::1]"]) {
    const [here, hereAddress] = await dgramAt(t, `udp://${host}:*`);
    const [there, thereAddress] = await dgramAt(t, `udp://${host}:*`);
    const body = pattern(50_000);
    await here.send([thereAddress, body]);
    const [from, bytes] = await there.receive();
    assertEquals(String(from), hereAddress);
    assert(sameBytes(bytes!, body));
    await there.send([from!, ""]);
    assertEquals((await here.receive()).map(String), [thereAddress, ""]);
  }
});

test("what waits to be sent leaves before the socket is closed", async (t) => {
  const [there, address] = await dgramAt(t);
  const here = new zmq.Datagram();
  await here.bind("udp://127.0.0.1:*");
  for (let i = 0; i < 50; i++) await here.send([address, String(i)]);
  await here.close();
  for (let i = 0; i < 50; i++) {
    assertEquals(String((await there.receive())[1]), String(i));
  }
  const dish = await dishAt(t, "udp://127.0.0.1:*", "g");
  const radio = new zmq.Radio();
  radio.connect(dish.lastEndpoint!);
  await radio.send("the last", { group: "g" }); // its port is not open yet
  await radio.close();
  assertEquals(String((await dish.receive())[0]), "the last");
});

test("an address is free once it is unbound, and what has arrived can still be received", async (t) => {
  const [socket, address] = await dgramAt(t);
  const [other] = await dgramAt(t);
  await other.send([address, "early"]);
  await eventually(() => socket.readable, 5000, "the datagram");
  await socket.unbind(socket.lastEndpoint!);
  const [again] = await dgramAt(t, `udp://${address}`);
  await other.send([address, "late"]);
  assertEquals(String((await again.receive())[1]), "late");
  assertEquals(String((await socket.receive())[1]), "early");
});

test("a malformed, a foreign and an oversized datagram are dropped, and nothing else is", async (t) => {
  const dish = t.use(
    new zmq.Dish({ maxMessageSize: 100, receiveTimeout: 5000 }),
  );
  dish.join("g");
  await dish.bind("udp://127.0.0.1:*");
  const to = Number(dish.lastEndpoint!.split(":").at(-1));
  const { send } = await plainPort(t);
  for (
    const bytes of [
      [],
      [255],
      [9, 103],
      [1, 120, 1],
      [1, 103, ...new Array(200).fill(0)],
    ]
  ) send(Uint8Array.from(bytes), to);
  send(Uint8Array.of(1, 103, 111, 107), to);
  assertEquals(String((await dish.receive())[0]), "ok");
});

test("more datagrams than the high-water mark are dropped, and the socket goes on", async (t) => {
  const dish = t.use(
    new zmq.Dish({ receiveHighWaterMark: 5, receiveTimeout: 5000 }),
  );
  dish.join("g");
  await dish.bind("udp://127.0.0.1:*");
  const radio = radioTo(t, dish.lastEndpoint!, { noDrop: true });
  for (let i = 0; i < 500; i++) await radio.send(String(i), { group: "g" });
  const [first] = await dish.receive();
  assertEquals(String(first), "0");
  let last = "";
  for (let i = 500; last !== "end"; i++) {
    await radio.send("end", { group: "g" });
    last = String((await dish.receive())[0]);
  }
});

test("what cannot be is refused with the reason", async (t) => {
  const [dgram] = await dgramAt(t);
  const dish = await dishAt(t, "udp://127.0.0.1:*", "g");
  const radio = radioTo(t, dish.lastEndpoint!);
  const push = t.use(new zmq.Push());
  const is = async (work: () => unknown, pattern: RegExp) =>
    assertMatch(await refused(work), pattern);
  await is(() => push.connect("udp://127.0.0.1:9"), /^EPROTONOSUPPORT .*PUSH/);
  await is(() => dgram.bind("tcp://127.0.0.1:*"), /^EPROTONOSUPPORT .*udp$/);
  await is(() => dgram.connect("udp://127.0.0.1:9"), /^EINVAL .*only bind/);
  await is(() => dish.connect("udp://127.0.0.1:9"), /^EINVAL .*only bind/);
  await is(() => radio.bind("udp://127.0.0.1:*"), /^EINVAL .*only connect/);
  for (
    const address of [
      "udp://127.0.0.1",
      "udp://127.0.0.1:*",
      "udp://*:5",
      "udp://;127.0.0.1:5",
      "udp://a;b;127.0.0.1:5",
    ]
  ) await is(() => radio.connect(address), /^EINVAL Malformed address/);
  await is(() => dish.bind(dish.lastEndpoint!), /^EADDRINUSE/);
  await is(() => dish.bind("udp://none0;239.192.7.1:*"), /^ENODEV .*none0/);
  await is(
    () => radio.send(new Uint8Array(65_507), { group: "g" }),
    /^EMSGSIZE/,
  );
  await is(
    () => dgram.send(["127.0.0.1:9", new Uint8Array(65_508)]),
    /^EMSGSIZE/,
  );
  await is(() => dgram.send("alone"), /^EINVAL .*address and a body/);
  for (
    const address of ["", "127.0.0.1", "127.0.0.1:x", ":5", "h:65536", "h:0"]
  ) {
    await is(() => dgram.send([address, ""]), /^EINVAL Malformed address/);
  }
});

test("security has no effect over UDP, and is refused", async (t) => {
  const { publicKey, secretKey } = zmq.curveKeyPair();
  const dish = t.use(
    new zmq.Dish({ curveServer: true, curveSecretKey: secretKey }),
  );
  const radio = t.use(
    new zmq.Radio({
      curveServerKey: publicKey,
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
    }),
  );
  const asking = t.use(new zmq.Dish({ authenticate: () => true }));
  for (
    const work of [
      () => dish.bind("udp://127.0.0.1:*"),
      () => radio.connect("udp://127.0.0.1:9"),
      () => asking.bind("udp://127.0.0.1:*"),
    ]
  ) assertMatch(await refused(work), /^EINVAL .*with security/);
  const bound = await dishAt(t, "udp://127.0.0.1:*");
  assertMatch(await refused(() => bound.curveServer = true), /^EINVAL/);
});

test("a RADIO waits for a host name that cannot be resolved yet, and can be closed", async (t) => {
  const radio = t.use(new zmq.Radio({ linger: 0 }));
  const retry = new Promise<zmq.ZmqError>((resolve) =>
    radio.events.on(
      "connect:retry",
      ({ error }) => resolve(error as zmq.ZmqError),
    )
  );
  radio.connect("udp://nowhere.invalid:5");
  await radio.send("lost", { group: "g" });
  const { code } = await within(retry, 8000, "another attempt");
  assert(code === "ENOTFOUND" || code === "EAI_AGAIN", code);
});

const kind = zeromqPeer();
const skip = kind.missing || kind.draftless;
if (skip) {
  test("UDP with libzmq", { skip }, () => {});
} else conversations(new Peer(kind));

function conversations(peer: Peer): void {
  /** libzmq reports the address that it was given: one that was free a moment ago. */
  const freeAddress = async () => {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    return `127.0.0.1:${port}`;
  };
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  test("our DISH and libzmq's RADIO over UDP", async (t) => {
    const dish = await dishAt(t, "udp://127.0.0.1:*", "weather");
    const radio = await peer.open(t, "RADIO");
    await radio.connect(dish.lastEndpoint!);
    await radio.send("sports", "a goal");
    await radio.send("weather", "rain");
    const [body, { group }] = await dish.receive();
    assertEquals([body, group].map(String), ["rain", "weather"]);
  });

  test("our RADIO and libzmq's DISH over UDP", async (t) => {
    const address = `udp://${await freeAddress()}`;
    const dish = await peer.open(t, "DISH");
    await dish.bind(address);
    await dish.subscribe("weather");
    const radio = radioTo(t, address);
    await radio.send("a goal", { group: "sports" });
    await radio.send("rain", { group: "weather" });
    const received = await within(dish.receive(), 5000, "what they receive");
    assertEquals(received.map(text), ["weather", "rain"]);
  });

  test("our DGRAM and libzmq's", async (t) => {
    const theirAddress = await freeAddress();
    const theirs = await peer.open(t, "DGRAM");
    await theirs.bind(`udp://${theirAddress}`);
    const [ours, address] = await dgramAt(t);
    await ours.send([theirAddress, "there"]);
    const received = await within(theirs.receive(), 5000, "what they receive");
    assertEquals(received.map(text), [`${address}\0`, "there"]);
    await ours.send([`${theirAddress}\0`, "as libzmq writes it"]);
    await within(theirs.receive(), 5000, "what they receive");
    await theirs.send(address, "and back");
    assertEquals((await ours.receive()).map(String), [
      theirAddress,
      "and back",
    ]);
  });
}
