/** Benchmark peer: Graphile Worker, with the very scenes of jobs.ts; Node runs it. */
import { finishedJobs } from "./scenes/finished_jobs.ts";
import { clientScene } from "./scenes/jobs.ts";
import { Orders, play } from "./support.ts";

// It is installed for a comparison only, so its types are not here.
const name = "graphile-worker";
const { makeWorkerUtils, run } = await import(name);
const TASK = "noop";

await play({
  /** `worker connect= concurrency=` */
  async worker(args) {
    const orders = new Orders();
    const runner = await run({
      connectionString: args.text("connect"),
      concurrency: args.number("concurrency"),
      maxPoolSize: 20,
      noHandleSignals: true,
      taskList: { [TASK]: () => Promise.resolve() },
    });
    await orders.next();
    orders.close();
    await runner.stop();
  },

  client: clientScene(async (args) => {
    const connectionString = args.text("connect");
    const utils = await makeWorkerUtils({ connectionString });
    await utils.migrate();
    // What it has done it deletes.
    const finished = finishedJobs(
      connectionString,
      `SELECT asked.id FROM unnest($1::bigint[]) AS asked(id)
        WHERE NOT EXISTS (
          SELECT FROM graphile_worker._private_jobs AS j WHERE j.id = asked.id
        )`,
    );
    return {
      run: async (n) => {
        const { id } = await utils.addJob(TASK, { n });
        return await finished.wait(n, String(id));
      },
      close: async () => {
        await finished.close();
        await utils.release();
      },
    };
  }),
});
