/**
 * Example: the file pipeline. The client: submits a flow for each file, and
 * counts the outcomes.
 *
 * @module
 */
import type { PipelineClient } from "@agentzero/agentzero/pipeline";
import type { Screen } from "./screen.ts";
import type { FileToHash } from "./steps/measure_file.ts";
import { steps } from "./steps/mod.ts";
import type { Tally } from "./tally.ts";
import type { Watcher } from "./watcher.ts";

/** How many files are in progress at a time. */
const UNDER_WAY = 256;

/** What it works with, and its callbacks. */
export interface Surroundings {
  readonly client: PipelineClient;
  readonly watcher: Watcher;
  readonly tally: Tally;
  readonly screen: Screen;
}

/** Cancels unfinished flows of an earlier run with the same store. */
export async function cancelLeft(client: PipelineClient): Promise<void> {
  const left = await client.flows({ states: ["running"], limit: 1000 });
  for (const { id } of left) await client.cancel(id).catch(() => {});
}

/** Hashes files. Resolves when each is completed or has failed. */
export async function hashFiles(
  files: readonly string[],
  into: string,
  { client, watcher, tally, screen }: Surroundings,
): Promise<void> {
  let done = 0;
  const queue = files.values(); // shared: each loop takes the next file
  const work = async () => {
    for (const path of queue) {
      await hash({ path, into });
      screen.progress(++done, files.length);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, work));

  async function hash(file: FileToHash): Promise<void> {
    const id = await client.submit(steps[0], file);
    await client.result(id).catch(() => {}); // its jobs have the error
    const { jobs } = await client.status(id);
    for (const job of jobs) {
      tally.add(job, watcher.workers.get(job.worker ?? ""));
      if (job.state === "completed") continue;
      screen.line(
        `${file.path} was given up in ${job.jobType}: ${job.error?.message}`,
      );
    }
  }
}
