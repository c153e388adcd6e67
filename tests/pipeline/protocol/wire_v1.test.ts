/**
 * Over real sockets: clients and workers of the first release of the wire's
 * version 1 with today's pipeline, and today's with a pipeline of that time.
 */
import { assert, assertEquals } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import {
  defineStep,
  flow,
  Pipeline,
  PipelineClient,
} from "@agentzero/agentzero/pipeline";
import { dashboard } from "@agentzero/agentzero/pipeline/http";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { allAddresses, ANNOUNCED } from "../support/pipelines.ts";
import {
  CLIENT,
  FEED,
  type Fields,
  HTTP,
  requireMembers,
  WORKER,
} from "./wire_v1.ts";

const TOKEN = "a-token-that-is-long-enough";

/** The steps that the recorded pipeline had. */
const double = defineStep("double", (n: number, context) => {
  context.log.info("doubling %d", n);
  context.metric("size", n);
  context.progress(0.5);
  if (n < 0) throw new RangeError("negative");
  return 2 * n;
}, { retry: { attempts: 1 } });
const show = defineStep("show", (n: number) => ({ text: `it is ${n}` }));

/** The recorded pipeline, as today's code has it. */
async function today(t: TestContext) {
  const pipeline = t.use(
    new Pipeline({
      name: "recorded",
      flows: [flow(double).to(show), flow(show)],
      schedules: [{
        id: "declared",
        flow: "show",
        cron: "0 0 1 1 *",
        timezone: "UTC",
        instructions: [7],
      }],
    }),
  );
  await pipeline.listen(ANNOUNCED);
  return { pipeline, addresses: allAddresses(pipeline) };
}

/** A socket that asks as the old client did. */
function asker(t: TestContext, requests: string) {
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  dealer.connect(requests);
  return async (request: Fields): Promise<Fields> => {
    await dealer.send(["", JSON.stringify(request)]);
    const reply = await within(dealer.receive(), 5000, String(request.type));
    return JSON.parse(String(reply.at(-1)));
  };
}

test(
  "an old client's session, its feed and its calls over HTTP get the same answers as before",
  {
    timeoutMs: 30_000,
  },
  async (t) => {
    const { pipeline, addresses } = await today(t);
    const seen: { topic: string; data: Fields }[] = [];
    const sub = t.use(new zmq.Subscriber());
    sub.connect(addresses.feed);
    sub.subscribe("");
    const watching = (async () => {
      for await (const [topic, data] of sub) {
        seen.push({ topic: String(topic), data: JSON.parse(String(data)) });
      }
    })();
    t.cleanup(async () => {
      await sub.close();
      await watching;
    });
    const { requests } = addresses;
    t.use(await double.run({ pipeline: requests, concurrency: 2 }));
    const shower = t.use(await show.run({ pipeline: requests }));
    await eventually(() => seen.length > 1, 5000, "the feed");

    const ask = asker(t, requests);
    const replay = async ({ request, answer }: (typeof CLIENT)[number]) =>
      requireMembers(answer, await ask(request), JSON.stringify(request));
    const rest = CLIENT.slice(-2); // they came after the calls over HTTP
    for (const call of CLIENT.slice(0, -2)) await replay(call);
    const handler = t.use(dashboard(pipeline, { token: TOKEN }));
    for (const { method, path: recorded, status, body } of HTTP) {
      const path = recorded.replace(/(?<=workers\/)[^/]+/, shower.id);
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await handler(
        new Request(`http://127.0.0.1${path}`, { method, headers }),
      );
      assertEquals(response.status, status, path);
      requireMembers(body, await response.json(), `${method} ${path}`);
    }
    for (const call of rest) await replay(call);

    for (const { topic, data } of FEED) {
      const isSame = (one: (typeof seen)[number]) =>
        one.topic === topic && one.data.type === data.type;
      await eventually(() => seen.some(isSame), 5000, topic);
      const { v: _, ...members } = data; // of a worker, which may be a newer one
      requireMembers(members, seen.find(isSame)!.data, topic);
    }
  },
);

