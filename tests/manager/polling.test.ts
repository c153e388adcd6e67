/** Tests waiting for sockets: engage, ready, waitUntilReady, registerSocket. */
import { SocketNotFound, zmq } from "@agentzero/agentzero";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import process from "node:process";
import { test, within } from "../support/harness.ts";
import {
  inproc,
  managerFor,
  msOf,
  pipeline,
  service,
  turn,
} from "./fixtures.ts";
import { foreignSocket } from "./module.ts";

test("register_socket: a second mask is added to the first", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  sockets.unregisterSocket("client");
  sockets.unregisterSocket("server");
  const client = sockets.registerSocket("client", zmq.POLLIN);
  assertStrictEquals(client, sockets.getByName("client"));
  assertEquals((await sockets.engage({ timeout: 0 })).size, 0);
  sockets.registerSocket(client, zmq.POLLOUT);
  assertEquals([...await sockets.engage()], [[client, zmq.POLLOUT]]);
  await sockets.sendSafe("client", 1);
  await sockets.recvSafe("server");
  await sockets.sendSafe("server", 2);
  assertEquals([...await sockets.engage()], [[client, zmq.POLLIN]]);
});

test("register_socket: takes sockets that the manager did not create", async (t) => {
  const sockets = managerFor(t);
  const foreign = foreignSocket(t, zmq.PULL);
  const address = inproc();
  await foreign.bind(address);
  assertStrictEquals(sockets.registerSocket(foreign), foreign);
  await sockets.ensureAndConnect("out", zmq.PUSH, address, zmq.POLLOUT);
  sockets.unregisterSocket("out");
  await sockets.sendSafe("out", 1);
  assertEquals([...await sockets.engage()], [[foreign, zmq.POLLIN]]);
  sockets.unregisterSocket(foreign);
  assertEquals((await sockets.engage({ timeout: 0 })).size, 0);
  await sockets.closeAll();
  assert(!foreign.closed, "what is not the manager's is left open");
});

test("register_socket: an unknown name or mask is an error", (t) => {
  const sockets = managerFor(t);
  const socket = sockets.create("a", zmq.PAIR);
  assertThrows(() => sockets.registerSocket("b", zmq.POLLIN), SocketNotFound);
  for (const mask of [0, 4, -1, 1.5, NaN]) {
    assertThrows(() => sockets.registerSocket(socket, mask), RangeError);
  }
});

test("engage: returns every ready socket with its mask", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  await service(sockets);
  await sockets.sendSafe("out", 1);
  const ready = await sockets.engage();
  assertEquals([...ready.entries()], [
    [sockets.getByName("in"), zmq.POLLIN],
    [sockets.getByName("out"), zmq.POLLOUT],
    [sockets.getByName("client"), zmq.POLLOUT],
  ]);
});

test("engage: a timeout of 0 does not wait", async (t) => {
  const sockets = managerFor(t);
  assertEquals((await sockets.engage({ timeout: 0 })).size, 0);
  sockets.getOrCreate("a", zmq.PULL);
  const ms = await msOf(() => sockets.engage({ timeout: 0 }));
  assert(ms < 1000, `${ms} ms`);
});

test("engage: waits for its timeout, and no longer", async (t) => {
  const sockets = managerFor(t, { pollingTimeout: 50 });
  sockets.getOrCreate("a", zmq.PULL);
  for (const options of [{}, { timeout: 30 }]) {
    const ms = await msOf(async () => {
      assertEquals((await sockets.engage(options)).size, 0);
    });
    assert(ms >= 29 && ms < 1000, `${ms} ms`);
  }
});

test("engage: ends its wait when one of many sockets becomes ready", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  sockets.unregisterSocket("out");
  for (let i = 0; i < 20; i++) sockets.getOrCreate(`idle-${i}`, zmq.PULL);
  const engaged = sockets.engage({ timeout: -1 });
  await turn();
  await sockets.sendSafe("out", 1);
  const ready = await within(engaged, 2000, "the ready socket");
  assertEquals([...ready], [[sockets.getByName("in"), zmq.POLLIN]]);
});

test("engage: leaves nothing behind on the sockets that were not ready", async (t) => {
  const sockets = managerFor(t);
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  t.cleanup(() => process.off("warning", onWarning));
  let waiting = 0;
  const { signal } = new AbortController();
  for (let i = 0; i < 15; i++) {
    const socket = sockets.getOrCreate(`idle-${i}`, zmq.PULL);
    const poll = socket.poll.bind(socket);
    socket.poll = (events, options) => {
      if (options?.timeout !== 0) waiting++;
      return poll(events, options).finally(() => {
        if (options?.timeout !== 0) waiting--;
      });
    };
  }
  for (let i = 0; i < 15; i++) await sockets.engage({ timeout: 1, signal });
  await turn();
  assertEquals(waiting, 0);
  assertEquals(warnings, []);
});

