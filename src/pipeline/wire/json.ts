/**
 * Layer: pipeline/wire. JSON text and bytes. Payloads are spliced into messages
 * as the text that they are: nobody on the way reads them.
 *
 * @module
 */
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
 */
export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/** A value as JSON text; what JSON cannot say, such as `undefined`, is `null`. */
export function toJson(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
