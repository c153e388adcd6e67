/**
 * Layer: pipeline/model. How large a payload may be.
 *
 * @module
 */
import { PipelineError } from "./errors.ts";

const encoder = new TextEncoder();

/**
 * Makes sure that a payload is not too large.
 *
 * @param json JSON text.
 * @param what It is, for a person: `"The result"`.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
 */
export function requireSize(
  json: string,
  maxBytes: number,
  what: string,
): void {
  if (!isLarger(json, maxBytes)) return;
  throw new PipelineError(
    "ERR_PIPELINE_TOO_LARGE",
    `${what} has ${
      encoder.encode(json).length
    } bytes of JSON, and the pipeline takes ${maxBytes} at most (maxPayloadBytes)`,
  );
}

/** Most texts are far from the limit: only the others are measured. */
function isLarger(json: string, maxBytes: number): boolean {
  if (json.length > maxBytes) return true;
  return 3 * json.length > maxBytes && encoder.encode(json).length > maxBytes;
}
