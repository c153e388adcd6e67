/** Tests what sockets of libzmq do beyond what the manager's tests ask for. */
import { SocketManager, zmq } from "@agentzero/agentzero";
import {
  loadNative,
  type Native,
  type NativeDuplex,
} from "@agentzero/agentzero/native";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  runtime,
  test as declare,
  type TestContext,
} from "../support/harness.ts";

const native = runtime === "node" ? await loadNative() : undefined;
if (native === undefined) {
  declare("sockets of libzmq", { skip: "npm:zeromq is for Node" }, () => {});
}

let lastNumber = 0;
const inproc = () => `inproc://native-${++lastNumber}`;

function test(
  name: string,
  fn: (t: TestContext, native: Native) => void | Promise<void>,
): void {
  if (native) declare(`native: ${name}`, (t) => fn(t, native));
}

/** The types that libzmq calls stable. */
type StableType = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;
const STABLE: readonly StableType[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** A bound and a connected socket. */
async function pair(
  t: TestContext,
  types: readonly [StableType, StableType],
  address = inproc(),
): Promise<NativeDuplex[]> {
  const [a, b] = types.map((type) => t.use(native!.createSocket(type)));
  await a!.bind(address);
  b!.connect(a!.lastEndpoint!);
  return [a, b] as NativeDuplex[];
}

const text = (message: zmq.Message | undefined) => message?.map(String);

test("messages of many frames, of all sizes, arrive as they were sent", async (t) => {
  const [a, b] = await pair(t, [zmq.PULL, zmq.PUSH], "tcp://127.0.0.1:*");
  const message = [0, 1, 128, 129, 100_000].map((size) =>
    new Uint8Array(size).fill(size % 251)
  );
  await b!.poll(zmq.POLLOUT);
  assert(b!.trySend(message));
  assertEquals(await a!.poll(zmq.POLLIN, { timeout: 2000 }), zmq.POLLIN);
  assertEquals(a!.tryReceive()!.map((f) => Uint8Array.from(f)), message);
  assertEquals(a!.tryReceive(), undefined);
});

test("a poll takes no message, and any number of polls may wait", async (t) => {
  const [a, b] = await pair(t, [zmq.PULL, zmq.PUSH]);
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = a!.poll(zmq.POLLIN, { signal });
  const brief = a!.poll(zmq.POLLIN, { timeout: 1 });
  assertEquals(await brief, 0);
  const polls = [a!.poll(zmq.POLLIN), a!.poll(zmq.POLLIN | zmq.POLLOUT)];
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  for (const n of ["1", "2"]) b!.trySend(n);
  assertEquals(await Promise.all(polls), [zmq.POLLIN, zmq.POLLIN]);
  assertEquals(await a!.poll(zmq.POLLIN), zmq.POLLIN);
  assertEquals([text(a!.tryReceive()), text(a!.tryReceive())], [["1"], ["2"]]);
});

test("a message is available at once, also to a call made while others wait", async (t) => {
  const [a, b] = await pair(t, [zmq.DEALER, zmq.DEALER]);
  const waiting = a!.poll(zmq.POLLIN);
  assertEquals(a!.readable, false);
  b!.trySend("1");
  assertEquals(a!.readable, true);
  assertEquals(text(a!.tryReceive()), ["1"]);
  b!.trySend("2");
  assertEquals(await waiting, zmq.POLLIN);
  assertEquals(text(a!.tryReceive()), ["2"]);
});

test("a call that waits for room is woken, on every type that sends", async (t) => {
  for (const type of [zmq.PUSH, zmq.DEALER, zmq.PAIR, zmq.REQ] as const) {
    const socket = t.use(native!.createSocket(type));
    const ready = socket.poll(zmq.POLLOUT);
    assertEquals(await socket.poll(zmq.POLLOUT, { timeout: 1 }), 0);
    assertEquals((socket as NativeDuplex).trySend("no"), false);
    const other = t.use(native!.createSocket(
      ({ 8: zmq.PULL, 5: zmq.DEALER, 0: zmq.PAIR, 3: zmq.REP } as const)[type],
    ));
    await other.bind("tcp://127.0.0.1:*");
    socket.connect(other.lastEndpoint!);
    assertEquals(await ready, zmq.POLLOUT);
    assert((socket as NativeDuplex).trySend("yes"));
    assertEquals(await other.poll(zmq.POLLIN), zmq.POLLIN);
  }
});

test("a full PUSH waits until its peer has received", async (t) => {
  const address = inproc();
  const pull = t.use(native!.createSocket(zmq.PULL, {
    receiveHighWaterMark: 2,
  }));
  await pull.bind(address);
  const push = t.use(native!.createSocket(zmq.PUSH, { sendHighWaterMark: 2 }));
  push.connect(address);
  let count = 0;
  while (push.trySend(String(count))) count++;
  assertEquals(count, 4); // the sum of both marks, with inproc
  const ready = push.poll(zmq.POLLOUT);
  for (let i = 0; i < 4; i++) assertEquals(text(pull.tryReceive()), [`${i}`]);
  assertEquals(await ready, zmq.POLLOUT);
  assert(push.trySend("more"));
});

test("a REP may answer after it has received, not after it was polled", async (t) => {
  const [rep, req] = await pair(t, [zmq.REP, zmq.REQ]);
  assert(req!.trySend("question"));
  const both = zmq.POLLIN | zmq.POLLOUT;
  assertEquals(await rep!.poll(both), zmq.POLLIN);
  assertThrows(
    () => rep!.trySend("too early"),
    zmq.ZmqError,
    "Cannot send before",
  );
  const ready = rep!.poll(zmq.POLLOUT);
  assertEquals(text(rep!.tryReceive()), ["question"]);
  assertEquals(await ready, zmq.POLLOUT);
  assert(rep!.trySend("answer"));
  assertEquals(await req!.poll(both), zmq.POLLIN);
  assertThrows(
    () => req!.trySend("too early"),
    zmq.ZmqError,
    "Cannot send before",
  );
  assertEquals(text(req!.tryReceive()), ["answer"]);
  assert(req!.trySend("next"));
  const error = assertThrows(() => req!.trySend("twice"), zmq.ZmqError);
  assertEquals(error.code, "EFSM");
});

test("a conflating socket returns the newest message, although one was polled before", async (t) => {
  const address = "tcp://127.0.0.1:*";
  const pull = t.use(native!.createSocket(zmq.PULL, { conflate: true }));
  await pull.bind(address);
  const push = t.use(native!.createSocket(zmq.PUSH));
  push.connect(pull.lastEndpoint!);
  await push.poll(zmq.POLLOUT);
  push.trySend("0");
  assertEquals(await pull.poll(zmq.POLLIN), zmq.POLLIN);
  const last = 50;
  for (let i = 1; i <= last; i++) assert(push.trySend(String(i)));
  // How many were superseded on their way depends on the time.
  let newest = -1;
  while (newest < last) {
    assertEquals(await pull.poll(zmq.POLLIN, { timeout: 2000 }), zmq.POLLIN);
    const [got] = text(pull.tryReceive())!;
    assert(Number(got) > newest, `${got} after ${newest}`);
    newest = Number(got);
  }
});

test(
  "options that only libzmq has can be used, by name and number",
  (t, { createSocket }) => {
    const socket = t.use(createSocket(zmq.DEALER, {
      tcpAcceptFilter: "127.0.0.0/8",
      tcpKeepaliveCount: 3,
    }));
    const AFFINITY = 4;
    socket.setOption(AFFINITY, 1);
    assertEquals(socket.getOption("affinity"), 1);
    assertEquals(socket.getOption("tcpKeepaliveCount"), 3);
    assertEquals(socket.getOption("tcpKeepaliveInterval"), -1);
    assertEquals(socket.getOption("tcpAcceptFilter"), "127.0.0.0/8");
    for (
      const [option, value] of [["affinity", -1], ["interface", 5]] as const
    ) {
      const error = assertThrows(
        () => socket.setOption(option, value),
        zmq.ZmqError,
        `The option ${option} cannot be ${value}: expected `,
      );
      assertEquals(error.code, "EINVAL");
    }
    const error = assertThrows(
      () => socket.setOption("tcpAcceptFilter", "nonsense"),
      zmq.ZmqError,
      "Cannot use the option tcpAcceptFilter: ",
    );
    assertEquals(error.code, "EINVAL");
  },
);

test(
  "every option of the engine has its default and can be set, but for twelve",
  (t, { createSocket }) => {
    const values: Record<zmq.OptionSpec["kind"], unknown> = {
      integer: 1,
      boolean: true,
      text: "a",
      bytes: "a",
      address: "127.0.0.1:1080",
      words: [],
      origins: [],
      verbosity: "allSubsUnsubs",
      key: zmq.curveKeyPair().publicKey,
      keys: [],
      function: () => {},
    };
    const refused = new Set<string>();
    for (const type of STABLE) {
      for (const [name, spec] of Object.entries(zmq.OPTIONS)) {
        if (spec.types !== undefined && !spec.types.includes(type)) continue;
        const socket = t.use(createSocket(type));
        const value = spec.words?.slice(0, 1) ?? values[spec.kind];
        try {
          const before = socket.getOption(name);
          if (name !== "linger") assertEquals(before, spec.default, name);
          socket.setOption(name, value);
          assertEquals(socket.getOption(name), value, name);
        } catch (error) {
          if ((error as zmq.ZmqError).code !== "ENOTSUP") throw error;
          refused.add(name);
        }
        void socket.close();
      }
    }
    assertEquals([...refused].sort(), [
      "authenticate",
      "curveAllowedKeys",
      "curveMaxFrameSize",
      "maxConnections",
      "maxConnectionsPerAddress",
      "maxHandshakes",
      "maxMessageFrames",
      "maxSubscriptionBytes",
      "maxSubscriptions",
      "receiveTimeout",
      "sendTimeout",
      "tlsCa",
      "tlsCert",
      "tlsHostname",
      "tlsKey",
      "tlsTrustSystem",
      "wsOrigins",
    ]);
  },
);

test(
  "an invalid option value is not in the message: it may be a secret",
  (_t, { createSocket }) => {
    for (const option of ["plainPassword", "curveSecretKey"] as const) {
      const error = assertThrows(
        () => createSocket(zmq.PUSH, { [option]: "x".repeat(300) }),
        zmq.ZmqError,
      );
      assert(!error.message.includes("xxx"), error.message);
    }
  },
);

test(
  "every stable socket type can be created, a draft cannot",
  (t, { createSocket }) => {
    for (const type of STABLE) {
      assertEquals(
        t.use(createSocket(type)).type,
        type,
      );
    }
    const error = assertThrows(
      () => createSocket(zmq.SERVER),
      zmq.ZmqError,
      "Cannot create a SERVER socket: draft types",
    );
    assertEquals(error.code, "ENOTSUP");
    const none = 99 as zmq.SocketType;
    assertThrows(
      () => createSocket(none),
      zmq.ZmqError,
      "Unknown socket type 99",
    );
  },
);

test(
  "a ROUTER gives its peer a routing id when it connects",
  async (t, { createSocket }) => {
    const [dealer, router] = [
      createSocket(zmq.DEALER),
      createSocket(zmq.ROUTER),
    ];
    t.use(dealer);
    t.use(router);
    await dealer.bind("tcp://127.0.0.1:*");
    router.connect(dealer.lastEndpoint!, { routingId: "them" });
    assert(router.trySend(["them", "hello"]));
    assertEquals(await dealer.poll(zmq.POLLIN, { timeout: 3000 }), zmq.POLLIN);
    assertEquals(text(dealer.tryReceive()), ["hello"]);
  },
);

test(
  "CURVE of libzmq and of the engine interoperate",
  async (t, { createSocket }) => {
    const keys = [zmq.curveKeyPair(), zmq.curveKeyPair()];
    const pull = t.use(createSocket(zmq.PULL, {
      curveServer: true,
      curveSecretKey: keys[0]!.secretKey,
    }));
    await pull.bind("tcp://127.0.0.1:*");
    const push = t.use(
      new zmq.Push({
        curveServerKey: keys[0]!.publicKey,
        curvePublicKey: keys[1]!.publicKey,
        curveSecretKey: keys[1]!.secretKey,
      }),
    );
    push.connect(pull.lastEndpoint!);
    await push.send("a secret");
    assertEquals(await pull.poll(zmq.POLLIN, { timeout: 5000 }), zmq.POLLIN);
    assertEquals(text(pull.tryReceive()), ["a secret"]);
  },
);

test(
  "a closed socket no longer has an address, and refuses everything",
  async (t, { createSocket }) => {
    const folder = await t.tempDir();
    for (const address of ["tcp://127.0.0.1:*", `ipc://${folder}/s`]) {
      const socket = t.use(createSocket(zmq.PULL));
      await socket.bind(address);
      const endpoint = socket.lastEndpoint!;
      const waiting = socket.poll(zmq.POLLIN);
      const closed = socket.close();
      assert(socket.closed);
      const error = await assertRejects(() => waiting, zmq.ZmqError);
      assertEquals(error.code, "EBADF");
      await closed;
      assertStrictEquals(socket.close(), socket.close());
      const calls = [
        () => socket.connect(endpoint),
        () => socket.tryReceive(),
        () => socket.setOption("linger", 0),
      ];
      for (const call of calls) {
        assertEquals(assertThrows(call, zmq.ZmqError).code, "EBADF");
      }
      await t.use(new zmq.Pull()).bind(endpoint); // at once, without a retry
    }
  },
);

test(
  "a manager has sockets of both kinds, which exchange messages",
  async (t, { version }) => {
    assert(version.startsWith("4."));
    const libzmq = t.use(new SocketManager({ zmq: native! }));
    const engine = t.use(new SocketManager());
    const server = await libzmq.ensureAndBind(
      "s",
      zmq.REP,
      "tcp://127.0.0.1:*",
    );
    await engine.ensureAndConnect("c", zmq.REQ, server.lastEndpoint!);
    const asked = engine.request("c", "ping", { timeout: 3000 });
    assertEquals(await libzmq.recvSafe("s"), "ping");
    await libzmq.sendSafe("s", "pong");
    assertEquals(await asked, "pong");
  },
);
