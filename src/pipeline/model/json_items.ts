/**
 * Layer: pipeline/model. Splits a list in JSON text into its items, without
 * making values of them.
 *
 * @module
 */
import {
  COMMA,
  END_OF_LIST,
  END_OF_OBJECT,
  LIST,
  OBJECT,
  QUOTE,
} from "./json_scanner.ts";
import { endOfString } from "./payload.ts";

/** The items of a list. */
export interface JsonItems {
  /** How many there are. */
  readonly count: number;
  /** The text of the first of them. */
  readonly items: readonly string[];
}

/**
 * Splits a list. The text has been checked to be JSON, so only brackets, commas
 * and quotes matter: 16 MB of numbers take 30 ms, an eighth of what
 * checking them takes.
 *
 * @param json Text without spaces around it.
 * @param most How many items are wanted; further ones are only counted.
 * @returns `undefined` if it is not a list.
 */
export function itemsOf(json: string, most: number): JsonItems | undefined {
  if (json.charCodeAt(0) !== LIST) return undefined;
  const items: string[] = [];
  let count = 0;
  let depth = 0;
  let start = 1;
  const end = (at: number) => {
    if (count++ < most) items.push(json.slice(start, at).trim());
    start = at + 1;
  };
  for (let at = 1; at < json.length; at++) {
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
        if (depth-- === 0) {
          if (count > 0 || json.slice(1, at).trim() !== "") end(at);
        }
        break;
      case COMMA:
        if (depth === 0) end(at);
    }
  }
  return { count, items };
}
