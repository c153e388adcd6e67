// Authentication: the list of keys, the callback, the ZAP handler, and what
// happens where neither is set.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext, within } from "../../support/harness.ts";

const TCP = "tcp://127.0.0.1:*";
const user = { plainUsername: "admin", plainPassword: "secret" };
const server = await zmq.curveKeyPair();
const client = await zmq.curveKeyPair();
const curveServer = { curveServer: true, curveSecretKey: server.secretKey };
const curveClient = {
  curveServerKey: server.publicKey,
  curvePublicKey: client.publicKey,
  curveSecretKey: client.secretKey,
};

/** Whether a PUSH with these options gets a message to the PULL, or what refused it. */
async function tries(
  t: TestContext,
  pull: zmq.Pull,
  options: zmq.SocketOptions,
): Promise<"accepted" | number> {
  await pull.bind(TCP);
  const push = t.use(
    new zmq.Push({ ...options, linger: 0, reconnectInterval: 10_000 }),
  );
  const refused = new Promise<number>((resolve) =>
    pull.events.once(
      "handshake:error:auth",
      ({ error }) => resolve(error.status),
    )
  );
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  const received = pull.receive().then(() => "accepted" as const);
  received.catch(() => {}); // the socket closes while it waits
  return await within(Promise.race([received, refused]), 5000, "a decision");
}

// RFC 24.PLAIN.3, 27.ARCH.6
test("PLAIN without an authenticator is refused; CURVE is accepted", async (t) => {
  const plain = t.use(new zmq.Pull({ plainServer: true }));
  assertEquals(await tries(t, plain, user), 400);
  const curve = t.use(new zmq.Pull(curveServer));
  assertEquals(await tries(t, curve, curveClient), "accepted");
});

// RFC 26.INITIATE.7
test("authenticate decides for every mechanism, and sees the peer", async (t) => {
  const seen: zmq.AuthRequest[] = [];
  const authenticate = (request: zmq.AuthRequest) => seen.push(request) > 0;
  for (
    const [ours, theirs] of [
      [{}, {}],
      [{ plainServer: true }, user],
      [curveServer, curveClient],
    ]
  ) {
    const pull = t.use(new zmq.Pull({ ...ours, authenticate }));
    assertEquals(await tries(t, pull, theirs!), "accepted");
  }
  const address = "127.0.0.1";
  assertEquals(seen, [
    { mechanism: "NULL", address },
    { mechanism: "PLAIN", address, username: "admin", password: "secret" },
    { mechanism: "CURVE", address, publicKey: client.publicKey },
  ]);
});

test("authenticate may take its time, and say no; one that throws is status 500", async (t) => {
  for (
    const [authenticate, outcome] of [
      [() => Promise.resolve(true), "accepted"],
      [() => Promise.resolve(false), 400],
      [() => Promise.reject(new Error("no database")), 500],
    ] as const
  ) {
    const pull = t.use(new zmq.Pull({ ...curveServer, authenticate }));
    assertEquals(await tries(t, pull, curveClient), outcome);
  }
});

test("a socket closes while a verdict is pending", async () => {
  let asked!: () => void;
  const isAsked = new Promise<void>((resolve) => asked = resolve);
  const pull = new zmq.Pull({
    authenticate: () => {
      asked();
      return new Promise(() => {});
    },
  });
  await pull.bind(TCP);
  const push = new zmq.Push({ linger: 0 });
  push.connect(pull.lastEndpoint!);
  await isAsked;
  await within(Promise.all([push.close(), pull.close()]), 5000, "close");
});

for (const kind of ["REP", "ROUTER"] as const) {
  // RFC 27.ARCH.2, 27.ARCH.3, 27.ASK.2, 27.ASK.6, 27.ASK.8, 27.ASK.9
  // RFC 27.PLAIN.1, 27.REPLY.4, 27.REPLY.5, 27.SOCKET.1
  test(`a ZAP handler that is a ${kind} is asked, and its status counts`, async (t) => {
    for (const status of [200, 300, 400, 500]) {
      const context = new zmq.Context();
      t.cleanup(() => context.close());
      const handler = kind === "REP"
        ? new zmq.Reply({ context })
        : new zmq.Router({ context });
      await handler.bind("inproc://zeromq.zap.01");
      const asked: string[][] = [];
      const serving = (async () => {
        for await (const frames of handler) {
          const head = kind === "REP" ? [] : frames.splice(0, 2);
          asked.push(frames.map(String));
          const [version, id] = frames;
          await handler.send(
            [...head, version!, id!, String(status), "", "", ""],
          );
        }
      })();
      const pull = new zmq.Pull({
        context,
        plainServer: true,
        zapDomain: "home",
      });
      const outcome = await tries(t, pull, user);
      assertEquals(outcome, status === 200 ? "accepted" : status);
      assertEquals(asked[0], [
        "1.0",
        asked[0]![1]!,
        "home",
        "127.0.0.1",
        "",
        "PLAIN",
        "admin",
        "secret",
      ]);
      await context.close();
      await serving;
    }
  });
}

test("a ZAP handler that goes away without an answer refuses, status 500", async (t) => {
  const context = new zmq.Context();
  t.cleanup(() => context.close());
  const handler = new zmq.Reply({ context });
  await handler.bind("inproc://zeromq.zap.01");
  const pull = new zmq.Pull({ context, ...curveServer });
  const outcome = tries(t, pull, curveClient);
  await handler.receive();
  await handler.close();
  assertEquals(await outcome, 500);
});

// RFC 27.ARCH.6
test("zapEnforceDomain refuses every peer while there is no handler", async (t) => {
  const pull = t.use(
    new zmq.Pull({ zapDomain: "home", zapEnforceDomain: true }),
  );
  assertEquals(await tries(t, pull, {}), 400);
});

// RFC 26.CURVE.5
test("a missing key, and two mechanisms together, are reported at once", async (t) => {
  const pull = t.use(new zmq.Pull({ curveServer: true }));
  const missing = await assertRejects(() => pull.bind(TCP), zmq.ZmqError);
  assertEquals(missing.code, "EINVAL");
  assert(missing.message.includes("curveSecretKey"));
  const both = t.use(new zmq.Push({ ...user, ...curveClient }));
  assertThrows(() => both.connect("tcp://127.0.0.1:1"), zmq.ZmqError);
  const secret = assertThrows(
    () => new zmq.Pull({ curveSecretKey: "my secret" }),
    zmq.ZmqError,
  );
  assert(!secret.message.includes("my secret"));
});
