/**
 * Example: a busy pipeline, and its dashboard. It simulates fetching, resizing,
 * checking and publishing pictures, with failures; nothing leaves this process.
 *
 *     node --import tsx examples/dashboard/main.ts [port] [store.db]
 *
 * It prints the URL to open, and runs until it is interrupted.
 *
 * @module
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  defineStep,
  memoryStore,
  NonRetryableError,
  Pipeline,
  sqliteStore,
  type StepRun,
} from "@agentzero/agentzero/pipeline";
import { dashboard, serveHttp } from "@agentzero/agentzero/pipeline/http";

interface Picture {
  readonly path: string;
  readonly width: number;
}

/** Takes about `ms` milliseconds, and occasionally much longer. */
function work(ms: number, signal: AbortSignal): Promise<void> {
  const factor = 0.5 + Math.random() + (Math.random() < 0.05 ? 4 : 0);
  return sleep(ms * factor, undefined, { signal });
}

const retry = { attempts: 3, delayMs: 500, maxDelayMs: 5000 };

const fetchPicture = defineStep(
  "fetch-picture",
  async ({ url }: { url: string }, { log, signal }): Promise<Picture> => {
    await work(30, signal);
    if (Math.random() < 0.03) throw new Error(`503 from ${new URL(url).host}`);
    log.debug("%s fetched", url);
    return { path: `/tmp/${url.split("/").at(-1)}`, width: 4096 };
  },
  { retry },
);

const resize = defineStep(
  "resize",
  async ({ path }: Picture, { log, progress, signal }): Promise<Picture> => {
    for (let part = 0; part < 4; part++) {
      await work(40, signal);
      progress((part + 1) / 4);
    }
    log.info("%s is %d pixels wide now", path, 640);
    return { path, width: 640 };
  },
  { retry },
);

const classify = defineStep(
  "classify",
  async ({ path }: Picture, { log, metric, signal }) => {
    await work(90, signal);
    const score = Math.random();
    metric("score", score);
    if (score < 0.01) {
      throw new NonRetryableError(`${path} is not a picture`);
    }
    if (score < 0.08) {
      log.warning("%s: the model is not sure (%f)", path, score);
    }
    return { path, label: score < 0.5 ? "cat" : "dog", score };
  },
  { retry },
);

const publish = defineStep(
  "publish",
  async ({ path, label }: { path: string; label: string }, context) => {
    await work(25, context.signal);
    if (Math.random() < 0.02) {
      context.log.error("The gallery does not accept a %s now", label);
      throw new Error("429 Too Many Requests");
    }
    return { url: `https://gallery.example/${label}${path}` };
  },
  { retry },
);

const hot = "https://pictures.example/today.jpg";

const [port = "7080", file] = process.argv.slice(2);
await using pipeline = new Pipeline({
  name: "pictures",
  steps: [fetchPicture, resize, classify, publish],
  schedules: [
    { id: "picture-of-the-minute", cron: "* * * * *" },
    { id: "refresh-front-page", cron: "*/20 * * * * *" },
    { id: "nightly-archive", cron: "30 2 * * *", timezone: "Europe/Berlin" },
  ].map((schedule) => ({
    ...schedule,
    flow: fetchPicture,
    payload: { url: hot },
  })),
  store: file === undefined ? memoryStore() : sqliteStore(file),
});
const { requests } = await pipeline.listen({ port: 0 });
const workers: StepRun[] = [];
for (
  const [step, concurrency, count] of [
    [fetchPicture, 4, 1],
    [resize, 6, 2],
    [classify, 4, 2],
    [publish, 2, 1],
  ] as const
) {
  for (let n = 1; n <= count; n++) {
    workers.push(
      await step.run({
        pipeline: requests,
        concurrency,
        name: `${step.jobType}-${n}`,
      }),
    );
  }
}

await using handler = dashboard(pipeline);
await using server = await serveHttp(handler, { port: Number(port) });
console.log(handler.link(server.url));

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
for (let n = 0; !stop.signal.aborted; n++) {
  const url = `https://pictures.example/${n}.jpg`;
  await pipeline.submit("fetch-picture", { url });
  const busy = 30 * (1.3 + Math.sin(Date.now() / 20_000));
  await sleep(busy, undefined, { signal: stop.signal }).catch(() => {});
}
await Promise.all(workers.map((worker) => worker.close()));
