/**
 * Layer: zmtp. The body of a command frame (RFC 37, "Commands"): the length of
 * a name, the name, then data; and the metadata that READY carries.
 *
 * @module
 */
import { allocate, concat, decodeText, encodeText } from "../bytes.ts";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { MORE } from "../framing.ts";

/** A decoded command. */
export interface Command {
  readonly name: string;
  readonly data: Uint8Array;
}

/** The properties of READY, names in lower case: RFC 37 says they are case-insensitive. */
export type Metadata = ReadonlyMap<string, Uint8Array>;

/** Commands above this size are rejected in the handshake, and where `maxMessageSize` is set. */
const MAX_COMMAND = 65536;

/**
 * Checks a command by the header of its frame.
 *
 * @param limit The value of `maxMessageSize`; -1 for no limit.
 * @throws {ProtocolError} It has more frames, or is too large.
 */
export function judgeCommand(size: number, flags: number, limit: number): void {
  if ((flags & MORE) !== 0) {
    throw new ProtocolError(
      "ERR_ZMTP_INVALID_SEQUENCE",
      "A command cannot have more frames",
    );
  }
  if (limit >= 0 && size > Math.max(MAX_COMMAND, limit)) {
    throw new ProtocolError(
      "ERR_ZMTP_MESSAGE_TOO_LARGE",
      `A command of ${size} bytes is too large`,
    );
  }
}

/** Encodes a command. */
export function encodeCommand(
  name: string,
  ...data: Uint8Array[]
): Uint8Array {
  return concat([Uint8Array.of(name.length), encodeText(name), ...data]);
}

/**
 * Decodes a command.
 *
 * @throws {ProtocolError} The name is empty, not ASCII, or longer than the frame.
 */
export function decodeCommand(body: Uint8Array): Command {
  const size = body[0] ?? 0;
  if (size === 0 || size >= body.byteLength) {
    throw malformed("A command has no name");
  }
  let name = "";
  for (let i = 1; i <= size; i++) {
    const byte = body[i]!;
    if (byte < 0x21 || byte > 0x7e) {
      throw malformed("A command's name is not ASCII");
    }
    name += String.fromCharCode(byte);
  }
  return { name, data: body.subarray(1 + size) };
}

/** Encodes properties: `name-size name value-size(4) value`, in order. */
export function encodeMetadata(
  properties: Iterable<readonly [string, Uint8Array]>,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of properties) {
    const size = allocate(4);
    new DataView(size.buffer, size.byteOffset).setUint32(0, value.byteLength);
    parts.push(Uint8Array.of(name.length), encodeText(name), size, value);
  }
  return concat(parts);
}

/**
 * Decodes properties. If a name comes twice, the first one counts.
 *
 * @throws {ProtocolError} With `code`, if a size does not fit.
 */
export function decodeMetadata(
  data: Uint8Array,
  code: ProtocolErrorCode,
): Metadata {
  const properties = new Map<string, Uint8Array>();
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  while (at < data.byteLength) {
    const nameEnd = at + 1 + data[at]!;
    if (data[at] === 0 || nameEnd + 4 > data.byteLength) {
      throw new ProtocolError(code, "The peer's metadata is malformed");
    }
    const valueEnd = nameEnd + 4 + view.getUint32(nameEnd);
    if (valueEnd > data.byteLength) {
      throw new ProtocolError(code, "The peer's metadata is malformed");
    }
    const name = decodeText(data.subarray(at + 1, nameEnd)).toLowerCase();
    if (!properties.has(name)) {
      properties.set(name, data.subarray(nameEnd + 4, valueEnd));
    }
    at = valueEnd;
  }
  return properties;
}

/** The reason that an ERROR command gives. */
export function decodeErrorReason(data: Uint8Array): string {
  const size = data[0];
  if (size === undefined || size > data.byteLength - 1) {
    throw new ProtocolError(
      "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
      "The peer's ERROR is malformed",
    );
  }
  return decodeText(data.subarray(1, 1 + size)).replace(/[^\x20-\x7e]/g, "?");
}

function malformed(message: string): ProtocolError {
  return new ProtocolError("ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED", message);
}
