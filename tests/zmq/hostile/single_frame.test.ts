/**
 * Hostile peers. Those that break the rules of the types whose messages have
 * one frame: they send more, join impossible groups, or speak out of turn. The
 * well-behaved peer is served all the same.
 */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { texts } from "../../support/bytes.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import {
  bytes,
  command,
  frame,
  message,
  MORE,
} from "../../support/peers/zmtp_bytes.ts";
import { EventLog, STEP_MS } from "./victim.ts";

/** Sockets that receive messages of one frame, and the peer they expect. */
const RECEIVERS: readonly {
  readonly peer: string;
  make(): zmq.Server | zmq.Client | zmq.Gather | zmq.Peer | zmq.Channel;
}[] = [
  { peer: "CLIENT", make: () => new zmq.Server() },
  { peer: "SERVER", make: () => new zmq.Client() },
  { peer: "SCATTER", make: () => new zmq.Gather() },
  { peer: "PEER", make: () => new zmq.Peer() },
  { peer: "CHANNEL", make: () => new zmq.Channel() },
];

for (const { peer, make } of RECEIVERS) {
  test(`multipart messages of a ${peer} are dropped, and the messages in between received`, async (t) => {
    const socket = t.use(make());
    await socket.bind("tcp://127.0.0.1:*");
    const attacker = t.use(await FakePeer.connect(socket.lastEndpoint!));
    await attacker.shakeHands(peer);
    await attacker.send(
      bytes(
        message("two", "frames"),
        message("1"),
        message("", "", ""),
        message(""),
        message(...Array.from({ length: 1000 }, () => "x")),
        message("2"),
      ),
    );
    for (const expected of ["1", "", "2"]) {
      const receiving: Promise<readonly unknown[]> = socket.receive();
      const [body] = await within(receiving, STEP_MS, "a message");
      assertEquals(String(body), expected);
    }
    assertEquals(socket.readable, false);
  });
}

test("a message of many frames to a SERVER is bounded by maxMessageSize", async (t) => {
  const server = t.use(new zmq.Server({ maxMessageSize: 1000 }));
  const log = new EventLog(server);
  await server.bind("tcp://127.0.0.1:*");
  const attacker = t.use(await FakePeer.connect(server.lastEndpoint!));
  await attacker.shakeHands("CLIENT");
  await attacker.send(frame("x".repeat(600), MORE));
  await attacker.send(frame("x".repeat(600), MORE)).catch(() => {});
  const { error } = await log.next("handshake:error:protocol");
  assertEquals((error as zmq.ProtocolError).code, "ERR_ZMTP_MESSAGE_TOO_LARGE");
  await within(attacker.closed, STEP_MS, "the attacker's connection to close");
});

test("a JOIN or LEAVE of an impossible group costs the peer its connection", async (t) => {
  const { radio, log, exchange } = await radioUnderAttack(t);
  for (const name of ["JOIN", "LEAVE"]) {
    const attacker = t.use(await FakePeer.connect(radio.lastEndpoint!));
    await attacker.shakeHands("DISH");
    await attacker.send(command(name, "x".repeat(255)));
    await exchange();
    await attacker.send(command(name, "x".repeat(256)));
    const { error } = await log.next("handshake:error:protocol");
    assertEquals(
      [(error as zmq.ProtocolError).code, error.message],
      [
        "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
        `The group of a ${name} has more than 255 bytes`,
      ],
    );
    await within(attacker.closed, STEP_MS, "the connection to close");
    await exchange();
  }
});

test("a DISH that leaves unjoined groups and joins repeatedly gets a message once", async (t) => {
  const { radio, exchange } = await radioUnderAttack(t);
  const attacker = t.use(await FakePeer.connect(radio.lastEndpoint!));
  await attacker.shakeHands("DISH");
  const again = Array.from({ length: 1000 }, () => command("JOIN", "good"));
  await attacker.send(
    bytes(
      command("LEAVE", "good"),
      command("LEAVE", ""),
      ...again,
      command("JOIN", "end"),
    ),
  );
  await untilJoined(radio, attacker, "end");
  await exchange("to all");
  await radio.send("x", { group: "end" });
  assertEquals(await nextFrom(attacker), "good: to all");
  assertEquals(await nextFrom(attacker), "end: x");
  // One LEAVE undoes them all.
  await attacker.send(bytes(command("LEAVE", "good"), command("JOIN", "fin")));
  assertEquals(await untilJoined(radio, attacker, "fin"), []);
  await exchange();
  await radio.send("x", { group: "fin" });
  assertEquals(await nextFrom(attacker), "fin: x");
});

