/** Tests of connecting: what is malformed, what takes too long, what is tried again. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import { Dialer } from "../../../src/zmq/engine/dialer.ts";
import { Observer } from "../../../src/zmq/engine/observer.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import { texts } from "../../support/bytes.ts";
import { FakeListener } from "../../support/fake_peer.ts";
import { fakeHost } from "../../support/fake_wire.ts";
import { platform, test, within } from "../../support/harness.ts";
import { handshake } from "../../support/peers/zmtp_bytes.ts";
import { joined, once, TCP } from "./pairs.ts";

for (const scheme of ["constructor", "toString", "valueOf", "udp", "TCP"]) {
  test(`there is no transport ${scheme}`, async (t) => {
    const dealer = t.use(new zmq.Dealer());
    const address = `${scheme}://127.0.0.1:5555`;
    assertEquals(
      assertThrows(() => dealer.connect(address), zmq.ZmqError).code,
      "EPROTONOSUPPORT",
    );
    assertEquals(
      (await assertRejects(() => dealer.bind(address), zmq.ZmqError)).code,
      "EPROTONOSUPPORT",
    );
  });
}

test("connectTimeout gives up a pending connection, and retries", async () => {
  let attempts = 0;
  const events = new Observer();
  const host = fakeHost(zmq.PUSH, {
    connectTimeout: 5,
    reconnectInterval: 1,
    immediate: true,
  }, events);
  const dialer = new Dialer(host, {
    name: "tcp",
    isAvailable: true,
    check() {},
    permit() {},
    listen: () => Promise.reject(new Error("not asked for")),
    connect: (_address, _options, signal) => {
      attempts++;
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    },
  }, "tcp://127.0.0.1:5555");
  for (let i = 0; i < 2; i++) {
    const { error } = await new Promise<zmq.EventOfType<"connect:retry">>(
      (resolve) => events.once("connect:retry", resolve),
    );
    assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
  }
  dialer.destroy();
  assert(attempts >= 2, `${attempts} attempts`);
});

test("closing during a connection attempt leaves nothing behind", async () => {
  const push = new zmq.Push({ linger: 0 });
  push.connect("tcp://127.0.0.1:1");
  push.connect("tcp://[::1]:1");
  await within(push.close(), 1000, "close");
});

test("an unknown host name is reported and retried", async (t) => {
  const push = t.use(new zmq.Push({ reconnectInterval: 5, linger: 0 }));
  push.connect("tcp://no-such-host.invalid:5555");
  const { error } = await once(push, "connect:retry") as { error: Error };
  const { code } = error as zmq.ZmqError;
  assert(["ENOTFOUND", "EAI_AGAIN"].includes(code), code);
});

test("a DEALER with reconnectInterval -1 can be connected again explicitly", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const dealer = t.use(new zmq.Dealer({ reconnectInterval: -1, linger: 0 }));
  for (const round of ["first", "second"]) {
    const closed = once(dealer, "close");
    dealer.connect(listener.endpoint);
    const peer = await within(
      listener.accept(),
      1000,
      `the ${round} connection`,
    );
    await peer.shakeHands("DEALER");
    await peer.close();
    await closed;
  }
});

test("a second connect of a DEALER to the same address has no effect", async (t) => {
  const router = t.use(new zmq.Router());
  const dealer = t.use(new zmq.Dealer());
  await router.bind("tcp://127.0.0.1:*");
  let accepted = 0;
  router.events.on("accept", () => accepted++);
  for (let i = 0; i < 3; i++) dealer.connect(router.lastEndpoint!);
  for (let i = 0; i < 3; i++) await dealer.send(String(i));
  for (let i = 0; i < 3; i++) {
    assertEquals(texts((await router.receive()).slice(1)), [String(i)]);
  }
  assertEquals(accepted, 1);
});

test("a PUSH may connect to one address repeatedly, and disconnect ends all connections", async (t) => {
  const pull = t.use(new zmq.Pull());
  const push = t.use(new zmq.Push());
  await pull.bind("tcp://127.0.0.1:*");
  const endpoint = pull.lastEndpoint!;
  push.connect(endpoint);
  push.connect(endpoint);
  for (const text of ["1", "2"]) await push.send(text);
  await push.disconnect(endpoint);
  const got = [...texts(await pull.receive()), ...texts(await pull.receive())];
  assertEquals(got.sort(), ["1", "2"]);
  assertEquals(push.writable, false);
  assertThrows(() => push.disconnect(endpoint), zmq.ZmqError);
});

test("an address may contain the source address of the connection", async (t) => {
  const pull = t.use(new zmq.Pull());
  const push = t.use(new zmq.Push());
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(`tcp://127.0.0.1:*;${pull.lastEndpoint!.slice(6)}`);
  await push.send("x");
  assertEquals(texts(await pull.receive()), ["x"]);
});

test("a ROUTER keeps the routing id passed to connect, also with immediate", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const router = t.use(
    new zmq.Router({ immediate: true, mandatory: true, linger: 0 }),
  );
  router.connect(listener.endpoint, { routingId: "given" });
  const handshaken = once(router, "handshake");
  const peer = await listener.accept();
  await peer.shakeHands("DEALER", "its own");
  await handshaken;
  await router.send(["given", "x"]);
  assertEquals(texts([(await peer.readFrame()).body]), ["x"]);
});

test("the event handshake describes the peer, over tcp and inproc", async (t) => {
  for (const address of ["tcp://127.0.0.1:*", "inproc://who"]) {
    const router = t.use(new zmq.Router());
    const dealer = t.use(new zmq.Dealer({ routingId: "me" }));
    await router.bind(address);
    const met = [once(router, "handshake"), once(dealer, "handshake")];
    dealer.connect(router.lastEndpoint!);
    const [ofDealer, ofRouter] = await Promise.all(met);
    const isTcp = address.startsWith("tcp");
    assertEquals(ofDealer!.peer.socketType, "DEALER");
    assertEquals(String(ofDealer!.peer.routingId), "me");
    assertEquals(ofDealer!.peer.version, isTcp ? "3.1" : "");
    assertEquals(ofDealer!.peer.address === router.lastEndpoint, !isTcp);
    assertEquals(ofRouter!.peer.socketType, "ROUTER");
    assertEquals(ofRouter!.peer.routingId.byteLength, 0);
    assertEquals(ofRouter!.peer.address, router.lastEndpoint);
  }
});

test("a ROUTER refuses an invalid routing id for its peer", (t) => {
  const router = t.use(new zmq.Router());
  const error = assertThrows(
    () => router.connect("tcp://127.0.0.1:1", { routingId: "x".repeat(256) }),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EINVAL");
});

for (
  const [bytes, what] of [
    [[0xff, 0x80], "bytes that begin no character"],
    [[0xf0, 0x90, 0x80], "a character cut short, as long as what replaces it"],
  ] as const
) {
  test(`a user name that is not text is refused, not altered: ${what}`, (t) => {
    const dealer = t.use(new zmq.Dealer());
    const error = assertThrows(
      () => dealer.setOption("plainUsername", Uint8Array.from(bytes)),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
  });

  test(`a routing id need not be text: ${what}`, async (t) => {
    for (const address of [TCP, `inproc://${crypto.randomUUID()}`]) {
      const routingId = Uint8Array.from(bytes);
      const dealer = t.use(new zmq.Dealer({ routingId }));
      routingId.fill(1); // what was given is copied
      assertEquals([...dealer.routingId as Uint8Array], [...bytes]);
      const router = t.use(new zmq.Router());
      await joined(router, dealer, address);
      await dealer.send("hello");
      const [id] = await router.receive();
      assertEquals([...id!], [...bytes]);
      await router.send([Uint8Array.from(bytes), "answer"]);
      assertEquals(texts(await dealer.receive()), ["answer"]);
    }
  });
}

test(
  "ipc: a socket that binds while the previous owner is closing can be reached",
  {
    skip: platform === "win32" &&
      "Windows has no Unix domain sockets in node:net",
  },
  async (t) => {
    const address = `ipc://${join(await t.tempDir(), "socket")}`;
    const before = new zmq.Pull();
    await before.bind(address);
    const closing = before.close();
    const after = t.use(new zmq.Pull());
    const isBound = await after.bind(address).then(
      () => true,
      (error: zmq.ZmqError) => {
        assertEquals(error.code, "EADDRINUSE"); // that is fair, too
        return false;
      },
    );
    await closing;
    if (!isBound) await after.bind(address);
    const push = t.use(new zmq.Push({ linger: 0 }));
    push.connect(address);
    await push.send("x");
    assertEquals(texts(await within(after.receive(), 2000, "the message")), [
      "x",
    ]);
  },
);

test("messages to a disconnected peer wait for the next one", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const dealer = t.use(new zmq.Dealer({ reconnectInterval: 1, linger: 0 }));
  dealer.connect(listener.endpoint);
  const first = await listener.accept();
  await first.shakeHands("ROUTER");
  const lost = once(dealer, "disconnect");
  await first.close();
  await lost;
  await dealer.send("waits");
  const second = await listener.accept();
  await second.send(handshake("ROUTER"));
  await second.read(64);
  await second.readFrame();
  assertEquals(texts([(await second.readFrame()).body]), ["waits"]);
});

test("lastConnectError says why there is no connection, and EAGAIN has it as its cause", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind(TCP);
  const endpoint = pull.lastEndpoint!;
  await pull.unbind(endpoint);
  const request = t.use(
    new zmq.Request({ linger: 0, receiveTimeout: 200, reconnectInterval: 5 }),
  );
  assertEquals(request.lastConnectError, undefined);
  const failed = once(request, "connect:retry");
  request.connect(endpoint);
  await failed;
  const error = request.lastConnectError as zmq.ZmqError;
  assertEquals([error.code, error.address], ["ECONNREFUSED", endpoint]);
  await request.send("hello");
  const late = await request.receive().catch((error) => error);
  assertEquals(late.code, "EAGAIN");
  assertEquals(late.cause.code, "ECONNREFUSED");
  assertStringIncludes(late.message, `last error: ${late.cause.message}`);
  const now = await request.receive({ timeout: 0 }).catch((error) => error);
  assertEquals([now.code, now.cause.code], ["EAGAIN", "ECONNREFUSED"]);

  const reply = t.use(new zmq.Reply());
  await reply.bind(endpoint);
  await reply.receive();
  assertEquals(request.lastConnectError, undefined);
  const silent = await request.receive().catch((error) => error);
  assertEquals([silent.code, silent.cause], ["EAGAIN", undefined]);
});

test("lastConnectError is the newest of several addresses; a disconnected one no longer counts", async (t) => {
  const push = t.use(new zmq.Push({ linger: 0, reconnectInterval: 5 }));
  const refused: string[] = [];
  for (const port of [1, 2]) {
    const address = `tcp://127.0.0.1:${port}`;
    const failed = once(push, "connect:retry");
    push.connect(address);
    await failed;
    refused.push(address);
  }
  const seen = new Set<string | undefined>();
  while (seen.size < 2) {
    await once(push, "connect:retry");
    seen.add((push.lastConnectError as zmq.ZmqError).address);
  }
  assertEquals([...seen].sort(), refused);
  await push.disconnect(refused[1]!);
  assertEquals(
    (push.lastConnectError as zmq.ZmqError).address,
    refused[0],
  );
  await push.disconnect(refused[0]!);
  assertEquals(push.lastConnectError, undefined);
});
