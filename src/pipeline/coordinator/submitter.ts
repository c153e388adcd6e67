/**
 * Layer: pipeline/coordinator. Takes submissions: each is answered once it is
 * committed, and an id counts once.
 *
 * @module
 */
import { requireText } from "../model/check.ts";
import { atSubmission } from "../model/check_submit.ts";
import { givenPayload } from "../model/former_names.ts";
import type { Graph } from "../model/graph.ts";
import { newId } from "../model/new_id.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { newIdIn, requireShard } from "../model/shards.ts";
import type { LiveFlow } from "../scheduler/live_flow.ts";
import type { Submission } from "../scheduler/new_records.ts";
import type { JobStore } from "../store/job_store.ts";
import { checkSubmission, requireFreeId } from "./check_submission.ts";
import type { Coordinator } from "./coordinator.ts";
import { KeyedQueue } from "./keyed_queue.ts";

/** A submission, of a flow that the pipeline knows. */
export interface SubmitRequest
  extends Partial<Omit<Submission, "graph" | "name" | "payload">> {
  /** The name of the flow. */
  readonly name: string;
  /** What the first step gets; JSON text. */
  readonly payload?: string;
  /** @deprecated Use `payload`. */
  readonly instructions?: string;
}

/** The answer to a submission. */
export interface Submitted {
  /** The id of its flow. */
  readonly id: string;
  /** Whether it is a new flow, and not one with the same id, or name and key. */
  readonly isNew: boolean;
}

/** Takes submissions. */
export class Submitter {
  readonly #coordinator: Coordinator;
  readonly #store: JobStore;
  readonly #flows: ReadonlyMap<string, Graph>;
  /** Submissions of one id wait for each other while the store looks for it. */
  readonly #submissions = new KeyedQueue();

  /** @param flows The graph of each flow, by its name. */
  constructor(
    coordinator: Coordinator,
    store: JobStore,
    flows: ReadonlyMap<string, Graph>,
  ) {
    this.#coordinator = coordinator;
    this.#store = store;
    this.#flows = flows;
  }

