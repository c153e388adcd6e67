/**
 * Layer: pipeline/model. Which shard of a pipeline has a flow. Clients, workers in
 * other languages and the pipeline itself have to agree, so it is the CRC-32 that
 * every language has.
 *
 * @module
 */
import { encodeUtf8 } from "../../serializers/utf8.ts";
import { isIntegerIn } from "../../zmq/integers.ts";
import { invalid, shown } from "./check.ts";
import { flowIdOf } from "./job_states.ts";
import { newId } from "./new_id.ts";
import { PipelineError } from "./pipeline_error.ts";

/** One of the shards of a pipeline. */
export interface Shard {
  /** Which one, from 0. */
  readonly index: number;
  /** How many there are. */
  readonly of: number;
}

/** How many shards a pipeline may have. */
export const MAX_SHARDS = 64;

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function checkShard({ index, of }: Shard): void {
  if (isIntegerIn(of, 1, MAX_SHARDS) && isIntegerIn(index, 0, of - 1)) return;
  throw invalid(
    `shard must be { index, of }, with up to ${MAX_SHARDS} shards counted from 0, not ${
      shown({ index, of })
    }`,
    "shard",
  );
}

/** What decides the shard of a flow. */
interface Placed {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
}

/** The ids of scheduled flows; years beyond 9999 have a sign and more digits. */
export const RUN_ID: RegExp = /-[+-]?\d{8,}T\d{6}Z$/;

/**
 * The shard that has a flow: by its key, so that a key always meets the flows that
 * have it, or by its id. A scheduled flow is where its schedule is.
 *
 * @param placed Its id, or that of one of its jobs, or of a schedule; and its key.
 * @param of How many shards there are.
 */
export function shardOf({ id = "", key }: Placed, of: number): number {
  if (of === 1) return 0;
  return crc32(key ?? flowIdOf(id).replace(RUN_ID, "")) % of;
}

/** A new id for a flow that a shard has. */
export function newIdIn({ index, of }: Shard): string {
  for (;;) {
    const id = newId();
    if (shardOf({ id }, of) === index) return id;
  }
}

/** An id for a new flow in its shard: its own, if it has one. */
export function idOf({ id, key }: Placed, of: number): string {
  if (id !== undefined) return id;
  return key === undefined
    ? newId()
    : newIdIn({ index: shardOf({ key }, of), of });
}

/** Whether a shard has this; all of it if there are no shards. */
export function isInShard(placed: Placed, shard: Shard | undefined): boolean {
  return shard === undefined || shardOf(placed, shard.of) === shard.index;
}

/**
 * Refuses what another shard has.
 *
 * @throws {PipelineError} `ERR_PIPELINE_SHARD`.
 */
export function requireShard(placed: Placed, { index, of }: Shard): void {
  const right = shardOf(placed, of);
  if (right === index) return;
  const what = placed.key === undefined
    ? `"${placed.id}"`
    : `the key "${placed.key}"`;
  throw new PipelineError(
    "ERR_PIPELINE_SHARD",
    `This is shard ${index} of ${of}, and ${what} belongs to shard ${right}`,
    { id: placed.id },
  );
}

let table: Uint32Array | undefined;

/** CRC-32 as in zlib, of a text in UTF-8. */
function crc32(text: string): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) {
      n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    }
    return n >>> 0;
  });
  let crc = 0xffffffff;
  for (const byte of encodeUtf8(text)) {
    crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
