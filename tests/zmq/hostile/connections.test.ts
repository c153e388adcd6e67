/**
 * Hostile peers in large numbers: connections above a limit are refused at no
 * cost to other peers; peers that never finish their handshake do not keep
 * others out.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { platform, test, within } from "../../support/harness.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { handshake } from "../../support/peers/zmtp_bytes.ts";
import { TRANSPORTS } from "../sockets/pairs.ts";
import { EventLog, STEP_MS, victim } from "./victim.ts";

/**
 * Where unexpected peers are counted as well, no other program may connect. To a
 * port of the system one might: a program that still uses its former owner.
 */
const PRIVATE = platform === "win32" ? "tcp://127.0.0.1:*" : "ipc://*";

const REAL = TRANSPORTS.filter(({ name }) =>
  ["tcp IPv4", "ipc"].includes(name)
);

for (const { name, address, skip } of REAL) {
  test(
    `maxConnections: new peers are refused until one disconnects (${name})`,
    async (t) => {
      const pull = t.use(new zmq.Pull({ maxConnections: 2 }));
      const log = new EventLog(pull);
      await pull.bind(await address(t));
      const endpoint = pull.lastEndpoint!;
      const [first] = await Promise.all([1, 2].map(async () => {
        const peer = t.use(await FakePeer.connect(endpoint));
        await peer.shakeHands("PUSH");
        await log.next("handshake");
        return peer;
      }));
      for (let i = 1; i <= 3; i++) {
        const late = t.use(await FakePeer.connect(endpoint));
        const { error, address } = await log.next("accept:error");
        assertEquals([error.code, address], ["EMFILE", endpoint]);
        assert(error.message.includes("maxConnections"), error.message);
        await within(late.closed, STEP_MS, "the end");
        assertEquals(pull.refusedConnections, i);
      }
      await first!.close();
      await log.next("disconnect");
      const push = t.use(new zmq.Push());
      push.connect(endpoint);
      await push.send("there is room");
      const [text] = await within(pull.receive(), STEP_MS, "the message");
      assertEquals(`${text}`, "there is room");
    },
    { skip },
  );
}

test("maxConnections applies to concurrent handshakes", async (t) => {
  const pull = t.use(new zmq.Pull({ maxConnections: 1 }));
  const log = new EventLog(pull);
  await pull.bind(PRIVATE);
  await pull.bind(PRIVATE); // it counts over all addresses
  const all: FakePeer[] = [];
  for (let i = 0; i < 4; i++) {
    all.push(t.use(await FakePeer.connect(pull.lastEndpoint!)));
    await log.next("accept");
  }
  for (const peer of all) await peer.send(handshake("PUSH"));
  for (let i = 0; i < 3; i++) {
    await log.next("accept:error");
    await log.next("disconnect");
  }
  assertEquals([log.count("handshake"), pull.refusedConnections], [1, 3]);
});

test("maxConnections counts at once, and 0 is no limit", async (t) => {
  const pull = t.use(new zmq.Pull({ maxConnections: 1 }));
  const log = new EventLog(pull);
  await pull.bind("tcp://127.0.0.1:*");
  const join = async () => {
    const peer = t.use(await FakePeer.connect(pull.lastEndpoint!));
    await peer.send(handshake("PUSH"));
  };
  await join();
  await log.next("handshake");
  await join();
  await log.next("accept:error");
  pull.maxConnections = 0;
  await join();
  await log.next("handshake");
});

test("maxConnectionsPerAddress counts the connections of one host", async (t) => {
  const pull = t.use(new zmq.Pull({ maxConnectionsPerAddress: 2 }));
  const log = new EventLog(pull);
  await pull.bind("tcp://127.0.0.1:*");
  const endpoint = pull.lastEndpoint!;
  const half = t.use(await FakePeer.connect(endpoint)); // in its handshake
  await log.next("accept");
  const push = t.use(new zmq.Push());
  push.connect(endpoint);
  await log.next("handshake");
  const late = t.use(await FakePeer.connect(endpoint));
  const { error } = await log.next("accept:error");
  assert(
    error.message.includes("127.0.0.1 already has 2 connections"),
    error.message,
  );
  await within(late.closed, STEP_MS, "the end");
  await half.close();
  await log.next("disconnect");
  const next = t.use(await FakePeer.connect(endpoint));
  await next.shakeHands("PUSH");
  await log.next("handshake");
});

test("peers that never finish their handshake are dropped, the oldest first", async (t) => {
  const target = await victim(t, "bound", {
    maxHandshakes: 3,
    maxConnections: 2, // those in their handshake do not count here
  }, { address: PRIVATE });
  const all: FakePeer[] = [];
  for (let i = 0; i < 10; i++) {
    const attacker = await target.attacker();
    if (i % 2 === 0) await attacker.send(handshake("DEALER").subarray(0, 20));
    all.push(attacker);
  }
  for (const attacker of all.slice(0, 7)) {
    const { error } = await target.log.next("accept:error");
    assert(error.message.includes("maxHandshakes"), error.message);
    await within(attacker.closed, STEP_MS, "the end of the oldest");
  }
  assertEquals(target.socket.refusedConnections, 7);
  assertEquals(all.slice(7).map((one) => one.isClosed), [false, false, false]);
  await target.exchange();
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  dealer.connect(target.socket.lastEndpoint!);
  await target.log.next("handshake");
  await target.exchange();
  await target.close();
});

test("what a refused peer has sent is not received", async (t) => {
  const pull = t.use(new zmq.Pull({ maxConnections: 1, receiveTimeout: 0 }));
  const log = new EventLog(pull);
  await pull.bind(PRIVATE);
  const both: FakePeer[] = [];
  for (let i = 0; i < 2; i++) {
    both.push(t.use(await FakePeer.connect(pull.lastEndpoint!)));
    await log.next("accept");
  }
  for (const peer of both) {
    await peer.send(handshake("PUSH"));
    await peer.send("\x00\x05hello");
  }
  await log.next("accept:error");
  const [text] = await within(
    pull.receive({ timeout: STEP_MS }),
    STEP_MS,
    "the first",
  );
  assertEquals(`${text}`, "hello");
  await log.next("disconnect");
  assertEquals(pull.tryReceive(), undefined);
});
