/** Benchmark peer: pg-boss, with the very scenes of jobs.ts; Node runs it. */
import { finishedJobs } from "./scenes/finished_jobs.ts";
import { clientScene } from "./scenes/jobs.ts";
import { Orders, play } from "./support.ts";

// It is installed for a comparison only, so its types are not here.
const name = "pg-boss";
const module = await import(name);
const PgBoss = module.PgBoss ?? module.default; // before version 11
const QUEUE = "noop";

async function open(url: string) {
  const boss = new PgBoss(url);
  boss.on("error", (error: Error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE);
  return boss;
}

await play({
  /** `worker connect= concurrency=`: so many jobs at a time, twice a second at least. */
  async worker(args) {
    const orders = new Orders();
    const boss = await open(args.text("connect"));
    await boss.work(
      QUEUE,
      { batchSize: args.number("concurrency"), pollingIntervalSeconds: 0.5 },
      () => Promise.resolve(),
    );
    await orders.next();
    orders.close();
    await boss.stop({ graceful: false });
  },

  client: clientScene(async (args) => {
    const boss = await open(args.text("connect"));
    const finished = finishedJobs(
      args.text("connect"),
      `SELECT id FROM pgboss.job
        WHERE name = '${QUEUE}' AND state = 'completed' AND id = ANY ($1::uuid[])`,
    );
    return {
      run: async (n) => await finished.wait(n, await boss.send(QUEUE, { n })),
      close: async () => {
        await finished.close();
        await boss.stop({ graceful: false });
      },
    };
  }),
});
