/**
 * Example: the file pipeline. Watches the pipeline: which workers run, and which
 * were lost.
 *
 * @module
 */
import type {
  Available,
  EventInfo,
  PipelineClient,
} from "@agentzero/agentzero/pipeline";
import type { Screen } from "./screen.ts";

/** How long the jobs of a lost worker are counted before they are reported. */
const COUNT_MS = 50;

/** Watches one pipeline. */
export class Watcher {
  /** All workers so far, by id. */
  readonly workers: Map<string, Available> = new Map();
  readonly #screen: Screen;
  readonly #taken: Map<string, number> = new Map();
  #onWorker: () => void = () => {};
  #onSign: () => void = () => {};
  #stall: ReturnType<typeof setTimeout> | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Watches until the client is closed. */
  async listen(client: PipelineClient): Promise<void> {
    for await (const { topic, data } of client.watch()) {
      if (topic === "available") this.#meet(data as Available);
      if (topic.startsWith("job:")) this.#onSign();
      if (topic.startsWith("job:requeued:")) this.#takeBack(data as EventInfo);
    }
  }

  /** Waits until this many workers run, up to a limit of time. */
  async waitForWorkers(
    count: number,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#screen.line(
          "Not all workers have started; continuing without them.",
        );
        resolve();
      }, limitMs);
      const look = () => {
        if (this.workers.size < count && !signal.aborted) return;
        clearTimeout(timer);
        signal.removeEventListener("abort", look);
        resolve();
      };
      signal.addEventListener("abort", look);
      this.#onWorker = look;
      look();
    });
  }

  /** Calls back if no job makes progress for this long. */
  onStall(limitMs: number, listener: () => void): void {
    this.#onSign = () => {
      clearTimeout(this.#stall);
      this.#stall = setTimeout(listener, limitMs);
    };
    this.#onSign();
  }

  /** Stops waiting. */
  stop(): void {
    clearTimeout(this.#stall);
    this.#onSign = () => {};
  }

  #meet(worker: Available): void {
    const { id, stepName: name, runtime, pid } = worker;
    if (this.workers.has(id)) return;
    this.workers.set(id, worker);
    this.#screen.line(`  ${name} is up on ${runtime}, pid ${pid}`);
    this.#onWorker();
  }

  #takeBack({ worker = "" }: EventInfo): void {
    const count = this.#taken.get(worker);
    this.#taken.set(worker, (count ?? 0) + 1);
    if (count !== undefined) return;
    setTimeout(() => {
      const name = this.workers.get(worker)?.stepName ?? worker;
      const jobs = this.#taken.get(worker);
      this.#taken.delete(worker);
      this.#screen.line(`  ${name} is lost; jobs for others: ${jobs}`);
    }, COUNT_MS);
  }
}
