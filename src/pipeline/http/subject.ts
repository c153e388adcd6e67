/**
 * Layer: pipeline/http. What a dashboard shows: a pipeline of this process, or one
 * whose shards are in several. It asks as clients do, and gets answers as on the
 * wire.
 *
 * @module
 */
import type { Operations } from "../coordinator/operations.ts";
import type { Flow } from "../define/flow.ts";
import type { PipelineError } from "../model/pipeline_error.ts";
import type { Pipeline } from "../pipeline.ts";
import { WIRE_MINOR } from "../protocol/messages.ts";
import type { FeedListener } from "../server/feed.ts";
import type { Fields } from "../server/request_table.ts";
import { answer } from "../server/requests.ts";
import { statsView, type View } from "../server/views.ts";
import { ShardMember } from "../shard_member.ts";
import { mergedStats } from "../client/merged_answers.ts";

/** The part of a pipeline that a dashboard needs. */
export type Observed = Pick<
  Pipeline,
  "name" | "flows" | "operations" | "addresses" | "watch"
>;

/** What a dashboard shows. */
export interface Subject {
  readonly name: string;
  readonly flows: ReadonlyMap<string, Flow<never, unknown>>;
  readonly addresses: unknown;
  readonly maxPayloadBytes: number;
  /** What of it is in this process. */
  readonly here: Here;
  /**
   * Answers a request of the table, as on the wire.
   *
   * @param signal Gives up when aborted.
   * @throws {PipelineError} What its operation throws; `ERR_PIPELINE_TIMEOUT`.
   */
  ask(request: Fields, signal: AbortSignal): Promise<View>;
  /** Calls a listener with every event. Returns what removes it. */
  watch(listener: FeedListener): () => void;
}

/** What of a pipeline is in this process, whose health and metrics are those of the process. */
export class Here {
  readonly #operations: () => readonly Operations[];
  /** Calls a listener with the events of what is here. Returns what removes it. */
  readonly watch: (listener: FeedListener) => () => void;

  constructor(
    operations: () => readonly Operations[],
    watch: (listener: FeedListener) => () => void,
  ) {
    this.#operations = operations;
    this.watch = watch;
  }

  /** Whether there is nothing: other processes lead all of it. */
  get isStandby(): boolean {
    return this.#operations().length === 0;
  }

  /** Why it cannot work; `undefined` while it works. */
  get trouble(): PipelineError | undefined {
    return this.#operations().find(({ trouble }) => trouble)?.trouble;
  }

  /** The statistics as on the wire; `undefined` before the pipeline listens and after it is closed. */
  async stats(): Promise<View | undefined> {
    const all = this.#operations();
    const isClosed = this.trouble?.code === "ERR_PIPELINE_CLOSED";
    if (isClosed || all.length === 0) return undefined;
    const stats = await Promise.all(all.map((one) => one.stats()));
    return mergedStats(stats.map(statsView));
  }
}

/** What a dashboard shows. */
export function subjectOf(observed: Observed | ShardMember): Subject {
  return observed instanceof ShardMember
    ? shardsSubject(observed)
    : pipelineSubject(observed);
}

function pipelineSubject(pipeline: Observed): Subject {
  const { name, flows, operations } = pipeline;
  const watch = (listener: FeedListener) => pipeline.watch(listener);
  return {
    name,
    flows,
    get addresses() {
      return pipeline.addresses;
    },
    maxPayloadBytes: operations.maxPayloadBytes,
    here: new Here(() => [operations], watch),
    ask: async (request, signal) => {
      const { trouble } = operations;
      if (trouble?.code === "ERR_PIPELINE_CLOSED") throw trouble;
      const context = { operations, lists: operations, signal };
      return await answer({ ...request, minor: WIRE_MINOR }, context);
    },
    watch,
  };
}

function shardsSubject(member: ShardMember): Subject {
  const { name, flows, maxPayloadBytes, address: requests } = member;
  const operations = () =>
    [...member.led.values()].map((pipeline) => pipeline.operations);
  return {
    name,
    flows,
    addresses: { requests },
    maxPayloadBytes,
    here: new Here(operations, (listener) => member.watchLed(listener)),
    ask: (request, signal) => member.request(request, signal),
    watch: (listener) => member.watch(listener),
  };
}
