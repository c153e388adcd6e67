/** Benchmark peer: BullMQ, with the very scenes of jobs.ts; Node runs it. */
import { Queue, QueueEvents, Worker } from "bullmq";
import { clientScene, handle } from "./scenes/jobs.ts";
import { submitterScene } from "./scenes/submissions.ts";
import { type Arguments, Orders, play } from "./support.ts";

const QUEUE = "noop";
/** `connect=` is the path of a Unix socket. */
const at = (args: Arguments) => ({
  connection: { path: args.text("connect") },
});

await play({
  /** `worker connect= concurrency=` */
  async worker(args) {
    const orders = new Orders();
    const worker = new Worker<number>(
      QUEUE,
      ({ data }) => Promise.resolve(handle(data)),
      { ...at(args), concurrency: args.number("concurrency") },
    );
    await orders.next();
    orders.close();
    await worker.close();
  },

  client: clientScene(async (args) => {
    const queue = new Queue<number>(QUEUE, at(args));
    // From the first event on. By itself it begins with what comes after its
    // first read, which may be later than the end of the first jobs.
    const events = new QueueEvents(QUEUE, { ...at(args), lastEventId: "0" });
    for (const one of [queue, events]) one.setMaxListeners(0); // one a job
    await events.waitUntilReady();
    return {
      run: async (n) => {
        const job = await queue.add("noop", n);
        return await job.waitUntilFinished(events);
      },
      close: async () => {
        await events.close();
        await queue.close();
      },
    };
  }),

  submitter: submitterScene((args) => {
    const queue = new Queue<number>(QUEUE, at(args));
    return Promise.resolve({
      one: (n) => queue.add("noop", n),
      many: (list) =>
        queue.addBulk(list.map((data) => ({ name: "noop", data }))),
      close: () => queue.close(),
    });
  }),
});
