/**
 * Layer: cli. The overview of a pipeline: waiting and running jobs, and workers.
 * For `status` and `top`.
 *
 * @module
 */
import type { JobState, StatsInfo, WorkerInfo } from "../pipeline/mod.ts";
import { escaped } from "./escape.ts";
import { table } from "./table.ts";

/** Jobs per second, by job type. */
export type Rates = ReadonlyMap<string, number>;

/** The processes that share the pipeline, if there are several or may be. */
function membersOf({ members = [] }: StatsInfo): string[] {
  if (members.length === 0) return [];
  const isSharded = members.some(({ shards }) => shards !== undefined);
  const rows = members.map(({ leads, shards, address, host, pid }) => [
    leads ? "leader" : "standby",
    ...isSharded ? [shards?.join(", ") ?? ""] : [],
    address,
    host,
    pid,
  ]);
  const shards = isSharded ? ["SHARDS"] : [];
  return [...table(["PROCESS", ...shards, "ADDRESS", "HOST", "PID"], rows), ""];
}

/** The lines of the overview. */
export function overview(stats: StatsInfo, rates?: Rates): string[] {
  return [
    ...table(
      [
        "STEP",
        "WAITING",
        "RUNNING",
        "WORKERS",
        "COMPLETED",
        "DEAD",
        ...rates ? ["PER SECOND"] : [],
        "",
      ],
      stats.jobTypes.map(({ jobType: type, waiting, running, paused }) => [
        type,
        waiting,
        running,
        stats.workers.filter((worker) => worker.jobType === type).length,
        countOf(stats, type, "completed"),
        countOf(stats, type, "dead"),
        ...rates ? [(rates.get(type) ?? 0).toFixed(1)] : [],
        paused ? "paused" : "",
      ]),
    ),
    "",
    ...membersOf(stats),
    ...stats.workers.length === 0 ? ["no workers"] : table(
      ["WORKER", "STEP", "JOBS", "RUNTIME", "HOST", "PID", "STATE"],
      byStep(stats).map((worker) => [
        worker.id,
        worker.stepName,
        `${worker.jobs.length}/${worker.concurrency}`,
        worker.runtime,
        worker.host,
        worker.pid,
        stateOf(worker),
      ]),
    ),
    ...errorLines(stats),
  ];
}

/** The errors since the pipeline was started; older versions do not count them. */
function errorLines({ errors = {} }: Partial<StatsInfo>): string[] {
  const counts = Object.entries(errors);
  if (counts.length === 0) return [];
  const list = counts.map(([kind, count]) => `${count} ${kind}`);
  return ["", escaped(`errors since the start: ${list.join(", ")}`)];
}

/** How many jobs of a type are in a state. */
export function countOf(
  { counts }: StatsInfo,
  jobType: string,
  state: JobState,
): number {
  return counts.find((one) => one.jobType === jobType && one.state === state)
    ?.count ?? 0;
}

/** The workers, in the order of the steps, then of registration. */
function byStep({ jobTypes: types, workers }: StatsInfo): WorkerInfo[] {
  const at = new Map(types.map(({ jobType: type }, i) => [type, i]));
  const place = ({ jobType: type }: WorkerInfo) => at.get(type) ?? at.size;
  return [...workers].sort((a, b) => place(a) - place(b));
}

function stateOf({ draining, linked, suspect }: WorkerInfo): string {
  if (suspect) return "silent";
  if (draining) return "draining";
  return linked ? "working" : "not linked";
}
