// REQ and REP out of turn: calls wait for their turn, with timeout and signal.
import { assertEquals, assertRejects } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { joined, TCP, texts } from "./pairs.ts";

const soon = <T>(promise: Promise<T>, what: string) =>
  within(promise, 5000, what);
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(() => "done", (error: zmq.ZmqError) => error.code);

interface Pair {
  readonly req: zmq.Request;
  readonly rep: zmq.Reply;
}

async function pair(t: TestContext, address: string): Promise<Pair> {
  const req = t.use(new zmq.Request());
  const rep = t.use(new zmq.Reply());
  await joined(rep, req, address);
  return { req, rep };
}

let names = 0;
for (const over of ["tcp", "inproc"]) {
  const address = () => over === "tcp" ? TCP : `inproc://turns-${names++}`;

  test(`a server may reply later while its loop goes on receiving (${over})`, async (t) => {
    const { req, rep } = await pair(t, address());
    const serving = (async () => {
      for await (const [question] of rep) {
        setTimeout(() => void rep.send(`re ${question}`), 1);
      }
    })();
    for (const question of ["a", "b", "c"]) {
      await req.send(question);
      assertEquals(texts(await req.receive()), [`re ${question}`]);
    }
    await rep.close();
    await serving;
  });

  test(`a client may call receive before send, and send before the reply is there (${over})`, async (t) => {
    const { req, rep } = await pair(t, address());
    const serving = (async () => {
      for await (const [question] of rep) await rep.send(`re ${question}`);
    })();
    const got: string[] = [];
    const reading = (async () => {
      while (got.length < 3) got.push(...texts(await req.receive()));
    })();
    const sending = ["a", "b", "c"].map((question) => req.send(question));
    await soon(Promise.all([reading, ...sending]), "all answers");
    assertEquals(got, ["re a", "re b", "re c"]);
    await rep.close();
    await serving;
  });

  test(`send and receive may be called in any order (${over})`, async (t) => {
    const { req, rep } = await pair(t, address());
    const answers = ["1", "2"].map((answer) => rep.send(answer));
    const questions = [rep.receive(), rep.receive()];
    const received = [req.receive(), req.receive()];
    const sent = ["a", "b"].map((question) => req.send(question));
    await soon(Promise.all([...answers, ...sent]), "all that was sent");
    assertEquals((await Promise.all(questions)).flatMap(texts), ["a", "b"]);
    assertEquals((await Promise.all(received)).flatMap(texts), ["1", "2"]);
  });

  test(`an aborted call out of turn leaves nothing behind (${over})`, async (t) => {
    const { req, rep } = await pair(t, address());
    await req.send("one");
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = req.send("aborted", { signal, timeout: 60_000 });
    assertEquals(await codeOf(req.send("late", { timeout: 2 })), "EFSM");
    controller.abort(new Error("enough"));
    await assertRejects(() => aborted, Error, "enough");
    assertEquals(texts(await rep.receive()), ["one"]);
    assertEquals(await codeOf(rep.receive({ timeout: 2 })), "EFSM");
    await rep.send("re one");
    assertEquals(texts(await req.receive()), ["re one"]);
    await req.send("two");
    assertEquals(texts(await rep.receive()), ["two"]);
  });
}

test("a timeout in turn is EAGAIN, out of turn EFSM, whose message says why", async (t) => {
  const { req, rep } = await pair(t, TCP);
  rep.receiveTimeout = rep.sendTimeout = 2;
  assertEquals(await codeOf(rep.receive()), "EAGAIN");
  await assertRejects(() => rep.send("x"), zmq.ZmqError, "no request has been");
  req.receiveTimeout = req.sendTimeout = 2;
  await assertRejects(() => req.receive(), zmq.ZmqError, "no request has been");
  await req.send("x");
  assertEquals(await codeOf(req.receive()), "EAGAIN");
  await assertRejects(() => req.send("y"), zmq.ZmqError, "has not been");
});

test("with relaxed a request is never out of turn", async (t) => {
  const req = t.use(new zmq.Request({ relaxed: true, correlate: true }));
  const rep = t.use(new zmq.Reply());
  await joined(rep, req);
  for (const question of ["one", "two"]) await req.send(question);
  for (const question of ["one", "two"]) {
    assertEquals(texts(await rep.receive()), [question]);
    await rep.send(`re ${question}`);
  }
  assertEquals(texts(await req.receive()), ["re two"]);
  assertEquals(await codeOf(req.receive({ timeout: 0 })), "EFSM");
});

test("polls respect the turns", async (t) => {
  const { req, rep } = await pair(t, TCP);
  const both = zmq.POLLIN | zmq.POLLOUT;
  assertEquals(await soon(req.poll(both), "the REQ"), zmq.POLLOUT);
  assertEquals(await rep.poll(both, { timeout: 0 }), 0);
  const answering = rep.send("answer");
  const received = rep.poll(both);
  await req.send("question");
  assertEquals(await soon(received, "the REP"), zmq.POLLIN);
  assertEquals(texts(await rep.receive()), ["question"]);
  await soon(answering, "the answer");
  assertEquals(await soon(req.poll(both), "the answer"), zmq.POLLIN);
});

test("close ends calls out of turn with EFSM, and an iteration over them", async () => {
  const req = new zmq.Request();
  const rep = new zmq.Reply();
  const iterating = async (socket: zmq.Request | zmq.Reply) => {
    for await (const _ of socket);
  };
  const calls = [
    req.receive(),
    req.send("to no one"),
    iterating(req),
    rep.receive(),
    rep.send("to no one"),
    iterating(rep),
  ].map(codeOf);
  await Promise.all([req.close(), rep.close()]);
  assertEquals(await Promise.all(calls), [
    "EFSM",
    "EAGAIN",
    "EFSM",
    "EAGAIN",
    "EFSM",
    "done",
  ]);
});
