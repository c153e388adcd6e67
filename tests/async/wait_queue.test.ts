/** Tests of the queue of waiting calls. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { KeepAlive } from "../../src/async/keep_alive.ts";
import { WaitQueue } from "../../src/async/wait_queue.ts";
import { SocketWaitErrors } from "../../src/zmq/engine/wait_errors.ts";
import { ZmqError } from "../../src/zmq/errors.ts";
import { turn } from "../support/fake_wire.ts";
import { test } from "../support/harness.ts";

const newQueue = () =>
  new WaitQueue<string, string>(new KeepAlive(), new SocketWaitErrors("wait"));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "resolved",
    (error: ZmqError) => error.code ?? String(error),
  );

test("calls are settled in order, as long as there is something for them", async () => {
  const queue = newQueue();
  const calls = ["a", "b", "c"].map((item) => queue.wait(item, 0, {}));
  let left = 2;
  queue.serve((item) => left-- > 0 ? { value: item.toUpperCase() } : undefined);
  assertEquals(await Promise.all(calls.slice(0, 2)), ["A", "B"]);
  assertEquals(queue.size, 1);
  queue.serve(() => ({ value: "last" }));
  assertEquals(await calls[2], "last");
  await turn();
});

test("an error goes to the call that it is for, and to no other", async () => {
  const queue = newQueue();
  const calls = ["a", "b"].map((item) => queue.wait(item, 0, {}));
  queue.serve((item) => {
    if (item === "a") throw new ZmqError("EHOSTUNREACH", "no");
    return { value: item };
  });
  assertEquals(await codeOf(calls[0]!), "EHOSTUNREACH");
  assertEquals(await calls[1], "b");
  await turn();
});

test("a timeout of 0 does not wait, and the number of calls is limited", async () => {
  const queue = newQueue();
  const first = queue.wait("a", 1, {});
  assertEquals(await codeOf(queue.wait("b", 1, {})), "EAGAIN");
  assertEquals(await codeOf(queue.wait("c", 0, { timeout: 0 })), "EAGAIN");
  assertEquals(queue.size, 1);
  queue.rejectAll(new ZmqError("EBADF", "closed"));
  assertEquals(await codeOf(first), "EBADF");
  await turn();
});

test("an aborted call leaves the queue at once, and takes nothing with it", async () => {
  const queue = newQueue();
  const control = new AbortController();
  const given = queue.wait("given up", 0, { signal: control.signal });
  const waits = queue.wait("waits", 0, {});
  control.abort(new Error("enough"));
  assertEquals(queue.size, 1);
  queue.serve((item) => ({ value: item }));
  await assertRejects(() => given, Error, "enough");
  assertEquals(await waits, "waits");
  await turn();
});

test("a signal that is aborted already rejects without waiting", async () => {
  const queue = newQueue();
  const reason = new Error("before");
  assert(
    await queue.wait("a", 0, { signal: AbortSignal.abort(reason) })
      .catch((error: unknown) => error === reason),
  );
  assertEquals(queue.size, 0);
});

test("a signal aborted after the call was settled changes nothing", async () => {
  const queue = newQueue();
  const control = new AbortController();
  const call = queue.wait("a", 0, { signal: control.signal, timeout: 10_000 });
  queue.serve((item) => ({ value: item }));
  control.abort();
  assertEquals(await call, "a");
  await turn();
});

test("a very long timeout does not end early", async () => {
  // A timer of more than 2^31 - 1 ms fires at once.
  const queue = newQueue();
  const call = queue.wait("a", 0, { timeout: 2 ** 31 });
  const settled = await Promise.race([
    codeOf(call),
    new Promise((resolve) => setTimeout(resolve, 30, "waits")),
  ]);
  queue.serve((item) => ({ value: item }));
  assertEquals(settled, "waits");
  await turn();
});

test("serving from within serving gives each call one value, and loses none", async () => {
  const queue = newQueue();
  const calls = ["a", "b"].map((item) => queue.wait(item, 0, {}));
  const values = ["1", "2", "3"];
  let isInner = false;
  const take = () => {
    const value = values.shift();
    if (!isInner) {
      isInner = true;
      queue.serve(take); // what a peer in the same process may set off
    }
    return value === undefined ? undefined : { value };
  };
  queue.serve(take);
  const got = await Promise.all(calls);
  assertEquals([...got, ...values].sort(), ["1", "2", "3"], "a value was lost");
  await turn();
});

test("a call may wait without keeping the process alive", async () => {
  const keepAlive = new KeepAlive();
  const reasons: number[] = [];
  let count = 0;
  keepAlive.acquire = () => void reasons.push(++count);
  keepAlive.release = () => void reasons.push(--count);
  const queue = new WaitQueue<string, string>(
    keepAlive,
    new SocketWaitErrors("wait"),
  );
  const idle = queue.wait("a", 0, { keepAlive: false });
  assertEquals(reasons, []);
  const calls = ["b", "c"].map((item) => queue.wait(item, 0, {}));
  const other = queue.wait("d", 0, { keepAlive: false });
  assertEquals(reasons, [1]);
  queue.serve((item) => ({ value: item }));
  assertEquals(await Promise.all([idle, ...calls, other]), [..."abcd"]);
  assertEquals(reasons, [1, 0]);
});
