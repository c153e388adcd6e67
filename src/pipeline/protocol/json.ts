/**
 * Layer: pipeline/protocol. JSON text and bytes. Payloads are spliced into messages
 * as JSON text, and are not parsed on the way.
 *
 * @module
 */
import { STEP_LENGTH, type Steps } from "../../async/steps.ts";
import { MAX_MESSAGE_DEPTH, MAX_PAYLOAD_DEPTH } from "../model/bounds.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { messageOf } from "../model/foreign.ts";
import { requireFewParts, requireShape } from "../model/payload.ts";
import { JsonText } from "./payload_text.ts";
import { decodeUtf8Lossy, encodeUtf8 } from "../../serializers/utf8.ts";

/** A value as the bytes of its JSON text. */
export function encodeJson(value: unknown): Uint8Array {
  return encodeUtf8(JSON.stringify(value));
}

/**
 * An object with one more member, whose value is JSON text already.
 *
 * @param head An object with at least one member.
 */
export function spliceJson(
  head: object,
  name: string,
  json: string,
): Uint8Array {
  return encodeUtf8(spliceText(head, name, json));
}

/** As {@link spliceJson}, as text. */
export function spliceText(head: object, name: string, json: string): string {
  return `${JSON.stringify(head).slice(0, -1)},"${name}":${json}}`;
}

/**
 * One object with the members of two, which have no name in common; neither is
 * copied.
 *
 * @param head An object with at least one member.
 */
export function joinJson(head: object, rest: object): Uint8Array {
  const text = JSON.stringify(head);
  const more = JSON.stringify(rest);
  return encodeUtf8(
    more === "{}" ? text : `${text.slice(0, -1)},${more.slice(1)}`,
  );
}

/**
 * Reads JSON.
 *
 * @throws {SyntaxError} If it is not JSON.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE` if it is nested too deep, or
 *   has too many parts.
 */
export function decodeJson(bytes: Uint8Array): unknown {
  const json = decodeText(bytes);
  requireShape(json, MAX_MESSAGE_DEPTH, "A message");
  return JSON.parse(json);
}

/**
 * Reads a log record or a metric.
 *
 * @throws {SyntaxError} If it is not JSON.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`, also if it would take long to parse.
 */
export function decodeRecord(bytes: Uint8Array): unknown {
  requireFewParts(decodeText(bytes), "A record");
  return decodeJson(bytes);
}

/** As {@link decodeText}, in steps. */
export function* decodeInSteps(bytes: Uint8Array): Steps<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for (let at = 0; at < bytes.byteLength; at += STEP_LENGTH) {
    const part = bytes.subarray(at, at + STEP_LENGTH);
    parts.push(decoder.decode(part, { stream: true }));
    yield;
  }
  parts.push(decoder.decode());
  return parts.join("");
}

/** Decodes UTF-8; invalid sequences become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return decodeUtf8Lossy(bytes);
}

/** A value as JSON text; what JSON cannot represent, such as `undefined`, is `null`. */
export function toJson(value: unknown): string {
  if (value instanceof JsonText) return value.text;
  return JSON.stringify(value) ?? "null";
}

/**
 * The JSON text of a value from the caller.
 *
 * @param what Its name in error messages: `"The payload"`.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` for what JSON cannot
 *   represent, such as a BigInt or a cycle, and if `toJSON` or a getter throws;
 *   `ERR_PIPELINE_TOO_LARGE` for a value that is nested too deep.
 */
export function requireJson(what: string, value: unknown): string {
  let json: string;
  try {
    json = toJson(value);
  } catch (cause) {
    // A call stack overflow, or a string beyond the longest possible.
    const isTooLarge = cause instanceof RangeError;
    throw new PipelineError(
      isTooLarge ? "ERR_PIPELINE_TOO_LARGE" : "ERR_PIPELINE_INVALID",
      `${what} cannot be represented in JSON: ${messageOf(cause)}`,
      { cause },
    );
  }
  requireShape(json, MAX_PAYLOAD_DEPTH, what);
  return json;
}