test("engage: notices a socket that is registered, or made ready, while it waits", async (t) => {
  const sockets = managerFor(t);
  const engaged = sockets.engage({ timeout: -1 });
  await turn();
  const socket = sockets.getOrCreate("late", zmq.PUB, zmq.POLLOUT);
  assertEquals([...await within(engaged, 2000, "the late socket")], [
    [socket, zmq.POLLOUT],
  ]);
});

test("engage: goes on when a socket is closed, and ends with the last one", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  sockets.unregisterSocket("out");
  sockets.getOrCreate("other", zmq.PULL);
  const foreign = sockets.registerSocket(foreignSocket(t, zmq.PULL));
  let engaged = sockets.engage({ timeout: -1 });
  await turn();
  await Promise.all([sockets.close("other"), foreign.close()]);
  await sockets.sendSafe("out", 1);
  assertEquals((await within(engaged, 2000, "the message")).size, 1);
  await sockets.recvSafe("in");
  engaged = sockets.engage({ timeout: -1 });
  await turn();
  await sockets.close("in");
  assertEquals((await within(engaged, 2000, "the end")).size, 0);
});

test("engage: an aborted signal rejects with its reason", async (t) => {
  const sockets = managerFor(t);
  sockets.getOrCreate("a", zmq.PULL);
  const reason = new Error("enough");
  const controller = new AbortController();
  const engaged = sockets.engage({ timeout: -1, signal: controller.signal });
  await turn();
  controller.abort(reason);
  for (const promise of [engaged, sockets.engage(controller)]) {
    assertStrictEquals(await assertRejects(() => promise), reason);
  }
});

test("ready: returns everything that a socket is ready for", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndBind("a", zmq.PAIR, address);
  await sockets.ensureAndConnect("b", zmq.PAIR, address);
  await sockets.sendSafe("a", 1);
  const both = zmq.POLLIN | zmq.POLLOUT;
  // Python compares with ==, so that this was never ready for one of both.
  assertEquals(await sockets.ready("b", both), both);
  assertEquals(await sockets.ready("b", zmq.POLLIN), zmq.POLLIN);
  assertEquals(await sockets.ready("b", zmq.POLLOUT), zmq.POLLOUT);
  assertEquals(await sockets.ready("b"), both);
  assertEquals(await sockets.ready("a", both, { timeout: 0 }), zmq.POLLOUT);
  assertEquals(await sockets.ready("a", zmq.POLLIN, { timeout: 1 }), 0);
});

test("ready: the socket need not be registered", async (t) => {
  const sockets = managerFor(t);
  sockets.create("a", zmq.PUB);
  assertEquals(await sockets.ready("a", zmq.POLLOUT), zmq.POLLOUT);
  await assertRejects(() => sockets.ready("b"), SocketNotFound);
});

test("wait_until_ready: returns the socket as soon as it is ready", async (t) => {
  const sockets = managerFor(t, { timeout: -1 });
  await pipeline(sockets);
  const waiting = sockets.waitUntilReady("in", zmq.POLLIN);
  await turn();
  await sockets.sendSafe("out", 1);
  assertStrictEquals(
    await within(waiting, 2000, "the socket"),
    sockets.getByName("in"),
  );
  assertEquals(await sockets.recvSafe("in"), 1, "no message was taken");
});

test("wait_until_ready: the timeout is in milliseconds, and is observed", async (t) => {
  const sockets = managerFor(t, { timeout: 40 });
  await pipeline(sockets);
  for (
    const [options, atLeastMs] of [[{ timeout: 20 }, 19], [{}, 39]] as const
  ) {
    const ms = await msOf(async () => {
      const socket = await sockets.waitUntilReady("in", zmq.POLLIN, options);
      assertEquals(socket, undefined);
    });
    assert(ms >= atLeastMs && ms < 1000, `${ms} ms`);
  }
});

test("wait_until_ready: another socket that is ready does not keep the processor busy", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets); // "out" is registered, and ready all the time
  const socket = sockets.getByName("out");
  let polls = 0;
  const poll = socket.poll.bind(socket);
  socket.poll = (events, options) => (polls++, poll(events, options));
  const before = process.cpuUsage();
  await sockets.waitUntilReady("in", zmq.POLLIN, { timeout: 300 });
  const { user, system } = process.cpuUsage(before);
  assertEquals(polls, 0);
  assert(user + system < 200_000, `${(user + system) / 1000} ms of CPU`);
});

test("wait_until_ready: aborting, wrong names and wrong times are errors", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const controller = new AbortController();
  const waiting = sockets.waitUntilReady("in", zmq.POLLIN, controller);
  await turn();
  const reason = new Error("enough");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => waiting), reason);
  await assertRejects(() => sockets.waitUntilReady("x"), SocketNotFound);
  for (const timeout of [NaN, -2, "1" as unknown as number]) {
    await assertRejects(
      () => sockets.waitUntilReady("in", zmq.POLLIN, { timeout }),
      RangeError,
      "The timeout cannot be",
    );
  }
});
