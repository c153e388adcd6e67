/** Benchmark peer: a pipeline, its step, its client and its store; every runtime runs it. */
import {
  defineStep,
  flow,
  memoryStore,
  Pipeline,
  PipelineClient,
  sqliteStore,
} from "../../src/pipeline/mod.ts";
import { postgresStore } from "../../src/pipeline/postgres.ts";
import { asking } from "./scenes/crowds.ts";
import { clientScene, type Done, handle } from "./scenes/jobs.ts";
import { storeScenes } from "./scenes/store.ts";
import { submitterScene } from "./scenes/submissions.ts";
import { Ticks } from "./scenes/ticks.ts";
import { answer, Orders, pause, play } from "./support.ts";

const noop = defineStep("noop", handle);
const list = defineStep(
  "list",
  (count: number) => Array.from({ length: count }, (_, i) => i),
);
/** A job without a worker. */
const item = defineStep("item", (n: number) => n);
const lists = flow(list, "lists").each(item);

await play({
  /** `pipeline [path= [synchronous=normal|full]] [postgres=]` */
  async pipeline(args) {
    const synchronous = args.has("synchronous") &&
        args.text("synchronous") === "full"
      ? "full"
      : "normal";
    const pipeline = new Pipeline({
      name: "bench",
      steps: [noop],
      store: args.has("path")
        ? sqliteStore(args.text("path"), { synchronous })
        : args.has("postgres")
        ? postgresStore(args.text("postgres"))
        : memoryStore(),
      maxQueued: 10_000_000,
    });
    const ports = { port: 0 };
    const { requests } = await pipeline.listen(ports);
    answer({ endpoint: requests });
    await stop();
    await pipeline.close();
  },

  /** `worker connect= concurrency=` */
  async worker(args) {
    const step = await noop.run({
      pipeline: args.text("connect"),
      concurrency: args.number("concurrency"),
    });
    await stop();
    await step.drain();
  },

  client: clientScene((args) => {
    const client = new PipelineClient({ pipeline: args.text("connect") });
    return Promise.resolve({
      run: async (n) => await client.result<Done>(await client.submit(noop, n)),
      close: () => client.close(),
    });
  }),

  submitter: submitterScene((args) => {
    const client = new PipelineClient({ pipeline: args.text("connect") });
    return Promise.resolve({
      one: (n) => client.submit(noop, n),
      many: (list) => client.submitMany(noop, list),
      close: () => client.close(),
    });
  }),

  /**
   * `lists count=`: a pipeline that works on `noop` by itself. `quiet` and
   * `crowd` begin to measure, of which `crowd` begins a list with so many items
   * and cancels it; `end` prints how late timers were.
   */
  async lists(args) {
    const pipeline = new Pipeline({
      name: "bench",
      steps: [noop],
      flows: [lists],
    });
    const { requests } = await pipeline.listen({ port: 0 });
    const runs = [
      await noop.run({ pipeline: requests }),
      await list.run({ pipeline: requests }),
    ];
    answer({ endpoint: requests });
    const orders = new Orders();
    for (;;) {
      const order = await orders.next();
      if (order === "stop") break;
      const ticks = new Ticks();
      if (order === "crowd") {
        const id = await pipeline.submit(lists, args.number("count"));
        await begun(pipeline, args.number("count"));
        await pipeline.operations.cancel(id);
        answer({ ready: true });
      }
      await orders.next();
      answer(ticks.stop());
    }
    orders.close();
    await Promise.all(runs.map((run) => run.close()));
    await pipeline.close();
  },

  /** `listasker connect=`: asks as `asker` does, by jobs. */
  async listasker(args) {
    const client = new PipelineClient({ pipeline: args.text("connect") });
    const ask = async () => {
      await client.result(await client.submit(noop, 1));
    };
    for (let i = 0; i < 200; i++) await ask();
    answer({ ready: true });
    await asking(ask);
    await client.close();
  },

  ...storeScenes(),
});

/** Resolves once all jobs of a list are there. */
async function begun(
  pipeline: Pipeline,
  count: number,
): Promise<void> {
  const isThere = async () => {
    const { lanes: queues } = await pipeline.operations.stats(); // words: ok
    return queues.some(({ jobType, waiting }) =>
      jobType === "item" && waiting >= count
    );
  };
  while (!await isThere()) await pause(10);
}

async function stop(): Promise<void> {
  const orders = new Orders();
  await orders.next();
  orders.close();
}
