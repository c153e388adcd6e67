/**
 * Layer: pipeline/protocol. Reads the simple members of a message that cannot be
 * parsed as a whole, because its payload is nested too deep or is not JSON. So
 * its sender can be answered, and does not send it again for ever.
 *
 * @module
 */
import { MAX_TEXT } from "../model/bounds.ts";
import { endOfString } from "../model/payload.ts";
import { decodeText } from "./json.ts";

/**
 * The members of an object that are strings, numbers or booleans, as far as the
 * object can be read. Their values are not checked.
 *
 * @param names The members to look for.
 */
export function headOf(
  bytes: Uint8Array,
  names: readonly string[],
): Record<string, unknown> {
  const json = decodeText(bytes);
  const head: Record<string, unknown> = {};
  let at = json.indexOf("{") + 1;
  while (at > 0 && at < json.length) {
    const start = json.indexOf('"', at);
    if (start < 0) break;
    const end = endOfString(json, start);
    const colon = json.indexOf(":", end);
    if (colon < 0) break;
    const close = endOfValue(json, colon + 1);
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

/** Where the value of a member ends: at a comma or brace that is not part of it. */
function endOfValue(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    switch (json[at]) {
      case '"':
        at = endOfString(json, at);
        break;
      case "[":
      case "{":
        depth++;
        break;
      case "]":
      case "}":
        if (depth-- === 0) return at;
        break;
      case ",":
        if (depth === 0) return at;
        break;
    }
  }
  return json.length;
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
