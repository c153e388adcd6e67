/** Benchmark peer: a pipeline, its step, its client and its store; every runtime runs it. */
import {
  defineStep,
  memoryStore,
  Pipeline,
  PipelineClient,
  sqliteStore,
} from "../../src/pipeline/mod.ts";
import { clientScene, type Done, handle } from "./scenes/jobs.ts";
import { storeScenes } from "./scenes/store.ts";
import { answer, Orders, play } from "./support.ts";

const noop = defineStep("noop", handle);

await play({
  /** `pipeline [path=] [synchronous=normal|full]` */
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
        : memoryStore(),
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

  ...storeScenes(),
});

async function stop(): Promise<void> {
  const orders = new Orders();
  await orders.next();
  orders.close();
}
