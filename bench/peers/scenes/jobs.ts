/**
 * Benchmark peers. Jobs through a pipeline: so many under way at a time, and
 * then one alone after the other. Who runs them is for the peer to say.
 *
 * @module
 */
import {
  answer,
  type Arguments,
  percentiles,
  type Scene,
  sharedClockUs,
} from "../support.ts";

/** What the handler gives: the number that it got, and when it was called. */
export interface Done {
  readonly n: number;
  /** In microseconds, on the clock of all processes. */
  readonly at: number;
}

/** The handler: it does nothing. */
export function handle(n: number): Done {
  return { n, at: sharedClockUs() };
}

/** Submits jobs, and waits for their results. */
export interface JobClient {
  /** Submits a job, and gives what its handler gave. */
  run(n: number): Promise<Done>;
  close(): Promise<void>;
}

/**
 * `client connect= warm= count= window= lone=`: gives the milliseconds that
 * `count` jobs took, and in microseconds how long a lone one took from being
 * submitted to its handler.
 */
export function clientScene(
  connect: (args: Arguments) => Promise<JobClient>,
): Scene {
  return async (args) => {
    const client = await connect(args);
    const window = args.number("window");
    await many(client, args.number("warm"), window); // until all is compiled
    const ms = await many(client, args.number("count"), window);
    const times: number[] = [];
    for (let n = 0; n < args.number("lone"); n++) {
      const start = sharedClockUs();
      times.push((await run(client, n)).at - start);
    }
    answer({ ms, ...percentiles(times) });
    await client.close();
  };
}

async function many(
  client: JobClient,
  count: number,
  window: number,
): Promise<number> {
  const start = performance.now();
  let next = 0;
  const some = async () => {
    while (next < count) await run(client, next++);
  };
  await Promise.all(Array.from({ length: window }, some));
  return performance.now() - start;
}

async function run(client: JobClient, n: number): Promise<Done> {
  const done = await client.run(n);
  if (done.n !== n) throw new Error(`The job ${n} gave ${done.n}`);
  return done;
}
