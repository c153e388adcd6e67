/**
 * Over real sockets: workers that make every connection themselves, what they
 * and others can do over the one port, and pipelines that change their version.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import { defineStep, flow, memoryStore } from "@agentzero/agentzero/pipeline";
import {
  deferred,
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import {
  ANNOUNCED,
  ANYWHERE,
  clientOf,
  LISTENING,
  open,
  run,
  seen,
} from "../support/pipelines.ts";
import type { Fields } from "./wire_v1.ts";

const double = defineStep("double", (n: number) => 2 * n);
const ID = "w-1";

/** A worker in another language: one DEALER, and JSON. */
class PlainWorker {
  readonly #dealer: zmq.Dealer;

  constructor(t: TestContext, pipeline: string, routingId?: string) {
    this.#dealer = t.use(
      new zmq.Dealer({ linger: 0, ...routingId && { routingId } }),
    );
    this.#dealer.connect(pipeline);
  }

  say(message: Fields): Promise<void> {
    return this.#dealer.send(JSON.stringify(message));
  }

  available(more: Fields = {}): Promise<void> {
    return this.say({
      ...{ type: "available", v: 2, id: ID, job_type: "double" },
      ...{ step_name: "double", host: "h", pid: 1, runtime: "test" },
      ...{ concurrency: 1, credit: 1, running: [], draining: false },
      ...more,
    });
  }

  /** The next message of this type. */
  async next(type: string): Promise<Fields> {
    for (;;) {
      const frames = await within(this.#dealer.receive(), 5000, type);
      assertEquals(frames.length, 1);
      const message = JSON.parse(String(frames[0]));
      if (message.type === type) return message;
    }
  }

  close(): Promise<void> {
    return this.#dealer.close();
  }
}

test("a worker gets its jobs over the connection that it made, and no port is open but that", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  const worker = new PlainWorker(t, requests);
  await worker.available();
  const hello = await worker.next("hello");
  assertEquals([hello.v, "secret" in hello], [2, false]);
  const id = await pipeline.submit(double, 21);
  const job = await worker.next("job");
  assertEquals([job.id, job.payload, job.attempt], [id, 21, 1]);
  assert(!("instructions" in job) && !("secret" in job));
  await worker.say({ type: "success", worker: ID, id, attempt: 1, result: 42 });
  assertEquals(await pipeline.result(id), 42);
  await worker.next("settled");
  assertEquals(Object.keys(pipeline.addresses!), ["requests", "feed"]);
  const [one] = (await clientOf(t, requests).stats()).workers;
  assertEquals([one!.id, one!.address, one!.linked], [ID, "", true]);
});

test("requests, logs and a job's messages share the connection of a worker, and each gets its answer", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  const logged = seen(t, pipeline, "logs:double:");
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  dealer.connect(requests);
  await dealer.send(JSON.stringify({ type: "stats", request_id: 7 }));
  const answer = JSON.parse(
    String((await within(dealer.receive(), 5000, "an answer")).at(-1)),
  );
  assertEquals([answer.status, answer.request_id], [200, 7]);
  await dealer.send(["logs:double:20", JSON.stringify({ msg: "hello" })]);
  assertEquals((await logged).data, { msg: "hello" });
  await dealer.send("{");
  const refused = JSON.parse(
    String((await within(dealer.receive(), 5000, "a refusal")).at(-1)),
  );
  assertEquals(refused.code, "ERR_PIPELINE_INVALID");
});

test("a job that was on its way when the connection broke is sent again over the next one, as the same attempt", async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [double],
    graceMs: 5000,
  });
  const first = new PlainWorker(t, requests);
  await first.available();
  await first.next("hello");
  const id = await pipeline.submit(double, 21);
  await first.next("job");
  await first.close();
  const second = new PlainWorker(t, requests);
  await second.available(); // without the job
  assertEquals((await second.next("job")).attempt, 1);
  // A third connection takes over while the second one is still open.
  const third = new PlainWorker(t, requests);
  await third.available({ running: [{ id, attempt: 1 }] });
  await third.next("hello");
  await second.close();
  await third.say({ type: "success", worker: ID, id, attempt: 1, result: 42 });
  assertEquals(await pipeline.result(id), 42);
  assertEquals((await third.next("settled")).jobs, [{ id, attempt: 1 }]);
});

