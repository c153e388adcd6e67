/** Tests of sockets as Web streams: what is read, held back, given up, and how errors travel. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, within } from "../../support/harness.ts";
import { joined, TCP, texts } from "../sockets/pairs.ts";

const soon = <T>(promise: Promise<T>, what: string) =>
  within(promise, 3000, what);

async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("one socket's stream is piped into another's, in order and with backpressure", async (t) => {
  const options = { sendHighWaterMark: 5, receiveHighWaterMark: 5 };
  const { sendHighWaterMark, receiveHighWaterMark } = options;
  const [push, relayOut] = [1, 2].map(() =>
    t.use(new zmq.Push({ sendHighWaterMark }))
  );
  const [relayIn, pull] = [1, 2].map(() =>
    t.use(new zmq.Pull({ receiveHighWaterMark }))
  );
  await joined(relayIn!, push!);
  await joined(relayOut!, pull!);
  const piped = zmq.toReadableStream(relayIn!)
    .pipeTo(zmq.toWritableStream(relayOut!));
  const sending = (async () => {
    for (let i = 0; i < 3000; i++) await push!.send([`${i}`, "body"]);
  })();
  for (let i = 0; i < 3000; i++) {
    assertEquals(texts(await pull!.receive()), [`${i}`, "body"]);
  }
  await sending;
  await relayIn!.close(); // ends the stream
  await soon(piped, "the end of the pipe");
  assertEquals(relayOut!.closed, false);
});

test("a readable stream receives no message before it is read", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 1 }));
  await joined(pull, push, "inproc://demand");
  const reader = zmq.toReadableStream(pull).getReader();
  let sent = 0;
  for (; push.trySend(`${sent}`); sent++) await turns();
  assertEquals(sent, 2);
  assertEquals(texts((await soon(reader.read(), "0")).value!), ["0"]);
  await turns();
  assertEquals(push.trySend("2"), true);
  assertEquals(push.trySend("3"), false);
  await reader.cancel();
  for (const expected of ["1", "2"]) {
    assertEquals(texts(await soon(pull.receive(), expected)), [expected]);
  }
});

test("cancelling a stream ends its pending receive without losing a message", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(pull, push, "inproc://cancel");
  for (let i = 0; i < 50; i++) {
    const reader = zmq.toReadableStream(pull).getReader();
    const reading = reader.read();
    await turns(2); // it waits for a message
    // The message and the cancellation meet, in either order.
    if (i % 2 === 0) await push.send(`${i}`);
    const cancelled = reader.cancel("enough");
    if (i % 2 === 1) await push.send(`${i}`);
    await cancelled;
    const { value, done } = await soon(reading, "the read to end");
    const got = done ? await soon(pull.receive(), "the message") : value!;
    assertEquals(texts(got), [`${i}`]);
    assertEquals(pull.closed, false);
  }
});

test("leaving a loop over a stream leaves the rest in the socket", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await joined(pull, push);
  for (let i = 0; i < 10; i++) await push.send(`${i}`);
  const seen: string[] = [];
  for (let i = 0; i < 5; i++) {
    for await (const message of zmq.toReadableStream(pull)) {
      seen.push(...texts(message));
      if (seen.length % 2 === 0) break;
    }
  }
  assertEquals(seen, Array.from({ length: 10 }, (_, i) => `${i}`));
});

test("a readable stream ends when its socket is closed, waiting or not", async (t) => {
  for (const isWaiting of [true, false]) {
    const pull = t.use(new zmq.Pull());
    const reader = zmq.toReadableStream(pull).getReader();
    const reading = isWaiting ? reader.read() : undefined;
    await pull.close();
    assertEquals((await soon(reading ?? reader.read(), "the end")).done, true);
    await reader.closed;
  }
});

test("receiveTimeout and sendTimeout do not end streams", async (t) => {
  const push = t.use(new zmq.Push({ sendTimeout: 0 }));
  const pull = t.use(new zmq.Pull({ receiveTimeout: 0 }));
  const reading = zmq.toReadableStream(pull).getReader().read();
  const writing = zmq.toWritableStream(push).getWriter().write("late");
  await turns();
  await joined(pull, push);
  await soon(writing, "the write");
  assertEquals(texts((await soon(reading, "the read")).value!), ["late"]);
});

test("a reader in a tight loop does not starve timers", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 0 }));
  const pull = t.use(new zmq.Pull());
  await joined(pull, push, "inproc://tight");
  for (let i = 0; i < 6000; i++) await push.send("x");
  let read = 0;
  const atTimer = new Promise<void>((resolve) => setTimeout(resolve, 0))
    .then(() => read);
  const reader = zmq.toReadableStream(pull).getReader();
  for (; read < 6000; read++) await reader.read();
  assert(await atTimer < 6000, "the timer had to wait for the loop");
  await reader.cancel();
});

test("a write waits for room, and resolves then", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const writer = zmq.toWritableStream(push).getWriter();
  const writing = writer.write("1");
  await turns();
  assertEquals(writer.desiredSize, 0);
  const pull = t.use(new zmq.Pull());
  await joined(pull, push);
  await soon(writing, "the write");
  assertEquals(writer.desiredSize, 1);
  assertEquals(texts(await pull.receive()), ["1"]);
  await writer.close();
  assertEquals(push.closed, false);
});

test("aborting cancels the pending write: its message is not sent", async (t) => {
  const push = t.use(new zmq.Push());
  const writer = zmq.toWritableStream(push).getWriter();
  writer.closed.catch(() => {});
  const reason = new Error("enough");
  const refused = [writer.write("never"), writer.write("nor this")].map((
    writing,
  ) => assertRejects(() => writing, Error, "enough"));
  await turns();
  await soon(writer.abort(reason), "the abort");
  await Promise.all(refused);
  const pull = t.use(new zmq.Pull());
  await joined(pull, push);
  await push.send("this");
  assertEquals(texts(await pull.receive()), ["this"]);
  assertEquals(pull.readable, false);
});

test("an error of send is the writable stream's error", async (t) => {
  const router = t.use(new zmq.Router({ mandatory: true }));
  const closed = t.use(new zmq.Push());
  await closed.close();
  for (
    const [socket, code] of [
      [router, "EHOSTUNREACH"],
      [closed, "EBADF"],
    ] as const
  ) {
    const source = new ReadableStream<string[]>({
      start: (controller) => controller.enqueue(["unknown", "x"]),
    });
    const error = await assertRejects(
      () => soon(source.pipeTo(zmq.toWritableStream(socket)), "the error"),
      zmq.ZmqError,
    );
    assertEquals(error.code, code);
  }
});

test("the two streams of a REP take turns, as the socket does", async (t) => {
  const reply = t.use(new zmq.Reply());
  await reply.bind(TCP);
  const serving = zmq.toReadableStream(reply)
    .pipeThrough(
      new TransformStream<zmq.Message, string>({
        transform: ([question], controller) =>
          controller.enqueue(`${question}!`),
      }),
    )
    .pipeTo(zmq.toWritableStream(reply));
  const request = t.use(new zmq.Request());
  request.connect(reply.lastEndpoint!);
  for (let i = 0; i < 20; i++) {
    await request.send(`${i}`);
    const answer = await soon(request.receive(), "the answer");
    assertEquals(texts(answer), [`${i}!`]);
  }
  await reply.close();
  await soon(serving, "the end");
});
