/**
 * Example: the file pipeline. Defines the processes, their runtimes and their
 * permissions.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Places } from "./pipeline.ts";
import type { Processes } from "./processes.ts";
import { type FoundRuntime, hasSqlite } from "./runtimes.ts";
import type { Screen } from "./screen.ts";
import { steps } from "./steps/mod.ts";

/** The process of the pipeline. */
export interface PipelineSpec {
  /** Stores the jobs in this file; without it, in memory. */
  readonly store: string | undefined;
  /** Whether it has a dashboard. */
  readonly dashboard: boolean;
  /** Aborted to stop everything; also if the process dies for good. */
  readonly end: AbortController;
}

/** Starts the pipeline. Resolves with its address for requests. */
export async function startPipeline(
  processes: Processes,
  screen: Screen,
  runtimes: readonly FoundRuntime[],
  { store, dashboard, end }: PipelineSpec,
): Promise<string> {
  const runtime = store ? runtimes.find(hasSqlite) : runtimes[0];
  if (runtime === undefined) {
    throw new Error("--store needs Deno, Bun or Node 22.13 among --runtimes");
  }
  // At first any free port; after a restart the same one.
  let places: Places = {
    port: 0,
    dashboard: dashboard ? 0 : undefined,
  };
  return await new Promise((resolve, reject) => {
    end.signal.addEventListener("abort", () => reject(end.signal.reason));
    processes.start({
      name: "the pipeline",
      runtime,
      file: "./pipeline.ts",
      args: () => [JSON.stringify(places), ...(store ? [store] : [])],
      permissions: {
        // SQLite writes its log next to the file.
        ...(store && { read: dirname(store), write: dirname(store) }),
        ...(dashboard && { env: "TOKEN" }),
      },
      env: { TOKEN: crypto.randomUUID() },
      restarts: store ? undefined : 0, // without a file its jobs are gone
      onFirstLine: (line, pid) => {
        places = JSON.parse(line);
        const { name, version } = runtime;
        const address = places.requests as string;
        screen.line(
          `  the pipeline is up on ${name} ${version}, pid ${pid}, at ${address}`,
        );
        resolve(address);
      },
      onDeath: (error) => end.abort(error),
    });
  });
}

/** The options of the workers. */
export interface WorkerSpec {
  /** The address of the pipeline. */
  readonly pipeline: string;
  /** How many there are for each step. */
  readonly count: number;
  /** How much to delay each job, in milliseconds. */
  readonly slowMs: string;
  /** Where the files are. */
  readonly folder: string;
  /** Where the results go. */
  readonly parts: string;
}

/** Starts the workers, on the runtimes in turn. */
export function startWorkers(
  processes: Processes,
  runtimes: readonly FoundRuntime[],
  { pipeline, count, slowMs, folder, parts }: WorkerSpec,
): void {
  const permissions = [{ read: folder }, { read: folder }, { write: parts }];
  for (let i = 0; i < count; i++) {
    for (const [place, { jobType }] of steps.entries()) {
      const name = `${jobType}-${i + 1}`;
      processes.start({
        name,
        runtime: runtimes[(place + i) % runtimes.length]!,
        file: "./worker.ts",
        args: () => [jobType, name, pipeline, slowMs],
        permissions: permissions[place]!,
      });
    }
  }
}
