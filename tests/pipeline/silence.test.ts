/** Integration: half-open connections, whose other end is gone. */
import { assertEquals } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import {
  defineStep,
  PipelineClient,
  type WatchEvent,
} from "@agentzero/agentzero/pipeline";
import {
  deferred,
  eventually,
  platform,
  test,
  type TestContext,
  within,
} from "../support/harness.ts";
import { Relay } from "../support/peers/relay.ts";
import { codeOf, open, type Opened, run, seen } from "./support/pipelines.ts";

const double = defineStep("double", (n: number) => 2 * n);
/** A machine, as far as others can see: it has the same ports at another address. */
const FAR = "127.0.0.2";
const skip = platform === "linux"
  ? false
  : "only Linux has all of 127.0.0.0/8 on loopback";
const silenceMs = 400;

/** A pipeline that is reached by way of relays, and what lets these fall silent. */
async function far(t: TestContext): Promise<
  Opened & { readonly there: string; silence(): void }
> {
  const opened = await open(t, { steps: [double] });
  const relays = await Promise.all(
    Object.values(opened.pipeline.addresses!).map((address: string) => {
      const port = Number(address.split(":").at(-1));
      return Relay.start(address, () => {}, FAR, port);
    }),
  );
  for (const relay of relays) t.use(relay);
  return {
    ...opened,
    there: opened.requests.replace("127.0.0.1", FAR),
    silence: () => relays.forEach((relay) => relay.silence()),
  };
}

test("a step reconnects to a silent pipeline", {
  skip,
}, async (t) => {
  const { pipeline, there, silence } = await far(t);
  await run(t, double, there, { silenceMs });
  const first = await pipeline.submit(double, 1);
  assertEquals(await pipeline.result(first), 2);
  silence();
  const second = await pipeline.submit(double, 2);
  assertEquals(await pipeline.result(second, { timeoutMs: 4000 }), 4);
  assertEquals((await pipeline.operations.status(second)).jobs[0]!.attempt, 1);
});

test("a client reconnects to a silent pipeline", {
  skip,
}, async (t) => {
  const { pipeline, there, silence } = await far(t);
  const client = t.use(new PipelineClient({ pipeline: there, silenceMs }));
  const watched = deferred<WatchEvent>();
  let isSilent = false;
  const end = new AbortController();
  const watching = (async () => {
    const events = client.watch("job:waiting:", { signal: end.signal });
    for await (const event of events) if (isSilent) watched.resolve(event);
  })();
  await eventually(() => client.stats().then(() => true));
  silence();
  isSilent = true;
  await client.stats({ timeoutMs: 4000 });
  await eventually(async () => {
    await pipeline.submit(double, 1);
    return await Promise.race([
      watched.promise.then(() => true),
      new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
    ]);
  }, 4000);
  end.abort();
  await within(watching, 2000, "the end of the watch");
});

test(
  "a pipeline reconnects to a worker that it no longer reaches",
  {
    timeoutMs: 20_000,
  },
  async (t) => {
    const { pipeline, requests } = await open(t, {
      steps: [double],
      leaseMs: 2000,
    });
    const bind = "tcp://127.0.0.1:*";
    const probe = await run(t, double, requests, { bind });
    const port = Number(probe.address!.split(":").at(-1));
    await probe.close();
    const at = `tcp://127.0.0.1:${port}`;
    const relay = t.use(await Relay.start(at, () => {}));
    await run(t, double, requests, { bind: at, address: relay.endpoint });
    const first = await pipeline.submit(double, 1);
    assertEquals(await pipeline.result(first), 2);
    relay.silence();
    const requeued = seen(t, pipeline, "job:requeued:");
    const second = await pipeline.submit(double, 2);
    await requeued;
    assertEquals(await pipeline.result(second, { timeoutMs: 10_000 }), 4);
    assertEquals((await pipeline.operations.status(second)).jobs[0]!.kills, 0);
  },
);

test("a machine that falls silent is noticed by the time that its worker has announced, long before its lease ends", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  const answered = deferred();
  const relay = t.use(
    await Relay.start(requests, (chunk, isClient) => {
      // The time is part of a PING.
      const text = new TextDecoder().decode(chunk);
      if (!isClient && text.includes("PONG")) answered.resolve();
    }),
  );
  const worker = t.use(
    new zmq.Dealer({
      linger: 0,
      heartbeatInterval: 100,
      heartbeatTimeout: 8000, // the worker itself does not connect again
      heartbeatTimeToLive: 400,
    }),
  );
  worker.connect(relay.endpoint);
  await worker.send(JSON.stringify({
    ...{ type: "available", v: 2, id: "far", job_type: "double" },
    ...{ step_name: "double", host: "h", pid: 1, runtime: "test" },
    ...{ concurrency: 1, credit: 1, running: [], draining: false },
  }));
  const active = seen(t, pipeline, "job:active:");
  const id = await pipeline.submit(double, 2);
  await active;
  const other = await run(t, double, requests);
  await within(answered.promise, 5000, "a heartbeat");
  relay.silence();
  assertEquals(await pipeline.result(id, { timeoutMs: 5000 }), 4);
  const { jobs: [job] } = await pipeline.operations.status(id);
  assertEquals([job!.worker, job!.attempt], [other.id, 2]);
});

test("the timeout for silence is validated", async () => {
  const pipeline = "tcp://127.0.0.1:1";
  const refuse = (make: () => unknown) => codeOf(Promise.resolve().then(make));
  for (
    const make of [
      () => new PipelineClient({ pipeline, silenceMs: -1 }),
      () => double.run({ pipeline, silenceMs: 0.5 }),
    ]
  ) assertEquals(await refuse(make), "ERR_PIPELINE_INVALID");
});
