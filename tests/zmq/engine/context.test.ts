// The options of a context: what its sockets begin with, and what it limits.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { texts } from "../sockets/pairs.ts";

test("a context has the names and numbers of libzmq", (t) => {
  const context = t.use(new zmq.Context({ maxSockets: 7, ipv6: true }));
  assertEquals([context.maxSockets, context.getOption(2)], [7, 7]);
  assertEquals([context.ipv6, context.getOption(42)], [true, true]);
  assertEquals([context.blocky, context.maxMessageSize], [true, -1]);
  assertEquals([context.maxSocketsLimit, context.getOption(3)], [
    65_535,
    65_535,
  ]);
  context.setOption(70, 0);
  assertEquals(context.blocky, false);
});

for (
  const [name, value, code] of [
    ["maxSockets", 0, "EINVAL"],
    ["maxSockets", 65_536, "EINVAL"],
    ["maxSockets", null, "EINVAL"],
    ["maxMessageSize", -2, "EINVAL"],
    ["ipv6", "yes", "EINVAL"],
    ["maxSocketsLimit", 5, "EINVAL"],
    ["nonsense", 5, "EINVAL"],
    [99, 5, "EINVAL"],
    ["ioThreads", -1, "EINVAL"],
    ["threadPriority", 1, "ENOTSUP"],
    ["threadSchedulingPolicy", 1, "ENOTSUP"],
    [7, 1, "ENOTSUP"],
  ] as const
) {
  test(`the option ${name} of a context cannot be ${value}`, (t) => {
    const context = t.use(new zmq.Context());
    const refuse = (fn: () => unknown) =>
      assertEquals(assertThrows(fn, zmq.ZmqError).code, code);
    refuse(() => context.setOption(name, value));
    if (typeof name !== "string") return;
    refuse(() => new zmq.Context({ [name]: value }));
    if (name === "nonsense") return;
    refuse(() => (context as unknown as Record<string, unknown>)[name] = value);
  });
}

test("new sockets take ipv6 and linger from their context", (t) => {
  const context = t.use(new zmq.Context());
  const before = t.use(new zmq.Push({ context }));
  context.ipv6 = true;
  context.blocky = false;
  const after = t.use(new zmq.Push({ context }));
  const configured = t.use(new zmq.Push({ context, ipv6: false, linger: 5 }));
  assertEquals(
    [before, after, configured].map(({ ipv6, linger }) => [ipv6, linger]),
    [[false, -1], [true, 0], [false, 5]],
  );
});

test("maxSockets counts from when it is set", (t) => {
  const context = t.use(new zmq.Context());
  for (let i = 0; i < 3; i++) new zmq.Push({ context });
  context.maxSockets = 2;
  assertEquals(
    assertThrows(() => new zmq.Push({ context }), zmq.ZmqError).code,
    "EMFILE",
  );
  context.maxSockets = 4;
  new zmq.Push({ context });
  assertEquals(context.size, 4);
});

test("no socket of a context sends more than maxMessageSize, over all frames", async (t) => {
  const context = t.use(new zmq.Context({ maxMessageSize: 4 }));
  const pair = new zmq.Pair({ context });
  const other = new zmq.Pair({ context });
  await other.bind("inproc://limited");
  pair.connect("inproc://limited");
  for (const message of ["12345", ["12", "345"], new Uint8Array(5)]) {
    const error = await assertRejects(() => pair.send(message), zmq.ZmqError);
    assertEquals(error.code, "EMSGSIZE");
    assertThrows(() => pair.trySend(message), zmq.ZmqError);
  }
  await pair.send(["12", "34"]);
  assertEquals(texts(await other.receive()), ["12", "34"]);
  context.maxMessageSize = -1;
  await pair.send("12345");
  assertEquals(texts(await other.receive()), ["12345"]);
});

test("the number of I/O threads has no effect, and keeps its value", (t) => {
  const context = t.use(new zmq.Context({ ioThreads: 4 }));
  assertEquals(context.ioThreads, 4);
  context.ioThreads = 2;
  assertEquals(context.getOption(1), 2);
});
