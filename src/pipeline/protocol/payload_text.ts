/**
 * Layer: pipeline/protocol. Reads large messages without parsing their payloads:
 * a payload is checked, and stays the text that it is. What a peer may put into
 * a payload would take up to a second to parse, and several times its size in
 * memory.
 *
 * @module
 */
import { MAX_MESSAGE_DEPTH, MAX_NODES } from "../model/bounds.ts";
import {
  COLON,
  COMMA,
  END_OF_OBJECT,
  JsonScanner,
  OBJECT,
} from "../model/json_scanner.ts";
import { requireFewParts } from "../model/payload.ts";

/** JSON text in place of the value that it stands for. */
export class JsonText {
  readonly text: string;

  /** @param text What has been checked to be JSON. */
  constructor(text: string) {
    this.text = text;
  }
}

/** Messages up to this size are parsed as a whole, which is quicker for them. */
const SMALL = 16_384;
/** `submissions` is a list of them. */
const PAYLOADS = new Set(["payload", "instructions", "result", "submissions"]);

/** Whether a message should be read by {@link parseHead}. */
export function isLarge(json: string): boolean {
  return json.length > SMALL;
}

/**
 * Parses an object, but for its payloads, which become {@link JsonText}.
 *
 * @throws {SyntaxError} It is not JSON, or no object.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
 */
export function parseHead(json: string): Record<string, unknown> {
  const what = "A message";
  const limits = { depth: MAX_MESSAGE_DEPTH, nodes: MAX_NODES, what };
  const scanner = new JsonScanner(json, limits);
  const payloads = new Map<string, JsonText>();
  const head: string[] = [];
  scanner.expect(OBJECT);
  if (!scanner.skip(END_OF_OBJECT)) {
    do {
      const quoted = scanner.string();
      scanner.expect(COLON);
      const value = scanner.value();
      const name = JSON.parse(quoted) as string;
      if (PAYLOADS.has(name)) payloads.set(name, new JsonText(value));
      else head.push(`${quoted}:${value}`);
    } while (scanner.skip(COMMA));
    scanner.expect(END_OF_OBJECT);
  }
  scanner.end();
  const text = `{${head.join(",")}}`;
  requireFewParts(text, "A message, beside its payload,");
  return Object.assign(JSON.parse(text), Object.fromEntries(payloads));
}