test("messages of a DISH are dropped, even if they look like subscriptions", async (t) => {
  const { radio, exchange } = await radioUnderAttack(t);
  const attacker = t.use(await FakePeer.connect(radio.lastEndpoint!));
  await attacker.shakeHands("DISH");
  await attacker.send(
    bytes(
      message(bytes(1, "good")),
      message("", "two"),
      message(""),
      command("SUBSCRIBE", "good"),
      command("JOIN", "end"),
    ),
  );
  assertEquals(await untilJoined(radio, attacker, "end"), []);
  await exchange();
  await radio.send("x", { group: "end" });
  assertEquals(await nextFrom(attacker), "end: x");
});

test("a JOIN to a socket that is not a RADIO does nothing", async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  await xpub.bind("tcp://127.0.0.1:*");
  const attacker = t.use(await FakePeer.connect(xpub.lastEndpoint!));
  await attacker.shakeHands("SUB");
  await attacker.send(
    bytes(
      command("JOIN", "a"),
      command("LEAVE", "a"),
      command("SUBSCRIBE", "b"),
    ),
  );
  const [event] = await within(xpub.receive(), STEP_MS, "the subscription");
  assertEquals(String(event), "\x01b");
});

const MISSHAPEN = {
  "one frame": message("good"),
  "three frames": message("good", "body", "more"),
  "a group that is too long": message("x".repeat(256), "body"),
};

for (const [what, attack] of Object.entries(MISSHAPEN)) {
  test(`a DISH disconnects a RADIO whose message has ${what}`, async (t) => {
    const dish = t.use(new zmq.Dish());
    const log = new EventLog(dish);
    dish.join("good");
    await dish.bind("tcp://127.0.0.1:*");
    const attacker = t.use(await FakePeer.connect(dish.lastEndpoint!));
    await attacker.shakeHands("RADIO");
    await attacker.send(bytes(message("good", "first"), attack));
    const { error } = await log.next("handshake:error:protocol");
    assertEquals(
      (error as zmq.ProtocolError).code,
      "ERR_ZMTP_INVALID_SEQUENCE",
    );
    await within(attacker.closed, STEP_MS, "the connection to close");
    const [body] = await within(dish.receive(), STEP_MS, "the message");
    assertEquals(String(body), "first");
  });
}

test("a DISH drops messages of groups that it has not joined", async (t) => {
  const dish = t.use(new zmq.Dish());
  dish.join("good");
  await dish.bind("tcp://127.0.0.1:*");
  const attacker = t.use(await FakePeer.connect(dish.lastEndpoint!));
  await attacker.shakeHands("RADIO");
  await attacker.send(
    bytes(
      message("goo", "1"),
      message("goods", "2"),
      message("", "3"),
      message("good", "4"),
    ),
  );
  const [body, { group }] = await within(dish.receive(), STEP_MS, "a message");
  assertEquals([String(body), String(group)], ["4", "good"]);
  assertEquals(dish.readable, false);
});

/** A RADIO with a good DISH, which gets every message of the group "good". */
async function radioUnderAttack(t: TestContext) {
  const radio = t.use(new zmq.Radio({ linger: 0 }));
  const log = new EventLog(radio);
  await radio.bind("tcp://127.0.0.1:*");
  const good = t.use(new zmq.Dish());
  good.join("good");
  good.connect(radio.lastEndpoint!);
  while (!good.readable) {
    await radio.send("probe", { group: "good" });
    await good.poll(zmq.POLLIN, { timeout: 5 });
  }
  let count = 0;
  return {
    radio,
    log,
    async exchange(text = `good message ${++count}`): Promise<void> {
      await radio.send(text, { group: "good" });
      for (;;) {
        const [got] = await within(good.receive(), STEP_MS, text);
        if (String(got) === text) return;
        assertEquals(String(got), "probe");
      }
    },
  };
}

/**
 * Sends to a group until an attacker gets it, and takes that out.
 *
 * @returns What else the attacker got.
 */
async function untilJoined(
  radio: zmq.Radio,
  attacker: FakePeer,
  group: string,
): Promise<string[]> {
  const others: string[] = [];
  for (let isJoined = false; !isJoined;) {
    await radio.send("probe", { group });
    await new Promise((resolve) => setTimeout(resolve, 1));
    while (attacker.unread > 0) {
      const got = await nextFrom(attacker);
      if (got === `${group}: probe`) isJoined = true;
      else others.push(got);
    }
  }
  await radio.send("no more probes", { group });
  while (await nextFrom(attacker) !== `${group}: no more probes`);
  return others;
}

/** The next message of a RADIO. */
async function nextFrom(attacker: FakePeer): Promise<string> {
  const group = await attacker.readFrame();
  const body = await attacker.readFrame();
  return texts([group.body, body.body]).join(": ");
}
