/**
 * Layer: pipeline/client. Many submissions, encoded and divided into requests of
 * bounded size.
 *
 * @module
 */
import { MAX_SUBMISSIONS } from "../model/bounds.ts";
import { atSubmission } from "../model/check_submit.ts";
import { idOf, shardOf } from "../model/shards.ts";
import type {
  SubmitManyOptions,
  SubmitOptions,
} from "../model/submit_options.ts";
import { spliceText } from "../protocol/json.ts";
import { checkSubmit, payloadJson } from "./client_options.ts";
import { submissionFields } from "./submission_fields.ts";

/** How long the list of a request may be, in characters: as UTF-8, every pipeline accepts it. */
const MAX_CHARACTERS = 256 * 1024;

/** A submission that is encoded. */
export interface PreparedSubmission {
  /** Its place in the whole list. */
  readonly index: number;
  /** The id that it was given, if any. */
  readonly id: string | undefined;
  /** What is for it alone. */
  readonly own: SubmitOptions | undefined;
  /** The payload, as JSON text. */
  readonly payload: string;
}

/** A submission that is ready to be sent. */
export interface PlacedSubmission extends PreparedSubmission {
  readonly id: string;
}

/** Submissions that are sent in one request. */
export interface SubmissionChunk {
  /** The shard that has all of them. */
  readonly shard: number;
  readonly submissions: readonly PlacedSubmission[];
  /** A list of them, as JSON text. */
  readonly list: string;
}

/**
 * Checks and encodes submissions.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`: the
 *   message says which one is wrong.
 */
export function prepareAll<I>(
  payloads: readonly I[],
  optionsOf: SubmitManyOptions<I>["optionsOf"],
): PreparedSubmission[] {
  return payloads.map((payload, index) =>
    atSubmission(index, () => {
      const own = optionsOf?.(payload, index);
      if (own !== undefined) checkSubmit(own);
      return { index, id: own?.id, own, payload: payloadJson(payload) };
    })
  );
}

/**
 * Gives each submission its id, and divides them into requests, each to one shard;
 * one that is too large for that is alone.
 *
 * @param shards How many shards the pipeline has.
 */
export function* chunksOf(
  all: readonly PreparedSubmission[],
  shards: number,
): Generator<SubmissionChunk, void> {
  const byShard = new Map<number, PlacedSubmission[]>();
  for (const one of all) {
    const key = one.own?.key;
    const id = idOf({ id: one.id, key }, shards);
    const shard = shardOf({ id, key }, shards);
    const others = byShard.get(shard) ?? [];
    if (others.length === 0) byShard.set(shard, others);
    others.push({ ...one, id });
  }
  for (const [shard, some] of byShard) yield* chunksOfShard(some, shard);
}

function* chunksOfShard(
  all: readonly PlacedSubmission[],
  shard: number,
): Generator<SubmissionChunk, void> {
  let start = 0;
  let length = 0;
  let texts: string[] = [];
  const chunk = (end: number): SubmissionChunk => ({
    shard,
    submissions: all.slice(start, end),
    list: `[${texts.join(",")}]`,
  });
  for (const [index, submission] of all.entries()) {
    const text = textOf(submission);
    const isFull = texts.length === MAX_SUBMISSIONS ||
      length + text.length > MAX_CHARACTERS;
    if (isFull && texts.length > 0) {
      yield chunk(index);
      start = index;
      length = 0;
      texts = [];
    }
    texts.push(text);
    length += text.length + 1;
  }
  if (texts.length > 0) yield chunk(all.length);
}

/** A submission as on the wire. */
function textOf({ id, own, payload }: PlacedSubmission): string {
  // An id has letters, digits, "-" and "_".
  if (own === undefined) return `{"id":"${id}","payload":${payload}}`;
  return spliceText({ id, ...submissionFields(own) }, "payload", payload);
}
