/** Tests of addresses in the API of zeromq.js 5. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import zmq from "../../../src/zmq/v5/mod.ts";
import { platform, test } from "../../support/harness.ts";
import { called, codeOf, messages, next, socketsOf } from "./sockets.ts";

test("bind emits its event and then calls its callback", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  const seen: unknown[] = [];
  pull.on("bind", (address) => seen.push(address));
  await called((done) =>
    pull.bind("tcp://127.0.0.1:*", (error) => {
      seen.push("callback");
      done(error);
    })
  );
  assertEquals(seen, ["tcp://127.0.0.1:*", "callback"]);
  assertMatch(pull.last_endpoint, /^tcp:\/\/127\.0\.0\.1:\d+$/);
});

test("bindSync knows its port at once, for each form of address", (t) => {
  const socket = socketsOf(t);
  for (
    const address of ["tcp://127.0.0.1:*", "tcp://*:0", "tcp://localhost:*"]
  ) {
    const pull = socket("pull");
    pull.bindSync(address);
    assertMatch(pull.last_endpoint, /^tcp:\/\/[\d.]+:[1-9]\d*$/);
    assertEquals(
      pull.getsockopt(zmq.ZMQ_LAST_ENDPOINT),
      pull.last_endpoint,
    );
  }
});

test("bindSync, then connect and send at once, over tcp, ipc and inproc", async (t) => {
  const socket = socketsOf(t);
  const addresses = ["tcp://127.0.0.1:*", "inproc://at-once"];
  if (platform !== "win32") {
    addresses.push(`ipc://${join(await t.tempDir(), "socket")}`);
  }
  for (const address of addresses) {
    const pull = socket("pull");
    pull.bindSync(address);
    const push = socket("push");
    push.connect(pull.last_endpoint);
    push.send("at once");
    assertEquals(await messages(pull, 1), [["at once"]]);
  }
});

test("bindSync throws on errors, and the socket stays usable", async (t) => {
  const socket = socketsOf(t);
  const first = socket("pull");
  const pull = socket("pull");
  first.bindSync("tcp://127.0.0.1:*");
  const taken = first.last_endpoint;
  // In the same turn, when the system does not know of the first yet.
  assertEquals(codeOf(() => pull.bindSync(taken)), "EADDRINUSE");
  const all = taken.replace("127.0.0.1", "*");
  assertEquals(codeOf(() => pull.bindSync(all)), "EADDRINUSE");
  const push = socket("push");
  push.connect(taken);
  push.send("listens");
  await messages(first, 1);
  assertEquals(codeOf(() => pull.bindSync(taken)), "EADDRINUSE");
  for (
    const [address, code] of [
      ["tcp://192.0.2.1:5555", "EADDRNOTAVAIL"],
      ["tcp://127.0.0.1", "EINVAL"],
      ["tcp://127.0.0.1:70000", "EINVAL"],
      ["nonsense", "EINVAL"],
      ["carrier-pigeon://x", "EPROTONOSUPPORT"],
      [`ipc://${join(await t.tempDir(), "missing", "socket")}`, "ENOENT"],
    ] as const
  ) assertEquals(codeOf(() => pull.bindSync(address)), code, address);
  try {
    pull.bindSync(taken);
  } catch (error) {
    const { message, address, errno } = error as Error & {
      address: string;
      errno: number;
    };
    assertEquals(message, "Address already in use");
    assertEquals(address, taken);
    assert(errno > 0);
  }
  assertEquals(pull.last_endpoint, "");
  pull.bindSync("tcp://127.0.0.1:*");
});

test("two sockets cannot bind one inproc name", (t) => {
  const socket = socketsOf(t);
  socket("pair").bindSync("inproc://one");
  const second = socket("pair");
  assertEquals(codeOf(() => second.bindSync("inproc://one")), "EADDRINUSE");
  second.bindSync("inproc://two");
  assertEquals(codeOf(() => second.bindSync("inproc://two")), "EADDRINUSE");
  second.connect("inproc://one");
  assertEquals(codeOf(() => second.bindSync("inproc://one")), "EADDRINUSE");
  assertEquals(codeOf(() => second.bindSync("inproc://")), "EINVAL");
});

test("an address that cannot be bound: callback, or the event error", async (t) => {
  const socket = socketsOf(t);
  const first = socket("pull");
  first.bindSync("tcp://127.0.0.1:*");
  const pull = socket("pull");
  const error = await called((done) => pull.bind(first.last_endpoint, done));
  assertEquals(error?.message, "Address already in use");
  const reported = called((done) => pull.on("error", done));
  pull.bind("nonsense");
  assertEquals((await reported)?.message, "Invalid argument");
});

test("errors that bindSync cannot detect at once are the event error", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  const reported = called((done) => pull.on("error", done));
  pull.bindSync("tcp://no-such-host.invalid:5555");
  assertEquals((await reported as Error & { code: string }).code, "ENODEV");
});

test("unbind emits its event and then calls its callback, and frees the address", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("tcp://127.0.0.1:*");
  const endpoint = pull.last_endpoint;
  const seen: unknown[] = [];
  pull.on("unbind", (address) => seen.push(address));
  await called((done) =>
    pull.unbind(endpoint, (error) => {
      seen.push("callback");
      done(error);
    })
  );
  assertEquals(seen, [endpoint, "callback"]);
  socket("pull").bindSync(endpoint);
  const missing = await called((done) => pull.unbind(endpoint, done));
  assertEquals(missing?.message, "No such file or directory");
});

test("unbindSync and disconnect end existing addresses, and throw for unknown ones", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  pull.bindSync("tcp://127.0.0.1:*"); // and at once
  const endpoint = pull.last_endpoint;
  const unbound = next(pull, "unbind");
  pull.unbindSync(endpoint);
  assertEquals(await unbound, [endpoint]);
  assertEquals(codeOf(() => pull.unbindSync(endpoint)), "ENOENT");
  assertEquals(codeOf(() => pull.disconnect(endpoint)), "ENOENT");
  const other = socket("pull");
  other.bindSync(endpoint);
  pull.connect(endpoint);
  assertEquals(pull.last_endpoint, endpoint);
  pull.disconnect(endpoint);
  assertEquals(codeOf(() => pull.disconnect(endpoint)), "ENOENT");
  // libzmq has one function for both.
  pull.connect(endpoint);
  pull.unbindSync(endpoint);
  other.disconnect(endpoint);
  assertEquals(codeOf(() => other.unbindSync(endpoint)), "ENOENT");
});

test("close while it binds: the callback is called, nothing is left", async (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  const bound = called((done) => pull.bind("tcp://127.0.0.1:*", done));
  pull.close();
  assert(pull.closed);
  assertEquals(codeOf(() => pull.connect("tcp://127.0.0.1:1")), "EBADF");
  await bound; // it may have come to that before
  const other = socket("pull");
  other.bindSync("tcp://127.0.0.1:*");
  other.close(); // no event is emitted
});

test("malformed addresses, and calls on a closed socket", (t) => {
  const socket = socketsOf(t);
  const pull = socket("pull");
  assertEquals(codeOf(() => pull.connect("nonsense")), "EINVAL");
  assertEquals(codeOf(() => pull.connect("udp://x")), "EPROTONOSUPPORT");
  assertEquals(codeOf(() => pull.connect(5 as unknown as string)), "EINVAL");
  assertEquals(codeOf(() => pull.bind(5 as unknown as string)), "EINVAL");
  pull.close();
  assert(pull.closed);
  pull.close();
  for (
    const call of [
      () => pull.connect("tcp://127.0.0.1:1"),
      () => pull.bind("tcp://127.0.0.1:*"),
      () => pull.bindSync("tcp://127.0.0.1:*"),
      () => pull.unbindSync("tcp://127.0.0.1:1"),
      () => pull.disconnect("tcp://127.0.0.1:1"),
      () => pull.linger,
      () => pull.monitor(),
    ]
  ) assertEquals(codeOf(call), "EBADF");
  pull.pause();
  pull.resume();
  pull.unmonitor();
  pull.unref();
  assertEquals(pull.read(), null);
});
