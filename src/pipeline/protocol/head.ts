/**
 * Layer: pipeline/protocol. Reads the simple members of a message that cannot be
 * parsed as a whole, because its payload is nested too deep or is not JSON. So
 * its sender can be answered, and does not send it again for ever.
 *
 * @module
 */
import { STEP_LENGTH, type Steps } from "../../async/steps.ts";
import { MAX_TEXT } from "../model/bounds.ts";
import {
  COMMA,
  END_OF_LIST,
  END_OF_OBJECT,
  LIST,
  OBJECT,
  QUOTE,
} from "../model/json_scanner.ts";
import { endOfString } from "../model/payload.ts";

/**
 * The members of an object that are strings, numbers or booleans, as far as the
 * object can be read. Their values are not checked.
 *
 * @param json The text of the object.
 * @param names The members to look for.
 */
export function* headOf(
  json: string,
  names: readonly string[],
): Steps<Record<string, unknown>> {
  const head: Record<string, unknown> = {};
  let pauseAt = STEP_LENGTH;
  let at = json.indexOf("{") + 1;
  while (at > 0 && at < json.length) {
    const start = json.indexOf('"', at);
    if (start < 0) break;
    const end = endOfString(json, start);
    const colon = json.indexOf(":", end);
    if (colon < 0) break;
    let depth = 0;
    let close = colon;
    do {
      [close, depth] = endOfValue(json, close + 1, depth, pauseAt);
      if (close >= pauseAt) {
        yield;
        pauseAt = close + STEP_LENGTH;
      }
    } while (depth >= 0 && close < json.length);
    const name = simple(json.slice(start, Math.min(end, start + MAX_TEXT) + 1));
    if (typeof name === "string" && names.includes(name)) {
      head[name] = close - colon > 2 * MAX_TEXT
        ? undefined
        : simple(json.slice(colon + 1, close));
    }
    if (json[close] !== ",") break;
    at = close + 1;
  }
  return head;
}

/**
 * Where the value of a member ends, at a comma or brace that is not part of it, and
 * a depth of -1; or where to continue behind `pauseAt`, and the depth there.
 */
function endOfValue(
  json: string,
  start: number,
  startDepth: number,
  pauseAt: number,
): [at: number, depth: number] {
  let depth = startDepth;
  for (let at = start; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case LIST:
      case OBJECT:
        depth++;
        break;
      case END_OF_LIST:
      case END_OF_OBJECT:
        if (depth-- === 0) return [at, -1];
        break;
      case COMMA:
        if (depth === 0) return [at, -1];
        break;
    }
    if (at >= pauseAt) return [at, depth];
  }
  return [json.length, depth];
}

/** A value that is neither an array nor an object; `undefined` for those, and for text that is not JSON. */
function simple(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" ? undefined : value;
  } catch {
    return undefined;
  }
}
