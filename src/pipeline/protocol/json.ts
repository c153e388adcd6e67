/**
 * Layer: pipeline/protocol. JSON text and bytes. Payloads are spliced into messages
 * as the text that they are: nobody on the way reads them.
 *
 * @module
 */
import { MAX_MESSAGE_DEPTH, MAX_PAYLOAD_DEPTH } from "../model/bounds.ts";
import { PipelineError } from "../model/errors.ts";
import { messageOf } from "../model/foreign.ts";
import { requireShape } from "../model/payload.ts";
import { encodeUtf8 } from "../../serializers/utf8.ts";

const decoder = new TextDecoder();

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
  const text = JSON.stringify(head);
  return encodeUtf8(`${text.slice(0, -1)},"${name}":${json}}`);
}

/**
 * Reads JSON.
 *
 * @throws {SyntaxError} If it is none.
 * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE` if it is nested too deep, or
 *   has too many parts.
 */
export function decodeJson(bytes: Uint8Array): unknown {
  const json = decodeText(bytes);
  requireShape(json, MAX_MESSAGE_DEPTH, "A message");
  return JSON.parse(json);
}

/** The text that bytes are; what is no UTF-8 is replaced. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A value as JSON text; what JSON cannot say, such as `undefined`, is `null`. */
export function toJson(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

/**
 * A value of the caller's as JSON text.
 *
 * @param what It is, for a person: `"The payload"`.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` for what JSON cannot say, such
 *   as a BigInt or a cycle, and where its `toJSON` or a getter throws;
 *   `ERR_PIPELINE_TOO_LARGE` for what is nested too deep.
 */
export function requireJson(what: string, value: unknown): string {
  let json: string;
  try {
    json = toJson(value);
  } catch (cause) {
    // The stack of calls ends, or no string is as long as that.
    const isTooLarge = cause instanceof RangeError;
    throw new PipelineError(
      isTooLarge ? "ERR_PIPELINE_TOO_LARGE" : "ERR_PIPELINE_INVALID",
      `${what} cannot be said in JSON: ${messageOf(cause)}`,
      { cause },
    );
  }
  requireShape(json, MAX_PAYLOAD_DEPTH, what);
  return json;
}
