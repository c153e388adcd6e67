/**
 * Layer: pipeline/model. Limits the size, depth and number of parts of payloads.
 * JavaScript parses and writes JSON in one go, which blocks everything else, and
 * it cannot write values that are nested too deeply.
 *
 * @module
 */
import { MAX_NODES, MAX_PARTS } from "./bounds.ts";
import { PipelineError } from "./pipeline_error.ts";

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
  throw tooLarge(
    `${what} has ${
      encoder.encode(json).length
    } bytes of JSON, and the pipeline takes ${maxBytes} at most (maxPayloadBytes)`,
  );
}

/**
 * Makes sure that JSON text is not nested too deep, and does not have too many
 * lists and objects. It may be invalid JSON: the parser reports that.
 *
 * @param what It is, for a person.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
 */
export function requireShape(
  json: string,
  maxDepth: number,
  what: string,
): void {
  // Most texts are too short for either.
  if (json.length <= Math.min(maxDepth, MAX_NODES)) return;
  let depth = 0;
  let nodes = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case LIST:
      case OBJECT:
        if (++depth > maxDepth) {
          throw tooLarge(
            `${what} is nested deeper than ${maxDepth} lists and objects`,
          );
        }
        if (++nodes > MAX_NODES) {
          throw tooLarge(
            `${what} has more than ${MAX_NODES} lists and objects`,
          );
        }
        break;
      case END_OF_LIST:
      case END_OF_OBJECT:
        depth--;
        break;
    }
  }
}

/**
 * Makes sure that JSON text which is no payload, and is parsed, has few parts.
 *
 * @param what It is, for a person.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
 */
export function requireFewParts(json: string, what: string): void {
  if (json.length <= 2 * MAX_PARTS) return; // a part and its comma
  let parts = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (code === COMMA && ++parts > MAX_PARTS) {
      throw tooLarge(`${what} has more than ${MAX_PARTS} parts`);
    }
  }
}

/**
 * Where a string ends in JSON text; the length of the text if it does not.
 *
 * @param start Where its first quote is.
 */
export function endOfString(json: string, start: number): number {
  for (let at = start + 1;; at++) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let before = at;
    while (json.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((at - before) % 2 === 0) return at;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const OBJECT = 0x7b;
const END_OF_LIST = 0x5d;
const END_OF_OBJECT = 0x7d;

function tooLarge(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_TOO_LARGE", message);
}

/** Most texts are far from the limit: only the others are measured. */
function isLarger(json: string, maxBytes: number): boolean {
  if (json.length > maxBytes) return true;
  return 3 * json.length > maxBytes && encoder.encode(json).length > maxBytes;
}
