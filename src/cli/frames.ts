/**
 * Layer: cli. Converts messages to lines and back, in the formats of `send` and
 * `recv`.
 *
 * | format | a frame | a message of several frames |
 * |---|---|---|
 * | `text` | its text, control characters escaped | a tab between them |
 * | `hex`, `base64` | its bytes | a space between them |
 * | `json` | a string, or `{"base64":"…"}` if it is not UTF-8 | an array, always |
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { usageError } from "./cli_error.ts";
import { escapedBytes, jsonText, textOf } from "./escape.ts";

/** The format of messages. */
export type Format = "text" | "hex" | "json" | "base64";

/** All formats. */
export const FORMATS: readonly Format[] = ["text", "hex", "json", "base64"];

/** A message as a line. */
export function lineOf(
  message: readonly Uint8Array[],
  format: Format,
): string {
  switch (format) {
    case "text":
      return message.map(escapedBytes).join("\t");
    case "json":
      return jsonText(message.map(frameAsJson));
  }
  return message.map((frame) => bytesOf(frame).toString(format)).join(" ");
}

/**
 * A line of stdin as a message. As text it is one frame, unchanged.
 *
 * @throws {CliError} `ERR_CLI_USAGE`.
 */
export function messageOfLine(line: string, format: Format): Uint8Array[] {
  if (format === "json") return messageOfJson(line);
  if (format === "text") return [Buffer.from(line)];
  return line.trim().split(/\s+/).map((word) => frameOf(word, format));
}

/**
 * Arguments as one message, each a frame; as JSON, one argument with all frames.
 *
 * @throws {CliError} `ERR_CLI_USAGE`.
 */
export function messageOfArgs(
  args: readonly string[],
  format: Format,
): Uint8Array[] {
  if (format !== "json") return args.map((arg) => frameOf(arg, format));
  if (args.length === 1) return messageOfJson(args[0]!);
  throw usageError("As JSON, a message is one argument: an array of frames");
}

function frameOf(text: string, format: "text" | "hex" | "base64"): Uint8Array {
  if (format === "text") return Buffer.from(text);
  const bytes = Buffer.from(text, format);
  // Buffer silently drops invalid characters.
  const again = bytes.toString(format).replace(/=+$/, "");
  const given = format === "hex" ? text.toLowerCase() : text;
  if (again === given.replace(/=+$/, "")) return bytes;
  throw usageError(`"${text}" is not ${format}`);
}

function messageOfJson(text: string): Uint8Array[] {
  const frames = parsed(text);
  if (Array.isArray(frames) && frames.length > 0) {
    return frames.map((frame) => {
      if (typeof frame === "string") return Buffer.from(frame);
      const { base64 } = Object(frame) as { base64?: unknown };
      if (typeof base64 === "string") return frameOf(base64, "base64");
      throw notFrames(text);
    });
  }
  throw notFrames(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notFrames(text: string): Error {
  return usageError(
    `'${text}' is not an array of frames: expected '["text", {"base64": "AAE="}]'`,
  );
}

function frameAsJson(frame: Uint8Array): unknown {
  return textOf(frame) ?? { base64: bytesOf(frame).toString("base64") };
}

function bytesOf(frame: Uint8Array): Buffer {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
}
