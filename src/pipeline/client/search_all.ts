/**
 * Layer: pipeline/client. Searches to the end: the pipeline answers after some
 * time with what it has found, and where to go on.
 *
 * @module
 */
import type { Answer, CallOptions } from "../protocol/request_dealer.ts";

/** How many are listed without a limit. */
const LIMIT = 100;

/** Which part of a search to ask for. */
export interface SearchRequest {
  readonly limit: number;
  readonly cursor?: string;
  /** Only for the first part. */
  readonly before?: undefined;
}

/**
 * Asks until enough is found, or nothing is left.
 *
 * @param ask Asks for a part, with what is left of the time.
 * @param of The member of the answers that has what was found.
 */
export async function searchAll(
  ask: (part: SearchRequest, options: CallOptions) => Promise<Answer>,
  of: string,
  limit: number = LIMIT,
  { timeoutMs = Infinity, signal }: CallOptions = {},
): Promise<unknown[]> {
  const endsAt = performance.now() + timeoutMs;
  const all: unknown[] = [];
  for (let part: SearchRequest = { limit };;) {
    const leftMs = Math.max(0, endsAt - performance.now());
    const answer = await ask(part, {
      timeoutMs: leftMs === Infinity ? undefined : leftMs,
      signal,
    });
    for (const one of answer[of] as unknown[]) all.push(one);
    const cursor = answer.cursor as string | undefined;
    if (cursor === undefined || all.length >= limit) return all;
    part = { limit: limit - all.length, cursor, before: undefined };
  }
}