test("the jobs of a worker whose connection closes go to others within a second", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  const lost = new PlainWorker(t, requests);
  await lost.available();
  await lost.next("hello");
  const id = await pipeline.submit(double, 21);
  await lost.next("job");
  const other = await run(t, double, requests);
  const since = performance.now();
  await lost.close();
  assertEquals(await pipeline.result(id, { timeoutMs: 5000 }), 42);
  assert(performance.now() - since < 1000, "within a second");
  const { jobs: [job] } = await pipeline.operations.status(id);
  assertEquals([job!.attempt, job!.worker, job!.kills], [2, other.id, 1]);
});

test("no other peer gets a worker's jobs, or speaks for it", async (t) => {
  const { pipeline, requests, errors } = await open(t, { steps: [double] });
  const chosen = new PlainWorker(t, requests, "chosen");
  await chosen.available({ id: "chosen" });
  await eventually(() => errors.length === 1);
  assert(errors[0]!.message.includes("a socket with a routing id"));

  const worker = new PlainWorker(t, requests);
  await worker.available({ secret: "mine" });
  await worker.next("hello");
  const eve = new PlainWorker(t, requests);
  await eve.available();
  await eve.available({ secret: "guessed" });
  await eve.say({ type: "leave", worker: ID });
  await eventually(() => errors.length === 4);
  const id = await pipeline.submit(double, 21);
  await worker.next("job");
  const about = { worker: ID, id, attempt: 1 };
  await eve.say({ type: "success", ...about, result: "FORGED" });
  await eventually(() => errors.length === 5);
  await worker.say({ type: "success", ...about, result: 42, secret: "mine" });
  assertEquals(await pipeline.result(id), 42);
});

test("a result that cannot be read fails its attempt, also with a secret", async (t) => {
  const once = defineStep("double", (n: number) => n, {
    retry: { attempts: 1 },
  });
  const { pipeline, requests } = await open(t, { steps: [once] });
  const worker = new PlainWorker(t, requests);
  await worker.available({ secret: "mine" });
  const id = await pipeline.submit(once, 1);
  await worker.next("job");
  const deep = "[".repeat(2000) + "]".repeat(2000);
  const head = { type: "success", worker: ID, id, attempt: 1, secret: "mine" };
  const text = JSON.stringify(head).slice(0, -1) + `,"result":${deep}}`;
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  dealer.connect(requests);
  await dealer.send(text);
  const { state, error } = await pipeline.operations.wait(id, 5000);
  assertEquals([state, error?.code], ["failed", "ERR_PIPELINE_TOO_LARGE"]);
  await worker.next("settled");
});

test("a worker that does not read delays no one else", async (t) => {
  const big = defineStep("big", (text: string) => text.length);
  const { pipeline, requests } = await open(t, {
    flows: [flow(double), flow(big)],
  });
  const idle = t.use(new zmq.Dealer({ linger: 0, receiveHighWaterMark: 1 }));
  idle.connect(requests);
  await idle.send(JSON.stringify({
    ...{ type: "available", v: 2, id: "idle", job_type: "big" },
    ...{ step_name: "big", host: "h", pid: 1, runtime: "test" },
    ...{ concurrency: 8, credit: 8, running: [], draining: false },
  }));
  await seen(t, pipeline, "available");
  // 32 MiB that stay in the pipeline, beyond what the systems buffer.
  const active = seen(t, pipeline, "job:active:big:", 8);
  const payload = "x".repeat(4 * 1024 * 1024);
  for (let i = 0; i < 8; i++) await pipeline.submit(big as never, payload);
  await active;
  await run(t, double, requests);
  const client = clientOf(t, requests);
  const times: number[] = [];
  for (let n = 0; n < 50; n++) {
    const since = performance.now();
    const options = { timeoutMs: 2000 };
    const id = await client.submit(double, n, options);
    assertEquals(await client.result(id, options), 2 * n);
    times.push(performance.now() - since);
  }
  times.sort((a, b) => a - b);
  assert(times[25]! < 500, `${times[25]} ms`);
});

