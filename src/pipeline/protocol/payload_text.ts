/**
 * Layer: pipeline/protocol. Reads large messages without parsing their payloads:
 * a payload is checked, and stays the text that it is. What a peer may put into
 * a payload would take up to a second to parse, and several times its size in
 * memory.
 *
 * @module
 */
import type { Steps } from "../../async/steps.ts";
import {
  MAX_MESSAGE_DEPTH,
  MAX_NODES,
  MAX_PARTS,
  MAX_PAYLOAD_DEPTH,
} from "../model/bounds.ts";
import {
  COLON,
  COMMA,
  END_OF_OBJECT,
  JsonScanner,
  OBJECT,
} from "../model/json_scanner.ts";
import { requireFewParts, requireShape } from "../model/payload.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** JSON text in place of the value that it stands for. */
export class JsonText {
  readonly text: string;

  /** @param text What has been checked to be JSON, within the limits of payloads. */
  constructor(text: string) {
    this.text = text;
  }
}

/** Messages up to this size are parsed as a whole, which is quicker for them. */
const SMALL = 16_384;
/** Members that stay text, and what they are called in errors. */
const PAYLOADS: ReadonlyMap<string, string> = new Map([
  ["payload", "The payload"],
  ["instructions", "The payload"],
  ["result", "The result"],
]);
/** A list with payloads in it. */
const SUBMISSIONS = "submissions";

/** Whether a message should be read by {@link parseHead}. */
export function isLarge({ byteLength }: Uint8Array): boolean {
  return byteLength > SMALL;
}

/**
 * Parses an object, but for its payloads, which become {@link JsonText}.
 *
 * @throws {SyntaxError} It is not JSON, or no object.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
 */
export function* parseHead(json: string): Steps<Record<string, unknown>> {
  const limits = {
    depth: MAX_MESSAGE_DEPTH - 1, // the message is an object itself
    nodes: MAX_NODES,
    what: "A message",
  };
  const scanner = new JsonScanner(json, limits);
  const payloads = new Map<string, JsonText>();
  const head: string[] = [];
  let members = 0;
  scanner.expect(OBJECT);
  if (!scanner.skip(END_OF_OBJECT)) {
    do {
      if (++members > MAX_PARTS) throw tooMany();
      const quoted = scanner.string();
      const name = JSON.parse(quoted) as string;
      scanner.expect(COLON);
      const what = PAYLOADS.get(name);
      const value = yield* scanner.steps(
        what === undefined
          ? limits
          : { ...limits, depth: MAX_PAYLOAD_DEPTH, what },
      );
      if (what !== undefined || name === SUBMISSIONS) {
        payloads.set(name, new JsonText(value));
      } else head.push(`${quoted}:${value}`);
    } while (scanner.skip(COMMA));
    scanner.expect(END_OF_OBJECT);
  }
  scanner.end();
  const text = `{${head.join(",")}}`;
  requireFewParts(text, "A message, beside its payload,");
  return Object.assign(JSON.parse(text), Object.fromEntries(payloads));
}

/**
 * The JSON text of a payload in a message that has been read, within the limits
 * of payloads.
 *
 * @param what It is, for a person.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
 */
export function payloadText(value: unknown, what: string): JsonText {
  if (value instanceof JsonText) return value; // it was checked when it was read
  const text = JSON.stringify(value) ?? "null";
  requireShape(text, MAX_PAYLOAD_DEPTH, what);
  return new JsonText(text);
}

function tooMany(): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_TOO_LARGE",
    `A message has more than ${MAX_PARTS} members`,
  );
}