test("an old worker does its jobs for the current pipeline", async (t) => {
  const { pipeline, addresses } = await today(t);
  const pull = t.use(new zmq.Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const push = t.use(new zmq.Push({ linger: 0 }));
  push.connect(addresses.results);
  const ask = asker(t, addresses.requests);
  const next = async (type: string): Promise<Fields> => {
    for (;;) {
      const [bytes] = await within(pull.receive(), 5000, type);
      const message = JSON.parse(String(bytes));
      if (message.type === type) return message;
    }
  };
  // Until the first result of the second job: what follows repeats it.
  const until = WORKER.findIndex(({ message }) =>
    message.id === "bad" && message.type === "failed"
  );
  for (const { from, to, message } of WORKER.slice(0, until + 2)) {
    const address = pull.lastEndpoint!;
    const said = "address" in message ? { ...message, address } : message;
    if (to === "requests") {
      assertEquals((await ask(said)).status, 200);
    } else if (to === "results") {
      await push.send(JSON.stringify(said));
    } else if (from === "pipeline") {
      if (message.id === "first") await submitAsRecorded(ask, "first");
      if (message.id === "bad" && message.type === "job") {
        await submitAsRecorded(ask, "bad");
      }
      const said = await next(message.type as string);
      requireMembers(message, said, `${to}`);
      assert(!("payload" in said), "a payload travels once");
    }
  }
  assertEquals(
    (await pipeline.operations.status("first")).jobs[0]!.result,
    "42",
  );
  assertEquals((await pipeline.operations.status("bad")).flow.state, "failed");
  assertEquals(await ask({ type: "drain", of: "double" }), {
    status: 200,
    count: 1,
  });
  await next("drain");
  const { message: leave } = WORKER.at(-1)!;
  await push.send(JSON.stringify(leave));
  await eventually(
    async () => (await pipeline.operations.stats()).workers.length === 0,
    5000,
    "the worker to leave",
  );
});

async function submitAsRecorded(
  ask: (request: Fields) => Promise<Fields>,
  id: string,
): Promise<void> {
  const { request } = CLIENT.find(({ request }) =>
    request.type === "submit" && request.id === id
  )!;
  assertEquals((await ask(request)).status, 200);
}

test("a worker of minor version 1 gets a payload under its current name", async (t) => {
  const { pipeline, addresses } = await today(t);
  const pull = t.use(new zmq.Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const push = t.use(new zmq.Push({ linger: 0 }));
  push.connect(addresses.results);
  const available = WORKER.find(({ message }) => message.type === "available")!;
  const address = pull.lastEndpoint!;
  await push.send(
    JSON.stringify({ ...available.message, address, minor: 1 }),
  );
  await pipeline.submit("double", 21 as never, { id: "first" });
  for (;;) {
    const [bytes] = await within(pull.receive(), 5000, "the job");
    const message = JSON.parse(String(bytes));
    if (message.type !== "job") continue;
    assertEquals([message.payload, "instructions" in message], [21, false]);
    return;
  }
});

/** A pipeline of that time: answers as recorded, to what was asked then. */
function oldPipeline(t: TestContext, router: zmq.Router) {
  const asked: Fields[] = [];
  const serving = (async () => {
    for await (const frames of router) {
      const request = JSON.parse(String(frames.at(-1)));
      asked.push(request);
      const { answer } = CLIENT[asked.length - 1]!;
      const reply = { ...answer, request_id: request.request_id };
      await router.send([...frames.slice(0, -1), JSON.stringify(reply)]);
    }
  })();
  t.cleanup(async () => {
    await router.close();
    await serving;
  });
  return asked;
}

test("the current client uses an old pipeline, which can read its requests", async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind("tcp://127.0.0.1:*");
  const asked = oldPipeline(t, router);
  const client = t.use(new PipelineClient({ pipeline: router.lastEndpoint! }));
  const traceparent = CLIENT[2]!.request.traceparent as string;

  await client.request({ type: "describe" });
  await client.request({ type: "describe" });
  assertEquals(
    await client.submit("double", 21, {
      ...{ id: "first", key: "k", priority: 2, retry: { attempts: 2 } },
      ...{ jobTimeoutMs: 5000, traceparent },
    }),
    "first",
  );
  assertEquals(await client.result("first"), { text: "it is 42" });
  await client.submit("double", -1, { id: "bad" });
  await client.result("bad").then(() => assert(false), () => {});
  const { jobs, jobCount } = await client.status("first");
  assertEquals([jobs[0]!.instructions, jobs[1]!.result, jobCount], [
    21,
    { text: "it is 42" },
    2,
  ]);
  await client.status("bad", { limit: 1, offset: 0 });
  assertEquals((await client.timeline("first"))[0]!.type, "dispatched");
  assertEquals((await client.flows())[0]!.state, "failed");
  await client.jobs({ states: ["dead"], limit: 5 });
  const [bad] = await client.jobs({ payloads: true });
  assertEquals(bad!.instructions, -1);
  assertEquals((await client.stats()).workers.length, 2);
  assertEquals(await client.retry("bad"), 1);
  await client.result("bad").then(() => assert(false), () => {});
  assertEquals(await client.retryAll({ type: "double" }), 1);
  await client.result("bad").then(() => assert(false), () => {});
  await client.pause("show");
  const deep = { deep: [1, "two", null] };
  await client.submit("show", deep as never, { id: "held", delayMs: 0 });
  assertEquals((await client.status("held")).jobs[0]!.instructions, deep);
  await client.cancel("held");
  await client.resume("show");
  await client.pause();
  await client.resume();
  await client.schedule("mine", "show", { n: 1 } as never, {
    ...{ cron: "0 3 * * *", timezone: "Europe/Berlin" },
    ...{ missed: "skip", priority: 1 } as const,
  });
  assertEquals((await client.schedules())[0]!.instructions, { n: 1 });
  await client.unschedule("mine");

  for (const [i, request] of asked.entries()) {
    const { request_id: _, wait_ms: _wait, ...recorded } = CLIENT[i]!.request;
    for (const [name, value] of Object.entries(recorded)) {
      assertEquals(request[name], value, `${request.type}: ${name}`);
    }
  }
});

test("a current worker does its jobs for an old pipeline", async (t) => {
  const pull = t.use(new zmq.Pull());
  const router = t.use(new zmq.Router());
  for (const socket of [pull, router]) await socket.bind("tcp://127.0.0.1:*");
  const at = pull.lastEndpoint!;
  const description = { ...CLIENT[0]!.answer, results: at, events: at };
  const serving = (async () => {
    for await (const frames of router) {
      const { type } = JSON.parse(String(frames.at(-1)));
      const reply = type === "describe" ? description : { status: 200 };
      await router.send([...frames.slice(0, -1), JSON.stringify(reply)]);
    }
  })();
  t.cleanup(async () => {
    await router.close();
    await serving;
  });
  const said = (type: string) =>
    WORKER.find(({ message }) => message.type === type)!.message;
  const next = async (type: string): Promise<Fields> => {
    for (;;) {
      const message = JSON.parse(
        String((await within(pull.receive(), 5000, type)).at(-1)),
      );
      if (message.type === type) return message;
    }
  };

  const running = double.run({
    pipeline: router.lastEndpoint!,
    concurrency: 2,
  });
  const available = await next("available");
  requireMembers(said("available"), available, "available");
  const push = t.use(new zmq.Push({ linger: 0 }));
  push.connect(available.address as string);
  const { secret } = available;
  const say = (message: Fields) =>
    push.send(JSON.stringify({ ...message, secret }));
  await say(said("hello"));
  const worker = t.use(await running);
  await say(said("job"));
  requireMembers(said("success"), await next("success"), "success");
  await say(said("settled"));
  await say({ ...said("job"), id: "bad", flow_id: "bad", instructions: -1 });
  const failed = await next("failed");
  requireMembers(said("failed"), failed, "failed");
  await say({ ...said("settled"), jobs: [{ id: "bad", attempt: 1 }] });
  await say(said("drain"));
  await next("leave");
  await within(worker.closed, 5000, "the worker to leave");
});