for (
  const [before, after] of [["listening", "current"], ["current", "listening"]]
) {
  test(`a job goes on while its ${before} worker is replaced by a ${after} one`, async (t) => {
    const { requests } = await open(t, { steps: [double] });
    const optionsOf = (kind?: string) => kind === "listening" ? LISTENING : {};
    const client = clientOf(t, requests);
    const first = await run(t, double, requests, optionsOf(before));
    assertEquals(await client.result(await client.submit(double, 1)), 2);
    const second = await run(t, double, requests, optionsOf(after));
    assertNotEquals(first.address === undefined, second.address === undefined);
    await first.drain();
    assertEquals(await client.result(await client.submit(double, 2)), 4);
  });
}

test(
  "a worker whose pipeline is replaced by one of another version, and back, keeps its job",
  {
    timeoutMs: 60_000,
  },
  async (t) => {
    const store = memoryStore();
    const gate = deferred();
    let runs = 0;
    const slow = defineStep("slow", async () => {
      runs++;
      await gate.promise;
      return runs;
    });
    const options = { steps: [slow], store, claimMs: 20_000 };
    const first = await open(t, options);
    const worker = await run(t, slow, first.requests);
    const active = seen(t, first.pipeline, "job:active:");
    const id = await first.pipeline.submit(slow, null as never);
    await active;
    await first.pipeline.close();

    const old = await OldPipeline.start(t, first.requests);
    const announced = await old.next("available");
    assertEquals([announced.v, announced.id], [1, worker.id]);
    assertEquals(announced.running, [{ id, attempt: 1 }]);
    await old.close();

    const requests = first.requests;
    const last = await open(t, options, { ...ANYWHERE, requests });
    await seen(t, last.pipeline, "available");
    gate.resolve();
    assertEquals(await last.pipeline.result(id, { timeoutMs: 20_000 }), 1);
    const [one] = (await last.pipeline.operations.stats()).workers;
    assertEquals([one!.id, one!.info.v], [worker.id, 2]);
  },
);

/** A pipeline of version 1, as far as a worker needs it to announce itself. */
class OldPipeline {
  readonly #router = new zmq.Router();
  readonly #pull = new zmq.Pull();
  #serving: Promise<void> | undefined;

  static async start(t: TestContext, at: string): Promise<OldPipeline> {
    const self = new OldPipeline();
    t.cleanup(() => self.close());
    await self.#router.bind(at);
    await self.#pull.bind("tcp://127.0.0.1:*");
    self.#serving = self.#serve();
    return self;
  }

  async #serve(): Promise<void> {
    const at = this.#pull.lastEndpoint!;
    for await (const frames of this.#router) {
      const { type } = JSON.parse(String(frames.at(-1)));
      const answer = type === "describe" || type === "check_worker"
        ? {
          ...{ status: 200, v: 1, name: "old", epoch: "old" },
          ...{ events: at, results: at, feed: at, worker_secrets: true },
        }
        : { status: 400, code: "ERR_PIPELINE_INVALID", message: "Unknown" };
      await this.#router.send([
        ...frames.slice(0, -1),
        JSON.stringify(answer),
      ]);
    }
  }

  async next(type: string): Promise<Fields> {
    for (;;) {
      const frames = await within(this.#pull.receive(), 20_000, type);
      const message = JSON.parse(String(frames.at(-1)));
      if (message.type === type) return message;
    }
  }

  async close(): Promise<void> {
    await this.#router.close();
    await this.#pull.close();
    await this.#serving;
  }
}

test("workers of both versions share the jobs of a pipeline that listens for both", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] }, ANNOUNCED);
  const workers = [
    await run(t, double, requests),
    await run(t, double, requests, LISTENING),
  ];
  const done = new Set<string>();
  for (let n = 0; done.size < 2; n++) {
    assert(n < 200, "both work");
    const ids = await Promise.all(
      [1, 2, 3].map((n) => pipeline.submit(double, n)),
    );
    for (const id of ids) {
      await pipeline.result(id);
      const { jobs: [job] } = await pipeline.operations.status(id);
      done.add(job!.worker!);
    }
  }
  assertEquals(done, new Set(workers.map(({ id }) => id)));
});
