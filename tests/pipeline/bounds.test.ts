/** Integration: what is too large is refused by the header of its frame; others go on. */
import { zmq } from "@agentzero/agentzero";
import { assert, assertEquals } from "@std/assert";
import { defineStep } from "@agentzero/agentzero/pipeline";
import {
  deferred,
  test,
  type TestContext,
  within,
} from "../support/harness.ts";
import {
  allAddresses,
  ANNOUNCED,
  clientOf,
  codeOf,
  LISTENING,
  open,
  run,
  seen,
} from "./support/pipelines.ts";

const TOO_LARGE = "ERR_PIPELINE_TOO_LARGE";
const MIB = 1024 * 1024;
const maxPayloadBytes = 1000;
const echo = defineStep("echo", (value: unknown) => value);

/** Lists in each other, so many. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

/** Resolves when a peer has been disconnected. */
function cut(socket: zmq.Socket): Promise<void> {
  const { promise, resolve } = deferred<void>();
  socket.events.once("disconnect", () => resolve());
  return within(promise, 8000, "the end of the connection");
}

async function connected<S extends zmq.Socket>(
  t: TestContext,
  socket: S,
  address: string,
): Promise<S> {
  t.use(socket);
  const { promise, resolve } = deferred<void>();
  socket.events.once("handshake", () => resolve());
  socket.connect(address);
  await within(promise, 8000, "a connection");
  return socket;
}

test("each socket of a pipeline refuses larger messages than its limit, and ends only that connection", async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [echo],
    maxPayloadBytes,
  }, ANNOUNCED);
  await run(t, echo, requests);
  const { results, events, feed } = allAddresses(pipeline);
  t.cleanup(pipeline.watch(() => {}));
  const options = { linger: 0, sendHighWaterMark: 0 };

  const asking = await connected(t, new zmq.Dealer(options), requests);
  const saying = await connected(t, new zmq.Push(options), results);
  const telling = await connected(t, new zmq.XPublisher(options), events);
  const watching = await connected(t, new zmq.Subscriber(options), feed);
  await within(telling.receive(), 8000, "its subscription");
  await within(telling.receive(), 8000, "its subscription");

  const large = new Uint8Array(2 * MIB);
  const ends = [cut(asking), cut(saying), cut(telling), cut(watching)];
  await asking.send(["", large]);
  await saying.send(large);
  await telling.send(["logs:echo:20", large]);
  watching.subscribe(new Uint8Array(70_000));
  await Promise.all(ends);
  const client = clientOf(t, requests);
  assertEquals(await client.result(await client.submit(echo, "here")), "here");
});

test("a client learns that what it submits is too large, however large it is", async (t) => {
  const { requests } = await open(t, { steps: [echo], maxPayloadBytes });
  const client = clientOf(t, requests);
  for (const length of [1000, 100_000, 2 * MIB]) {
    assertEquals(
      await codeOf(client.submit(echo, "x".repeat(length))),
      TOO_LARGE,
    );
  }
});

test("a worker refuses larger messages than its pipeline sends", async (t) => {
  const { requests } = await open(t, { steps: [echo], maxPayloadBytes });
  const worker = await run(t, echo, requests, LISTENING);
  const stranger = await connected(
    t,
    new zmq.Push({ linger: 0 }),
    worker.address!,
  );
  const end = cut(stranger);
  await stranger.send(new Uint8Array(2 * MIB));
  await end;
  const client = clientOf(t, requests);
  assertEquals(await client.result(await client.submit(echo, 1)), 1);
});

test("payloads that are nested too deep are refused in both directions", async (t) => {
  const dig = defineStep("dig", (depth: number) => nested(depth));
  const { pipeline, requests, errors } = await open(t, { steps: [dig] });
  await run(t, dig, requests);
  const client = clientOf(t, requests);
  assertEquals(await client.result(await client.submit(dig, 500)), nested(500));
  const failing = client.result(await client.submit(dig, 501));
  assertEquals(await codeOf(failing), "ERR_PIPELINE_FAILED");
  const [job] = await client.jobs({ states: ["dead"] });
  assertEquals([job?.error?.code, job?.attempt], [TOO_LARGE, 1]);
  const what = dig as never;
  for (const depth of [501, 5000]) {
    assertEquals(await codeOf(client.submit(what, nested(depth))), TOO_LARGE);
    assertEquals(await codeOf(pipeline.submit(what, nested(depth))), TOO_LARGE);
  }
  assertEquals(errors, []);
});

test("an unreadable request is answered under its own id", async (t) => {
  const { requests } = await open(t, { steps: [echo] });
  const asking = await connected(t, new zmq.Dealer({ linger: 0 }), requests);
  const deep = "[".repeat(1500) + "]".repeat(1500);
  await asking.send([
    "",
    `{"type":"submit","job_type":"echo","request_id":7,"payload":${deep}}`,
  ]);
  const [, bytes] = await within(asking.receive(), 8000, "an answer");
  const { status, code, request_id } = JSON.parse(String(bytes));
  assertEquals([status, code, request_id], [400, TOO_LARGE, 7]);
});

test("a log record that is too large is replaced by a note, and the connection stays", async (t) => {
  const chatty = defineStep("chatty", (length: number, { log }) => {
    log.info("x".repeat(length));
    return length;
  });
  const { pipeline, requests } = await open(t, { steps: [chatty] });
  const worker = await run(t, chatty, requests);
  const record = seen(t, pipeline, "logs:chatty:20");
  let isSeen = false;
  void record.then(() => isSeen = true);
  // Its first ones may be lost: no one has subscribed yet.
  while (!isSeen) {
    await pipeline.result(await pipeline.submit(chatty, 2 * MIB));
  }
  const { msg, worker: who } = (await record).data as Record<string, string>;
  assert(msg!.includes("was not sent"), msg!.slice(0, 100));
  assertEquals(who, worker.id);
});
