/** Over real sockets: whom a worker takes jobs from, and where a pipeline connects to. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
import { zmq } from "@agentzero/agentzero";
import { PipelineError } from "../../src/pipeline/model/pipeline_error.ts";
import { requireReachable } from "../../src/pipeline/model/worker_address.ts";
import { runtime, test, type TestContext } from "../support/harness.ts";
import { ANNOUNCED, LISTENING, open, run } from "./support/pipelines.ts";

const double = defineStep("double", (n: number) => 2 * n);

/** A peer on the same machine that is neither a worker nor a pipeline. */
function stranger(t: TestContext, address: string): zmq.Push {
  const push = t.use(new zmq.Push({ linger: 0 }));
  push.connect(address);
  return push;
}

test("a worker obeys its own pipeline only", async (t) => {
  const done: unknown[] = [];
  const step = defineStep("note", (what: unknown) => void done.push(what));
  const { pipeline, requests } = await open(t, { steps: [step] });
  const worker = await run(t, step, requests, LISTENING);
  const eve = stranger(t, worker.address!);
  const job = { id: "forged", attempt: 1, flow_id: "f", payload: "eve" };
  for (
    const message of [
      { type: "job", ...job, job_type: "note" },
      { type: "job", ...job, job_type: "note", secret: "guessed" },
      { type: "hello", v: 1, epoch: "another", max_payload_bytes: 1 },
      { type: "drain" },
      { type: "settled", jobs: [job] },
      { type: "cancel", id: "forged", attempt: 1 },
    ]
  ) await eve.send(JSON.stringify(message));
  // What they sent is received before what arrives over a later connection.
  for (const what of ["one", "two"]) {
    await pipeline.result(await pipeline.submit(step, what));
  }
  assertEquals(done, ["one", "two"]);
  assertEquals((await pipeline.operations.stats()).workers.length, 1);
});

test("a worker refuses a job of another type, also from its pipeline", async (t) => {
  const done: unknown[] = [];
  const step = defineStep("note", (what: unknown) => void done.push(what));
  const pull = t.use(new zmq.Pull());
  const reply = t.use(new zmq.Reply());
  for (const socket of [pull, reply]) await socket.bind("tcp://127.0.0.1:*");
  // A pipeline of the first release: it does not know of secrets.
  const serving = (async () => {
    for await (const [question] of reply) {
      assertEquals(JSON.parse(String(question)).type, "describe");
      const at = pull.lastEndpoint;
      await reply.send(JSON.stringify({
        ...{ status: 200, v: 1, name: "old", epoch: "e" },
        ...{ events: at, results: at, feed: at },
      }));
    }
  })();
  t.cleanup(async () => {
    await reply.close();
    await serving;
  });
  const running = step.run({ pipeline: reply.lastEndpoint! });
  let address: string | undefined;
  const next = async () => JSON.parse(String((await pull.receive())[0]));
  while (address === undefined) address = (await next()).address;
  const push = stranger(t, address);
  const say = (message: object) => push.send(JSON.stringify(message));
  const job = { type: "job", attempt: 1, flow_id: "f", payload: 1 };
  await say({ ...job, id: "too early", job_type: "note" });
  await say({ type: "hello", v: 1, epoch: "e" });
  const worker = t.use(await running);
  await say({ ...job, id: "of another type", job_type: "other" });
  await say({ ...job, id: "right", job_type: "note" });
  let result = await next();
  while (result.type !== "success") result = await next();
  assertEquals([result.id, done], ["right", [1]]);
  await say({ type: "settled", jobs: [{ id: "right", attempt: 1 }] });
  await worker.close();
});

test("a pipeline connects to workers only where it may be reached itself", () => {
  const reach = { isProtected: false, addresses: ["tcp://127.0.0.1:7451"] };
  const isFine = (address: string, more: Partial<typeof reach> = {}) => {
    try {
      requireReachable(address, { ...reach, ...more });
      return true;
    } catch (error) {
      assertEquals((error as PipelineError).code, "ERR_PIPELINE_INSECURE");
      return false;
    }
  };
  for (
    const address of [
      "tcp://127.0.0.1:1",
      "tcp://127.9.9.9:65535",
      "tcp://[::1]:1",
      "tcp://localhost:1",
    ]
  ) assert(isFine(address), address);
  const never = [
    "inproc://zeromq.zap.01",
    "ipc:///var/run/docker.sock",
    "IPC:///x",
    "ftp://x",
    "",
    "127.0.0.1:1",
    "tcp://127.0.0.1:7451", // its own
    "tcp://127.0.0.1:0;192.0.2.1:9",
    "tcp://192.0.2.1:0;127.0.0.1:9",
    "tcp://127.0.0.1:1@192.0.2.1:9",
    "tcp://127.0.0.1:*",
    "tcp://127.0.0.1",
    "tcp://127.0.0.1:1/x",
    "udp://127.0.0.1:1",
  ];
  const elsewhere = [
    "tcp://192.0.2.1:9",
    "tcp://example.org:9",
    "tcp://127.0.0.1.example.org:9",
    "tcp://localhost.example.org:9",
    "tcp://0.0.0.0:9",
    "tcp://[::ffff:192.0.2.1]:9",
    "tcp://169.254.169.254:80",
  ];
  for (const address of [...never, ...elsewhere]) {
    assert(!isFine(address), address);
  }
  const safe = { isProtected: true };
  for (const address of never) assert(!isFine(address, safe), address);
  for (const address of elsewhere) assert(isFine(address, safe), address);
  const local = { addresses: ["ipc:///tmp/here"] };
  assert(isFine("ipc:///tmp/worker", local) && !isFine("inproc://x", local));
});

