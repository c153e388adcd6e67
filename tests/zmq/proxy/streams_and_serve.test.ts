// Sockets as Web streams, and requests answered by a function.
import { assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";

const texts = (message: zmq.Message) => message.map(String);

test("a readable stream takes no more than it is asked for, and loses nothing when cancelled", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  await push.bind("inproc://readable");
  pull.connect("inproc://readable");
  for (const text of ["1", "2", "3"]) await push.send(text);
  const reader = zmq.toReadableStream(pull).getReader();
  assertEquals(texts((await reader.read()).value!), ["1"]);
  await reader.cancel();
  const rest: string[] = [];
  for (let m = pull.tryReceive(); m; m = pull.tryReceive()) {
    rest.push(...texts(m));
  }
  assertEquals(rest.at(-1), "3");
  assertEquals(pull.closed, false);
});

test("a readable stream ends when its socket is closed", async () => {
  const pull = new zmq.Pull();
  const reading = zmq.toReadableStream(pull).getReader().read();
  await pull.close();
  assertEquals((await reading).done, true);
});

test("a writable stream waits for room, and gives up when aborted", async (t) => {
  const push = t.use(new zmq.Push({ sendHighWaterMark: 1 }));
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 1 }));
  await push.bind("inproc://writable");
  pull.connect("inproc://writable");
  const writer = zmq.toWritableStream(push).getWriter();
  const writes = ["1", "2", "3"].map((text) => writer.write(text));
  for (const text of ["1", "2", "3"]) {
    assertEquals(texts(await pull.receive()), [text]);
  }
  await Promise.all(writes);
  for (let i = 0; i < 2; i++) await writer.write("fills");
  const waiting = assertRejects(() => writer.write("too much"));
  const closed = assertRejects(() => writer.closed);
  await writer.abort(new Error("enough"));
  await Promise.all([waiting, closed]);
  assertEquals(push.closed, false);
});

test("serve answers, survives what the handler throws, and ends with its signal", async (t) => {
  const reply = t.use(new zmq.Reply());
  const request = t.use(new zmq.Request());
  await reply.bind("inproc://serve");
  request.connect("inproc://serve");
  const stop = new AbortController();
  const errors: string[] = [];
  const served = zmq.serve(reply, ([word]) => {
    if (String(word) === "bad") throw new zmq.ReplyError("EBAD", "No good");
    if (String(word) === "bug") throw new Error("inner secret");
    return [`${word}`, "done"];
  }, {
    signal: stop.signal,
    onError: (error) => void errors.push((error as Error).message),
  });
  const ask = async (word: string) => {
    await request.send(word);
    return await request.receive();
  };
  assertEquals(texts(await ask("good")), ["good", "done"]);
  assertEquals(zmq.ReplyError.from(await ask("bad"))?.code, "EBAD");
  const inner = zmq.ReplyError.from(await ask("bug"));
  assertEquals(inner?.code, "EINTERNAL");
  assertEquals(inner?.message.includes("secret"), false);
  assertEquals(texts(await ask("again")), ["again", "done"]);
  assertEquals(errors, ["No good", "inner secret"]);
  stop.abort();
  await served;
});

test("serve on a ROUTER works on several requests at a time", async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind("inproc://many");
  const requests = [1, 2, 3].map(() => t.use(new zmq.Request()));
  let atWork = 0;
  let allAtWork!: () => void;
  const meeting = new Promise<void>((resolve) => allAtWork = resolve);
  const served = zmq.serve(router, async ([name]) => {
    if (++atWork === requests.length) allAtWork();
    await meeting;
    return name!;
  }, { concurrency: 3 });
  for (const [i, request] of requests.entries()) {
    request.connect("inproc://many");
    await request.send(i);
  }
  for (const [i, request] of requests.entries()) {
    assertEquals(texts(await request.receive()), [String(i)]);
  }
  await router.close();
  await served;
});

test("serve refuses a concurrency that cannot be", async (t) => {
  const reply = t.use(new zmq.Reply());
  const error = await assertRejects(
    () => zmq.serve(reply, () => "", { concurrency: 2 }),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EINVAL");
});
