/**
 * Example: the file pipeline. The Pipeline process: it knows the workers by
 * their announcements, gives them jobs as far as their credit goes, takes
 * results, and answers requests. What a job is about it does not know.
 *
 *     deno run --allow-net examples/file_pipeline/pipeline.ts
 *
 * @module
 */
import process from "node:process";
import {
  formatLogMessage,
  type LogRecord,
  MSGPACK,
  SocketManager,
  zmq,
} from "@agentzero/agentzero";
import { type Job, JobQueue } from "./job_queue.ts";
import {
  type Available,
  type JobEvent,
  type Metric,
  type PipelineAddresses,
  type PipelineReply,
  type PipelineRequest,
  type Result,
  type Runtime,
  type StatsReply,
  type StatusReply,
  STEPS,
  type StepStats,
  type SubmitReply,
} from "./messages.ts";
import { endWithParent } from "./parent.ts";
import { WorkerPool } from "./worker_pool.ts";

/** So many durations of each step are kept, the newest. */
const MAX_SAMPLES = 1000;
/** How often leases are looked at. */
const TICK_MS = 1000;
/** The pause before the second try; it doubles from try to try. */
const RETRY_MS = 50;

class Pipeline {
  readonly #sockets = new SocketManager({
    serializationBackend: new MSGPACK(),
  });
  readonly #queue = new JobQueue();
  readonly #workers = new WorkerPool(this.#sockets, {
    onReady: () => this.#dispatch(),
    onLost: ({ info }) => {
      const count = this.#queue.takeBackFrom(info.id);
      note(`${info.id} is lost; jobs for others: ${count}`);
      this.#dispatch();
    },
  });
  readonly #durations: number[][] = STEPS.map(() => []);
  readonly #byRuntime: Partial<Record<Runtime, number>>[] = STEPS.map(
    () => ({}),
  );
  readonly #end = new AbortController();

  /** Binds the three sockets that others find it by. */
  async listen(address: string): Promise<PipelineAddresses> {
    const events = await this.#sockets.ensureAndBind(
      "pipe-sub",
      zmq.SUB,
      address,
    );
    const results = await this.#sockets.ensureAndBind(
      "pipe-in",
      zmq.PULL,
      address,
    );
    const requests = await this.#sockets.ensureAndBind(
      "pipe-rep",
      zmq.REP,
      address,
    );
    return {
      events: events.lastEndpoint!,
      results: results.lastEndpoint!,
      requests: requests.lastEndpoint!,
    };
  }

  /** Works until a client says `stop`. */
  async run(): Promise<void> {
    const timer = setInterval(() => this.#tick(), TICK_MS);
    await Promise.all([
      this.#readEvents(),
      this.#readResults(),
      this.#answerRequests(),
    ]);
    clearInterval(timer);
    await this.#workers.stop();
    await this.#sockets.closeAll();
  }

  async #readEvents(): Promise<void> {
    const { signal } = this.#end;
    for await (
      const { topic, data } of this.#sockets.subscribe("pipe-sub", "", {
        signal,
      })
    ) {
      const [kind, what, , id] = topic.split(":");
      if (kind === "available") {
        const info = data as Available;
        await this.#workers.meet(info);
        this.#queue.renew(info.id, info.working_on, Date.now());
      } else if (kind === "job" && what === "started" && id) {
        this.#queue.begin(id, (data as JobEvent).attempt);
      } else if (kind === "metric") {
        const samples = this.#durations[STEPS.findIndex((s) => s === what)];
        samples?.push((data as Metric).value_ms);
        if (samples && samples.length > MAX_SAMPLES) samples.shift();
      } else if (kind === "logs") {
        const { msg, args, name } = data as LogRecord;
        note(`${name}: ${formatLogMessage(msg, args)}`);
      }
    }
  }

  async #readResults(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const result = await this.#sockets.recvSafe<Result>("pipe-in", {
        timeout: -1,
        signal,
      }).catch(unlessAborted(signal));
      if (result === undefined) continue;
      if (result.type === "success") {
        this.#count(
          this.#queue.succeed(result.id, result.attempt, result.result),
        );
      } else {
        this.#retryLater(
          this.#queue.fail(result.id, result.attempt, result.error),
        );
      }
      this.#dispatch();
    }
  }

  #count(success: { worker: string; step: number } | undefined): void {
    const runtime = success && this.#workers.get(success.worker)?.info.runtime;
    if (!runtime) return;
    const counts = this.#byRuntime[success.step]!;
    counts[runtime] = (counts[runtime] ?? 0) + 1;
  }

  #retryLater(job: Job | undefined): void {
    if (job === undefined) return;
    setTimeout(() => {
      this.#queue.wait(job);
      this.#dispatch();
    }, RETRY_MS * 2 ** (job.tries - 1));
  }

  /** Gives out what can be given out: no worker gets more than its credit. */
  #dispatch(): void {
    for (const [step, jobType] of STEPS.entries()) {
      while (true) {
        const worker = this.#workers.idlest(
          jobType,
          (id) => this.#queue.countOf(id),
        );
        const job = worker &&
          this.#queue.take(step, worker.info.id, Date.now());
        if (!job) break;
        const { id, attempt, instructions } = job;
        this.#workers.send(worker, { type: "job", id, attempt, instructions });
      }
    }
  }

  #tick(): void {
    const count = this.#queue.takeBackExpired(Date.now());
    if (count > 0) note(`leases that ended: ${count}`);
    this.#dispatch();
  }

  async #answerRequests(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const request = await this.#sockets.recvSafe<PipelineRequest>(
        "pipe-rep",
        { timeout: -1 },
      );
      if (request === undefined) continue;
      await this.#sockets.sendSafe("pipe-rep", this.#answer(request));
      if (request.type === "stop") this.#end.abort();
    }
  }

  #answer(
    request: PipelineRequest,
  ): PipelineReply | SubmitReply | StatusReply | StatsReply {
    switch (request.type) {
      case "submit": {
        const job = this.#queue.submit(request.instructions);
        if (job === undefined) return { status: 429 };
        this.#dispatch();
        return { status: 200, id: job.id };
      }
      case "status": {
        const job = this.#queue.jobs.get(request.id);
        if (job === undefined) return { status: 404 };
        const { id, state, error, step } = job;
        const job_type = STEPS[step]!;
        return { status: 200, id, state, error, job_type };
      }
      case "stats":
        return this.#stats();
      case "stop":
        return { status: 200 };
      default:
        return { status: 400 };
    }
  }

  #stats(): StatsReply {
    const { done, failures, takenBack, dead } = this.#queue;
    return {
      status: 200,
      completed: done.at(-1)!,
      dead: dead.map(({ id }) => id),
      steps: STEPS.map((job_type, i): StepStats => ({
        job_type,
        jobs: done[i]!,
        jobs_by_runtime: this.#byRuntime[i]!,
        failures: failures[i]!,
        taken_back: takenBack[i]!,
        p50_ms: median(this.#durations[i]!),
      })),
      workers: this.#workers.connected.map(({ info }) => info),
    };
  }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function unlessAborted(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

/** For the people who watch; the addresses alone go to stdout. */
function note(text: string): void {
  console.error(text);
}

endWithParent();
const pipeline = new Pipeline();
console.log(JSON.stringify(await pipeline.listen("tcp://127.0.0.1:*")));
await pipeline.run();
process.exit(0);
