/**
 * Layer: pipeline/client. Sends many submissions to a pipeline: a few requests at
 * a time, so that the next one is there when the pipeline has committed the last.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import { type SubmitOptions, withShared } from "../model/submit_options.ts";
import { WIRE_MINOR } from "../protocol/messages.ts";
import { natural, optional } from "../protocol/reader.ts";
import { describeRequest } from "../protocol/describe.ts";
import type {
  Answer,
  CallOptions,
  RequestExtras,
} from "../protocol/request_dealer.ts";
import type { PlacedSubmission, SubmissionChunk } from "./submission_chunks.ts";
import { submissionFields } from "./submission_fields.ts";

/** How many requests are sent at a time, to each shard. */
const AT_A_TIME = 2;
/** The minor version from which on a pipeline takes many submissions in a request. */
const SINCE_MINOR = 2;

/** How it reaches the pipeline. */
export interface SubmitManyParts {
  /** @param extras The list of the request, and the shard that has it. */
  ask(
    request: Record<string, unknown>,
    call: CallOptions,
    extras?: RequestExtras,
  ): Promise<Answer>;
  /** Submits one flow. @param payload JSON text. */
  submit(
    payload: string,
    options: SubmitOptions & CallOptions,
    traceparent: string | undefined,
  ): Promise<string>;
}

/** One call of `submitMany`. */
export class SubmitMany {
  readonly #flow: string;
  readonly #shared: SubmitOptions;
  readonly #call: CallOptions;
  readonly #parts: SubmitManyParts;
  readonly #endsAt: number;
  /** Whether the pipeline takes one at a time. */
  #isOlder = false;

  constructor(
    flow: string,
    shared: SubmitOptions,
    call: CallOptions,
    parts: SubmitManyParts,
  ) {
    this.#flow = flow;
    this.#shared = shared;
    this.#call = call;
    this.#parts = parts;
    this.#endsAt = performance.now() + (call.timeoutMs ?? Infinity);
  }

  /**
   * Submits all of them. After an error no more requests are sent.
   *
   * @returns The ids of the flows, in order.
   * @throws {PipelineError} With the `ids` of all submissions.
   */
  async run(chunks: readonly SubmissionChunk[]): Promise<string[]> {
    const ids: string[] = [];
    let error: unknown;
    const work = async (left: Iterable<SubmissionChunk>) => {
      for (const chunk of left) {
        try {
          const some = await this.#send(chunk);
          for (const [i, { index }] of chunk.submissions.entries()) {
            ids[index] = some[i]!;
          }
        } catch (cause) {
          error ??= cause;
        }
        if (error !== undefined) return;
      }
    };
    const working = [...new Set(chunks.map(({ shard }) => shard))]
      .flatMap((shard) => {
        const left = chunks.filter((one) => one.shard === shard).values();
        return Array.from({ length: AT_A_TIME }, () => work(left));
      });
    await Promise.all(working);
    if (error === undefined) return ids;
    if (!(error instanceof PipelineError)) throw error;
    const { code, message, id } = error;
    const all: string[] = [];
    for (const one of chunks.flatMap(({ submissions }) => submissions)) {
      all[one.index] = one.id;
    }
    throw new PipelineError(code, message, { id, ids: all, cause: error });
  }

  async #send(chunk: SubmissionChunk): Promise<string[]> {
    const { submissions, list } = chunk;
    if (this.#isOlder || submissions.length === 1) {
      return await this.#sendEach(submissions);
    }
    const request = {
      type: "submit_many",
      minor: WIRE_MINOR,
      flow: this.#flow,
      ...submissionFields(this.#shared),
    };
    try {
      const extras = { submissions: list, shard: chunk.shard };
      const { ids } = await this.#parts.ask(request, this.#left, extras);
      return ids as string[];
    } catch (error) {
      if (!isInvalid(error) || !await this.#findOlder()) throw error;
      return await this.#sendEach(submissions);
    }
  }

  async #sendEach(
    submissions: readonly PlacedSubmission[],
  ): Promise<string[]> {
    return await Promise.all(
      submissions.map(({ id, own, payload }) => {
        const options = withShared(this.#shared, own);
        const all = { ...options, ...this.#left, id };
        return this.#parts.submit(payload, all, options.traceparent);
      }),
    );
  }

  /** Finds out whether the pipeline is of a release that does not know the request. */
  async #findOlder(): Promise<boolean> {
    const answer = await this.#parts.ask({ ...describeRequest() }, this.#left);
    this.#isOlder = (optional(answer, "minor", natural) ?? 0) < SINCE_MINOR;
    return this.#isOlder;
  }

  /** How long the next request may take. */
  get #left(): CallOptions {
    const { timeoutMs, signal } = this.#call;
    return {
      timeoutMs: timeoutMs === undefined
        ? undefined
        : Math.max(0, this.#endsAt - performance.now()),
      signal,
    };
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof PipelineError &&
    error.code === "ERR_PIPELINE_INVALID";
}
