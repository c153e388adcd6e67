// Calls that wait: their order, timeouts, AbortSignal, iteration, polling.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";
import { joined, TCP, texts } from "./pairs.ts";

const code = async (call: () => Promise<unknown>) =>
  (await assertRejects(call, zmq.ZmqError)).code;

test("receive and send reject with EAGAIN after their timeout", async (t) => {
  const pull = t.use(new zmq.Pull({ receiveTimeout: 5 }));
  const push = t.use(new zmq.Push({ sendTimeout: 5 }));
  assertEquals(await code(() => pull.receive()), "EAGAIN");
  assertEquals(await code(() => push.send("x")), "EAGAIN");
  assertEquals(await code(() => pull.receive({ timeout: 0 })), "EAGAIN");
  assertEquals(await code(() => push.send("x", { timeout: 1 })), "EAGAIN");
});

test("an aborted signal rejects with its reason, before and while waiting", async (t) => {
  const pull = t.use(new zmq.Pull());
  const reason = new Error("enough");
  const early = await assertRejects(() =>
    pull.receive({ signal: AbortSignal.abort(reason) })
  );
  assertStrictEquals(early, reason);
  const controller = new AbortController();
  const waiting = assertRejects(() =>
    pull.receive({ signal: controller.signal })
  );
  controller.abort(reason);
  assertStrictEquals(await waiting, reason);
});

test("concurrent receives are served first in, first out", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(pull, push);
  const calls = [1, 2, 3, 4].map(() => pull.receive());
  for (let i = 1; i <= 4; i++) await push.send(String(i));
  assertEquals((await Promise.all(calls)).map((m) => texts(m)[0]), [
    "1",
    "2",
    "3",
    "4",
  ]);
});

test("concurrent receives end in order, also when one of them yields", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 0 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 0 }));
  await joined(pull, push, "inproc://yielding");
  const sent = Array.from({ length: 20_000 }, (_, i) => String(i));
  const got: string[] = [];
  for (const text of sent.slice(1000)) void push.send(text);
  // More than lie there, so that the last ones have to wait.
  const calls = sent.map(() =>
    pull.receive().then((message) => got.push(texts(message)[0]!))
  );
  for (const text of sent.slice(0, 1000)) void push.send(text);
  await Promise.all(calls);
  assertEquals(got, [...sent.slice(1000), ...sent.slice(0, 1000)]);
});

test("concurrent sends leave in order", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await push.bind(TCP);
  const calls = [1, 2, 3, 4].map((i) => push.send(String(i)));
  pull.connect(push.lastEndpoint!);
  for (let i = 1; i <= 4; i++) {
    assertEquals(texts(await pull.receive()), [String(i)]);
  }
  await Promise.all(calls);
});

test("no message is lost or doubled, whichever receives are aborted", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(pull, push, "inproc://aborts");
  const steps = fc.array(fc.constantFrom("send", "receive", "abort"), {
    maxLength: 60,
  });
  await check(fc.asyncProperty(steps, async (steps) => {
    const got: string[] = [];
    const waiting: AbortController[] = [];
    const calls: Promise<unknown>[] = [];
    let sent = 0;
    for (const step of steps) {
      if (step === "send") await push.send(String(sent++));
      else if (step === "abort") waiting.pop()?.abort();
      else {
        const controller = new AbortController();
        waiting.push(controller);
        calls.push(
          pull.receive({ signal: controller.signal })
            .then((m) => got.push(texts(m)[0]!), () => {}),
        );
      }
    }
    for (const controller of waiting) controller.abort();
    await Promise.all(calls);
    for (let m = pull.tryReceive(); m; m = pull.tryReceive()) {
      got.push(texts(m)[0]!);
    }
    assertEquals(got, Array.from({ length: sent }, (_, i) => String(i)));
  }));
});

test("iteration ends when the socket is closed, also with pending calls", async () => {
  const pull = new zmq.Pull();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const message of pull) seen.push(message.length);
  })();
  await pull.close();
  await reading;
  assertEquals(seen, []);
});

test("pending calls end when the socket is closed, and later ones are EBADF", async () => {
  const pull = new zmq.Pull();
  const waiting = code(() => pull.receive());
  const polling = code(() => pull.poll(zmq.POLLIN));
  const push = new zmq.Push();
  const sending = code(() => push.send("to no one"));
  await Promise.all([pull.close(), push.close()]);
  assertEquals(await waiting, "EAGAIN");
  assertEquals(await sending, "EAGAIN");
  assertEquals(await polling, "EBADF");
  assertEquals(await code(() => push.send("too late")), "EBADF");
  assertEquals(await code(() => pull.receive()), "EBADF");
  assertEquals(await code(() => pull.bind(TCP)), "EBADF");
  await pull.close();
});

test("poll returns what is possible, waits for it, and times out with 0", async (t) => {
  const dealer = t.use(new zmq.Dealer());
  const other = t.use(new zmq.Dealer());
  assertEquals(await dealer.poll(zmq.POLLIN | zmq.POLLOUT, { timeout: 0 }), 0);
  assertEquals(await dealer.poll(zmq.POLLIN, { timeout: 2 }), 0);
  const writable = dealer.poll(zmq.POLLIN | zmq.POLLOUT);
  await joined(dealer, other, "inproc://poll");
  assertEquals(await writable, zmq.POLLOUT);
  const readable = dealer.poll(zmq.POLLIN);
  await other.send("x");
  assertEquals(await readable, zmq.POLLIN);
  assertEquals(
    await dealer.poll(zmq.POLLIN | zmq.POLLOUT),
    zmq.POLLIN | zmq.POLLOUT,
  );
  assert(dealer.readable);
  assertEquals(texts(dealer.tryReceive()!), ["x"]);
  assertEquals(dealer.tryReceive(), undefined);
});

test("checking for a message does not take it", async (t) => {
  const rep = t.use(new zmq.Reply());
  const req = t.use(new zmq.Request());
  await joined(rep, req);
  await req.send("q");
  await rep.poll(zmq.POLLIN);
  assert(rep.readable && rep.readable);
  assertEquals(texts(await rep.receive()), ["q"]);
  await rep.send("a");
  await req.poll(zmq.POLLIN);
  assert(req.readable && req.readable);
  assertEquals(texts(await req.receive()), ["a"]);
});

test("a tight loop of sends and receives does not starve timers", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(pull, push, "inproc://tight");
  let isFired = false;
  const timer = setTimeout(() => isFired = true, 1);
  t.cleanup(() => clearTimeout(timer));
  for (let i = 0; !isFired; i++) {
    assert(i < 5_000_000, "the timer never fired");
    await push.send("x");
    await pull.receive();
  }
});
