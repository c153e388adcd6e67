/**
 * Hostile peers. Those that come and go, impersonate others, play dead, or
 * hang up whenever they are called.
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { FakeListener, FakePeer } from "../../support/fake_peer.ts";
import {
  bytes,
  COMMAND,
  command,
  handshake,
  message,
} from "../../support/peers/zmtp_bytes.ts";
import { EventLog, ROLES, STEP_MS, victim } from "./victim.ts";

for (const how of ["close", "reset", "end"] as const) {
  test(
    `a bound socket survives a hundred peers that connect and disconnect (${how})`,
    async (t) => {
      const target = await victim(t, "bound");
      const all = handshake("DEALER");
      for (let round = 0; round < 5; round++) {
        const attackers = await Promise.all(
          Array.from({ length: 20 }, async (_, i) => {
            const attacker = t.use(
              await FakePeer.connect(target.socket.lastEndpoint!),
            );
            if (i > 0) {
              await attacker.send(all.subarray(0, i * 6)).catch(() => {});
            }
            return attacker;
          }),
        );
        for (const attacker of attackers) void attacker[how]();
        await target.exchange();
      }
      for (let i = 0; i < 100; i++) await target.log.next("disconnect");
      assertEquals(target.log.count("handshake:error:protocol"), 0);
      await target.close();
    },
    { timeoutMs: 20_000 },
  );
}

test("a bound socket closes while peers go on connecting", async (t) => {
  const target = await victim(t, "bound");
  const endpoint = target.socket.lastEndpoint!;
  const connecting = Array.from(
    { length: 50 },
    () => FakePeer.connect(endpoint).catch(() => undefined), // refused
  );
  await target.log.next("accept");
  await target.close();
  for (const attacker of await Promise.all(connecting)) {
    await within(attacker?.closed ?? Promise.resolve(), STEP_MS, "the end");
  }
});

test("a connecting socket retries a peer that does not speak ZMTP at growing intervals", async (t) => {
  const socket = t.use(new zmq.Dealer({ reconnectInterval: 4 }));
  const log = new EventLog(socket);
  const listener = t.use(await FakeListener.listen());
  socket.connect(listener.endpoint);
  for (const atLeast of [4, 8, 16, 32, 64]) {
    const attacker = await listener.accept();
    await attacker.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    const { interval } = await log.next("connect:retry");
    assert(interval >= atLeast && interval <= atLeast + 4, `${interval} ms`);
  }
  await within(socket.close(), STEP_MS, "close()");
});

// RFC 37.ERROR.4, 37.SOCKET.3
test("a connecting socket keeps retrying a peer that hangs up, and then serves it", async (t) => {
  const socket = t.use(new zmq.Dealer({ reconnectInterval: 1 }));
  const log = new EventLog(socket);
  const listener = t.use(await FakeListener.listen());
  socket.connect(listener.endpoint);
  await socket.send("patience");
  for (const how of ["end", "reset", "close", "end"] as const) {
    const attacker = await listener.accept();
    void attacker[how]();
    await log.next("connect:retry");
  }
  const good = await listener.accept();
  await good.shakeHands("DEALER");
  assertEquals(`${Buffer.from((await good.readFrame()).body)}`, "patience");
  await within(socket.close(), STEP_MS, "close()");
});

for (const role of ROLES) {
  test(`a ${role} ROUTER refuses a duplicate routing id`, async (t) => {
    const target = await victim(t, role);
    const twin = await target.attacker();
    await twin.send(bytes(handshake("DEALER", "good"), message("I am good")));
    await within(twin.closed, STEP_MS, "the twin's connection to close");
    await target.exchange();
    assertEquals(target.strays, []);
    await target.close();
  });

  // RFC 37.IDENTITY.4
  test(`a ${role} ROUTER does not let a peer take over a generated id, with or without handover`, async (t) => {
    const target = await victim(t, role, { handover: true });
    const nameless = await target.attacker();
    await nameless.shakeHands("DEALER");
    await nameless.send(message("who am I?"));
    const [id] = await within(target.socket.receive(), STEP_MS, "its message");
    assertEquals([id!.byteLength, id![0]], [5, 0]);

    // Ids that begin with a zero byte are the ROUTER's own to give.
    const thief = await target.attacker();
    await thief.send(bytes(handshake("DEALER", id!), message("I am he")));
    await target.exchange();
    await target.socket.send([id!, "for your eyes only"]);
    const { body } = await nameless.readFrame();
    assertEquals(`${Buffer.from(body)}`, "for your eyes only");
    await target.close();
  });

  // RFC 37.PING.4
  test(`a ${role} socket detects a peer that does not answer PINGs`, async (t) => {
    const target = await victim(t, role, {}, {
      heartbeatInterval: 20,
      heartbeatTimeout: 100,
    });
    const dead = await target.attacker();
    await dead.shakeHands("DEALER", "dead");
    const { flags, body } = await dead.readFrame();
    assertEquals([flags, `${Buffer.from(body).subarray(0, 5)}`], [
      COMMAND,
      "\x04PING",
    ]);
    const { error } = await target.log.next("disconnect");
    assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
    await within(dead.closed, STEP_MS, "the connection to close");
    await target.exchange();
    assertEquals(target.log.count("disconnect"), 0);
    await target.close();
  });
}

test("a connecting ROUTER serves the second of two peers with the same id after the first", async (t) => {
  const router = t.use(new zmq.Router({ reconnectInterval: 5 }));
  const first = t.use(new zmq.Dealer({ routingId: "twin", linger: 0 }));
  await first.bind("tcp://127.0.0.1:*");
  router.connect(first.lastEndpoint!);
  await first.send("first");
  assertEquals((await router.receive()).map(String), ["twin", "first"]);

  const listener = t.use(await FakeListener.listen());
  router.connect(listener.endpoint);
  const turnedAway = await listener.accept();
  await turnedAway.send(handshake("DEALER", "twin"));
  await within(turnedAway.closed, STEP_MS, "the second to be turned away");
  await router.disconnect(first.lastEndpoint!);

  // A call that was under way may still be turned away; one after that is not.
  let got: zmq.Message | undefined;
  while (got === undefined) {
    const second = await listener.accept();
    await second.send(bytes(handshake("DEALER", "twin"), message("second")));
    await Promise.race([
      second.closed,
      router.poll(zmq.POLLIN, { timeout: STEP_MS }),
    ]);
    got = router.tryReceive();
  }
  assertEquals(got.map(String), ["twin", "second"]);
});

test("what is sent while a lost peer's messages wait to be received is not lost", async (t) => {
  const dealer = t.use(
    new zmq.Dealer({
      receiveHighWaterMark: 5,
      reconnectInterval: 5,
      linger: 0,
    }),
  );
  const log = new EventLog(dealer);
  const listener = t.use(await FakeListener.listen());
  dealer.connect(listener.endpoint);
  const first = await listener.accept();
  await first.shakeHands("DEALER");
  await log.next("handshake");
  // More than there is room for, then the end: the rest waits in the dead peer's queue.
  const count = 20;
  await first.send(bytes(...Array.from({ length: count }, () => message("x"))));
  first.end();
  await first.closed;

  await dealer.send("for the next peer");
  for (let i = 0; i < count; i++) {
    const [body] = await within(dealer.receive(), STEP_MS, "a message");
    assertEquals(`${body}`, "x");
  }
  const second = await listener.accept();
  await second.shakeHands("DEALER");
  const { body } = await second.readFrame();
  assertEquals(`${Buffer.from(body)}`, "for the next peer");
});

test("a peer that dies while a PULL does not read is detected once it reads", async (t) => {
  const pull = t.use(
    new zmq.Pull({
      receiveHighWaterMark: 5,
      heartbeatInterval: 10,
      heartbeatTimeout: 30,
    }),
  );
  const log = new EventLog(pull);
  await pull.bind("tcp://127.0.0.1:*");
  const dead = t.use(await FakePeer.connect(pull.lastEndpoint!));
  await dead.shakeHands("PUSH");
  // One piece with more messages than there is room for, and then never more.
  const count = 20;
  await dead.send(bytes(...Array.from({ length: count }, () => message("x"))));
  // The PULL does not read, and so cannot detect silence: its PINGs show that
  // the limit has passed.
  await dead.waitFor(10 * command("PING", bytes(0, 0)).byteLength);
  assertEquals(log.count("disconnect"), 0);

  for (let i = 0; i < count; i++) {
    await within(pull.receive(), STEP_MS, "a message");
  }
  const { error } = await log.next("disconnect");
  assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
  await within(pull.close(), STEP_MS, "close()");
});
