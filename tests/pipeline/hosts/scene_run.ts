/**
 * Test support. One scene: a client submits all the while, something happens to a
 * host, and in the end it is judged what came of it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type JobEvent,
  type Limits,
  PipelineClient,
} from "@agentzero/agentzero/pipeline";
import { within } from "../../support/deadline.ts";
import { readActivities } from "../chaos/activity_log.ts";
import type { Evidence } from "../chaos/evidence.ts";
import { judge } from "../chaos/judge.ts";
import { Desk } from "../chaos/run.ts";
import type { RuntimeName } from "../support/programs.ts";
import type { Scene } from "./scenes.ts";
import { Stage } from "./stage.ts";

/** How a scene is run. */
export interface SceneSettings {
  /** The runtimes of the two workers; something happens to the first. */
  readonly runtimes: readonly [RuntimeName, RuntimeName];
  /** How many flows are submitted in a second, of 2.6 jobs on average. */
  readonly flowsPerSecond: number;
  /** How long a handler takes at most. */
  readonly workMs: number;
  /** How long a client submits before and after it happens. */
  readonly aroundMs: number;
  readonly limits: Partial<Limits>;
}

/** What came of it. */
export interface SceneReport {
  readonly scene: Scene;
  readonly jobs: number;
  /** Flows without the right result. */
  readonly lost: number;
  readonly acceptedTwice: number;
  /** Handlers that began more often than needed. */
  readonly ranAgain: number;
  /** From the beginning until the last job that the worker had, or got before its silence was noticed, began elsewhere. */
  readonly elsewhereMs: number | undefined;
  /** From the end until the worker began a job again. */
  readonly backMs: number | undefined;
  /** From the beginning until the client got the next result. */
  readonly nextResultMs: number;
  /** What must not be; empty when all is well. */
  readonly faults: readonly string[];
}

/** After this time what is missing counts as lost, in milliseconds. */
const LIMIT_MS = 180_000;

/** A worker that is silent gets no jobs after this time, in milliseconds. */
const SUSPECT_MS = 5000;

/** Defaults of everything. */
export const FULL: Omit<SceneSettings, "runtimes"> = {
  flowsPerSecond: 6,
  workMs: 1000,
  aroundMs: 5000,
  limits: {},
};

/** Runs a scene. @param dir An empty folder. */
export async function runScene(
  scene: Scene,
  settings: SceneSettings,
  dir: string,
): Promise<SceneReport> {
  await using stage = await Stage.create(dir, settings);
  await setUp(stage, scene, settings);
  await using client = new PipelineClient({ pipeline: stage.addresses });
  const desk = new Desk(client, 1);
  const faults: string[] = [];
  const submitting = new AbortController();
  const submitted = submit(desk, settings, submitting.signal);
  const times = { from: 0, to: 0, nextResult: 0 };
  try {
    await sleep(settings.aroundMs);
    times.from = Date.now();
    const next = nextResult(desk).then(() => times.nextResult = Date.now());
    await scene.perform(stage);
    times.to = Date.now();
    await within(next, LIMIT_MS, "a result");
    await sleep(scene.afterMs ?? settings.aroundMs);
    submitting.abort();
    await submitted;
    await within(desk.settled(), LIMIT_MS, "all results");
  } catch (error) {
    faults.push((error as Error).message);
  }
  submitting.abort();
  const evidence: Evidence = {
    submitted: desk.submitted,
    readings: desk.readings,
    happenings: [],
    workers: stage.names,
    stored: await stage.end(),
    executions: readActivities(dir),
  };
  // A reason to take a job from its worker there was.
  faults.push(...judge(evidence, () => true));
  return reportOf(scene, evidence, times, faults);
}

async function setUp(
  stage: Stage,
  { isPair = false, addHost }: Scene,
  { runtimes: [first, second] }: SceneSettings,
): Promise<void> {
  if (isPair) await stage.startPair();
  else await stage.startPipeline();
  const victim = await (addHost?.(stage) ?? stage.network.addHost(10));
  const other = await stage.network.addHost(11);
  await Promise.all([
    stage.startWorker(victim, first),
    stage.startWorker(other, second),
  ]);
}

async function submit(
  desk: Desk,
  { flowsPerSecond }: SceneSettings,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    desk.submit(n % 5 === 4 ? "tree" : "chain", { n }).catch(() => {});
    await sleep(1000 / flowsPerSecond);
  }
}

async function nextResult(desk: Desk): Promise<void> {
  const count = desk.readings.length;
  while (desk.readings.length === count) await sleep(20);
}

function reportOf(
  scene: Scene,
  evidence: Evidence,
  { from, to, nextResult }: { from: number; to: number; nextResult: number },
  faults: readonly string[],
): SceneReport {
  const { submitted, executions, stored } = evidence;
  const failed = executions.filter(({ hasFailed }) => hasFailed).length;
  const jobs = stored.reduce((sum, { jobs }) => sum + jobs.length, 0);
  const count = (word: string) =>
    faults.filter((fault) => fault.startsWith(word)).length;
  const backAt = executions.filter(({ process, begin }) =>
    process === "worker0" && begin > to
  ).map(({ begin }) => begin);
  return {
    scene,
    jobs,
    lost: count("lost"),
    acceptedTwice: count("doubled"),
    ranAgain: executions.length - failed -
      new Set(executions.map(({ job }) => job)).size,
    elsewhereMs: elsewhereAfter(evidence, from),
    backMs: backAt.length > 0 ? Math.min(...backAt) - to : undefined,
    nextResultMs: nextResult - from,
    faults: submitted.length > 0 ? faults : ["nothing was submitted"],
  };
}

/** How long it took until all jobs that the first worker had, and that were taken from it, had begun elsewhere. */
function elsewhereAfter(
  { executions, stored, workers }: Evidence,
  from: number,
): number | undefined {
  const events = stored.flatMap(({ events }) => events);
  const isHis = ({ worker = "" }: JobEvent) =>
    workers.get(worker) === "worker0";
  const had = new Set(
    events.filter((one) =>
      one.type === "dispatched" && one.at <= from + SUSPECT_MS && isHis(one)
    ).map(({ jobId, attempt }) => `${jobId} ${attempt}`),
  );
  const begins = events.filter((one) =>
    one.type === "requeued" && one.at >= from &&
    had.has(`${one.jobId} ${one.attempt}`)
  ).flatMap(({ jobId, attempt }) =>
    executions.filter((one) => one.job === jobId && one.attempt > attempt)
      .map(({ begin }) => begin).slice(0, 1)
  );
  return begins.length > 0 ? Math.max(...begins) - from : undefined;
}