  /** See {@link Operations.submit}. */
  async submit(
    given: SubmitRequest,
  ): Promise<Submitted> {
    const request = withPayload(given, "A submission");
    const { scheduler } = this.#coordinator;
    this.#coordinator.requireOpen();
    checkSubmission(request, this.#coordinator.limits);
    const isTaken = request.id !== undefined &&
      scheduler.flow(request.id) !== undefined;
    // A flow that was accepted before the store failed is not refused when it
    // is submitted again: it will be committed with all others.
    if (!isTaken) this.#coordinator.requireRunning();
    const graph = this.#graphOf(request.name);
    const id = this.#idOf(request);
    const submission = { ...request, id, graph };
    // A new id needs no lookup.
    const isNewId = isTaken || request.id === undefined;
    const known = isNewId ? undefined : this.#store.flow(id);
    if (known instanceof Promise) {
      const isFirst = !this.#submissions.has(id);
      if (!isFirst) known.catch(() => {}); // the store is asked again
      return await this.#submissions.run(id, async () => {
        // One before may have been committed since.
        const stored = isFirst ? known : this.#store.flow(id);
        if (
          await stored !== undefined && scheduler.flow(id) === undefined
        ) return { id, isNew: false };
        this.#coordinator.requireRunning();
        const accepted = this.#accept(submission);
        await this.#committed();
        return answerOf(accepted);
      });
    }
    if (known !== undefined) return { id, isNew: false };
    const accepted = this.#accept(submission);
    // An existing one may not be committed yet, either.
    await this.#committed();
    return answerOf(accepted);
  }

  /** See {@link Operations.submitMany}. */
  async submitMany(
    given: readonly SubmitRequest[],
  ): Promise<Submitted[]> {
    this.#coordinator.requireOpen();
    const { scheduler } = this.#coordinator;
    const submissions = given.map((one, index) =>
      atSubmission(index, () => this.#checked(one))
    );
    // A new id needs no lookup, nor does one that is in memory.
    const asked = submissions.map(({ id }) => id).filter((id, index) =>
      given[index]!.id !== undefined && scheduler.flow(id) === undefined
    );
    const look = () => asked.map((id) => this.#store.flow(id));
    const known = look();
    if (!known.some((one) => one instanceof Promise)) {
      const stored = asked.filter((_, i) => known[i] !== undefined);
      return await this.#acceptAll(submissions, stored);
    }
    const isFirst = !asked.some((id) => this.#submissions.has(id));
    const found = Promise.all(known);
    if (!isFirst) found.catch(() => {}); // the store is asked again
    return await this.#submissions.runAll(asked, async () => {
      const flows = await (isFirst ? found : Promise.all(look()));
      // One before may have been committed since, and still be in memory.
      const stored = asked.filter((id, i) =>
        flows[i] !== undefined && scheduler.flow(id) === undefined
      );
      return await this.#acceptAll(submissions, stored);
    });
  }

  /** @param stored The ids of those that the store has, and the scheduler has not. */
  async #acceptAll(
    submissions: readonly Submission[],
    stored: readonly string[],
  ): Promise<Submitted[]> {
    const { scheduler } = this.#coordinator;
    const isStored = new Set(stored);
    const others = submissions.filter(({ id }) => !isStored.has(id));
    const fresh = others.filter(({ id }) => scheduler.flow(id) === undefined);
    if (fresh.length > 0) this.#coordinator.requireRunning();
    for (const { id } of fresh) requireFreeId(id);
    scheduler.requireRoom(fresh);
    const accepted = submissions.map((one): Accepted =>
      isStored.has(one.id)
        ? { id: one.id, isNew: false, live: undefined }
        : this.#accept(one)
    );
    await this.#committed();
    return accepted.map(answerOf);
  }

  /** A submission whose members are checked. */
  #checked(given: SubmitRequest): Submission {
    const request = withPayload(given, "A submission");
    checkSubmission(request, this.#coordinator.limits);
    const graph = this.#graphOf(request.name);
    return { ...request, id: this.#idOf(request), graph };
  }

  /**
   * The id of a submission, a new one if it has none.
   *
   * @throws {PipelineError} `ERR_PIPELINE_SHARD` for what another shard has.
   */
  #idOf({ id, key }: Pick<SubmitRequest, "id" | "key">): string {
    const { shard } = this.#store;
    if (shard === undefined) return id ?? newId();
    if (id === undefined && key === undefined) return newIdIn(shard);
    requireShard({ id, key }, shard);
    return id ?? newIdIn(shard);
  }

  #accept(submission: Submission): Accepted {
    const { scheduler } = this.#coordinator;
    const { id } = submission;
    if (scheduler.flow(id) === undefined) requireFreeId(id);
    const { flow, isNew } = scheduler.submit(submission);
    return { id: flow.id, isNew, live: scheduler.flow(flow.id) };
  }

  #graphOf(name: string): Graph {
    requireText("The name of the flow", name);
    const graph = this.#flows.get(name);
    if (graph !== undefined) return graph;
    const known = [...this.#flows.keys()].join('", "');
    throw new PipelineError(
      "ERR_PIPELINE_UNKNOWN",
      `Unknown flow "${name}"; the pipeline has "${known}"`,
    );
  }

  #committed(): Promise<void> {
    return this.#coordinator.commits.committed();
  }
}

/** A submitted flow, which is not committed yet. */
interface Accepted extends Submitted {
  readonly live: LiveFlow | undefined;
}

/** @throws {PipelineError} `ERR_STORE_FAILED` if the store refused the flow. */
function answerOf(
  { id, isNew, live }: Accepted,
): Submitted {
  if (live?.refusal !== undefined) throw live.refusal;
  return { id, isNew };
}

/** A request with its payload under its present name, unchecked. */
export function withPayload<
  T extends { readonly payload?: string; readonly instructions?: string },
>(request: T, what: string): T & { readonly payload: string } {
  const payload = givenPayload(request, what) as string;
  return request.instructions === undefined
    ? request as T & { readonly payload: string }
    : { ...request, payload, instructions: undefined };
}