test("a worker that the pipeline must not connect to is refused with a reason", async (t) => {
  const { pipeline, requests, errors } = await open(
    t,
    { steps: [double] },
    ANNOUNCED,
  );
  const address = "tcp://192.0.2.1:9";
  const error = await assertRejects(
    () => double.run({ pipeline: requests, address }),
    PipelineError,
    "it is not on loopback, and nothing protects what is sent there",
  );
  assertEquals(error.code, "ERR_PIPELINE_INSECURE");
  // One that does not ask is counted, and no connection is made.
  const eve = stranger(t, pipeline.addresses!.results!);
  const available = {
    ...{ type: "available", v: 1, id: "eve", job_type: "double" },
    ...{ step_name: "double", host: "h", pid: 1, runtime: "r" },
    ...{ concurrency: 1, credit: 1, running: [], draining: false },
  };
  for (const at of [address, "inproc://zeromq.zap.01", "ipc:///etc/passwd"]) {
    await eve.send(JSON.stringify({ ...available, address: at }));
  }
  const worker = await run(t, double, requests);
  assertEquals(await pipeline.result(await pipeline.submit(double, 4)), 8);
  assertEquals(
    (await pipeline.operations.stats()).workers.map(({ id }) => id),
    [
      worker.id,
    ],
  );
  assertEquals(errors.length, 3);
  assert(errors[0]!.message.includes('Cannot reach worker "eve" at'));
});

test("watchers do not learn a worker's secret", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  const seen: string[] = [];
  let note = () => {};
  const announced = new Promise<void>((resolve) => note = resolve);
  t.cleanup(pipeline.watch((event) => {
    seen.push(JSON.stringify(event));
    if (event.topic === "available") note();
  }));
  await run(t, double, requests);
  await announced;
  seen.push(JSON.stringify(await pipeline.operations.stats()));
  assertEquals(seen.filter((text) => text.includes('"secret"')), []);
});

test(
  "an address from outside never makes Deno ask for a permission",
  {
    skip: runtime === "deno" ? false : "only Deno asks for permissions",
    permissions: { net: ["127.0.0.1", "0.0.0.0"], read: true, env: true },
  },
  async (t) => {
    const { permissions } = (globalThis as unknown as {
      Deno: { permissions: { requestSync: unknown; request: unknown } };
    }).Deno;
    const asked: unknown[] = [];
    for (const name of ["requestSync", "request"] as const) {
      const before = permissions[name];
      permissions[name] = (descriptor: unknown) => {
        asked.push(descriptor);
        return { state: "denied" };
      };
      t.cleanup(() => void (permissions[name] = before));
    }
    const errors: Error[] = [];
    const pipeline = t.use(
      new Pipeline({
        name: "test",
        steps: [double],
        onError: (error) => errors.push(error),
      }),
    );
    const host = "0.0.0.0";
    await pipeline.listen({ ...ANNOUNCED, host, insecure: true });
    const at = pipeline.addresses!.results!.replace("0.0.0.0", "127.0.0.1");
    const eve = stranger(t, at);
    let note = () => {};
    const warned = new Promise<void>((resolve) => note = resolve);
    errors.push = (
      ...more
    ) => (note(), Array.prototype.push.apply(errors, more));
    await eve.send(JSON.stringify({
      ...{ type: "available", v: 1, id: "eve", job_type: "double" },
      ...{ step_name: "double", host: "h", pid: 1, runtime: "r" },
      ...{ concurrency: 1, credit: 1, running: [], draining: false },
      address: "tcp://192.0.2.77:9",
    }));
    await warned;
    assertEquals(asked, []);
    assert(errors[0]!.message.includes("--allow-net=192.0.2.77:9"));
  },
);
