/**
 * Layer: pipeline/http. Reads the submissions in a body: one JSON object on each
 * line (NDJSON).
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import { MAX_SUBMISSIONS } from "../model/bounds.ts";
import { atSubmission } from "../model/check_submit.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { readHead } from "../protocol/reader.ts";
import type { Fields } from "../server/request_table.ts";

/** How many bytes are parsed in one turn of the event loop. */
const PER_TURN = 256 * 1024;
const LINE_FEED = 0x0a;

/**
 * Reads them; empty lines are skipped.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`: the
 *   message says which submission is wrong, from 0.
 */
export async function submittedLines(bytes: Uint8Array): Promise<Fields[]> {
  const submissions: Fields[] = [];
  let parsed = 0;
  for (let start = 0; start < bytes.byteLength;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.byteLength : feed;
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (isBlank(line)) continue;
    const index = submissions.length;
    if (index >= MAX_SUBMISSIONS) {
      throw new PipelineError(
        "ERR_PIPELINE_INVALID",
        `A request may have ${MAX_SUBMISSIONS} submissions at most`,
      );
    }
    submissions.push(await readLine(line, index));
    if ((parsed += line.byteLength) < PER_TURN) continue;
    parsed = 0;
    await yieldToEventLoop();
  }
  return submissions;
}

async function readLine(line: Uint8Array, index: number): Promise<Fields> {
  try {
    return await readHead(line);
  } catch (error) {
    return atSubmission(index, () => {
      throw error;
    });
  }
}

/** Whether a line has nothing but spaces. */
function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
