/**
 * Layer: options. Finds options in the table and checks their values. An
 * option that is not in the table is an error, never accepted and ignored.
 *
 * @module
 */
import { findAbsent } from "./absent.ts";
import { bytesEqual, decodeText } from "../bytes.ts";
import { ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";
import { OPTIONS, type OptionSpec } from "./table.ts";
import type { OptionName, OptionValues } from "./values.ts";
import { SOCKET_TYPE_NAMES, type SocketType, SUB, XSUB } from "../types.ts";
import { z85Decode, z85Encode } from "../z85.ts";

const NAME_OF = new Map(
  Object.entries(OPTIONS).map(([name, { number }]) => [number, name]),
);

/** The options of a new socket. */
export function defaultOptions(type: SocketType): OptionValues {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(OPTIONS)) {
    values[name] = spec.default;
  }
  if (type === SUB || type === XSUB) values.linger = 0;
  return values as unknown as OptionValues;
}

/**
 * Finds an option by its name or by its number in libzmq.
 *
 * @throws {ZmqError} `EINVAL` if there is none, or the socket type does not
 *   have it; `ENOTSUP` if libzmq has it, but it is not possible here.
 */
export function findOption(
  option: string | number,
  type: SocketType,
): OptionName {
  const name = typeof option === "number" ? NAME_OF.get(option) : option;
  if (name === undefined || !Object.hasOwn(OPTIONS, name)) {
    const absent = findAbsent(option);
    throw absent === undefined
      ? new ZmqError("EINVAL", `There is no socket option ${option}`)
      : new ZmqError(
        "ENOTSUP",
        `The option ${absent.name} cannot be used: ${absent.reason}`,
      );
  }
  const { types } = OPTIONS[name as OptionName];
  if (types !== undefined && !types.includes(type)) {
    throw new ZmqError(
      "EINVAL",
      `A ${SOCKET_TYPE_NAMES[type]} socket has no option ${name}`,
    );
  }
  return name as OptionName;
}

/**
 * The value as it is to be stored.
 *
 * @throws {ZmqError} `EINVAL` if the option cannot hold it.
 */
export function checkOption(name: OptionName, value: unknown): unknown {
  const spec = OPTIONS[name];
  switch (spec.kind) {
    case "boolean":
      if (typeof value === "boolean") return value;
      if (value === 0 || value === 1) return value === 1;
      break;
    case "integer":
      if (
        Number.isInteger(value) && (value as number) >= spec.min! &&
        (value as number) <= spec.max!
      ) return value;
      break;
    case "text": {
      if (value === null) return null;
      if (typeof value !== "string" && !(value instanceof Uint8Array)) break;
      const size = toFrame(value).byteLength;
      if (size === 0 || size > 255) break;
      // Such ids are a ROUTER's to give: it would turn the socket away (RFC 37).
      if (name === "routingId" && toFrame(value)[0] === 0) break;
      const text = typeof value === "string" ? value : decodeText(value);
      // Bytes that are no text would come out as others.
      if (!bytesEqual(toFrame(text), toFrame(value))) break;
      return text;
    }
    case "key":
      if (value === null) return null;
      return checkKey(name, value);
    case "keys":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((key) => checkKey(name, key));
      break;
    case "function":
      if (value === null || typeof value === "function") return value;
      break;
    case "verbosity":
      if (value === null || value === "allSubs" || value === "allSubsUnsubs") {
        return value;
      }
      if (value === 0 || value === 1) return value === 1 ? "allSubs" : null;
  }
  throw new ZmqError(
    "EINVAL",
    `The option ${name} cannot be ${show(name, value)}${expectation(spec)}`,
  );
}

function expectation(spec: OptionSpec): string {
  switch (spec.kind) {
    case "integer":
      return `: expected an integer from ${spec.min} to ${spec.max}`;
    case "boolean":
      return ": expected true or false";
    case "text":
      return `: expected null, or text or bytes of 1 to 255 bytes${
        spec === OPTIONS.routingId ? " that do not begin with a zero byte" : ""
      }`;
    case "verbosity":
      return ': expected null, "allSubs" or "allSubsUnsubs"';
    case "keys":
      return ": expected null, or an array of keys";
    case "function":
      return ": expected null or a function";
    case "key":
      return ""; // its own check tells more
  }
}

/** A key as its 40 characters; the value is not in the message, it may be a secret. */
function checkKey(name: OptionName, value: unknown): string {
  try {
    const text = value instanceof Uint8Array && value.byteLength === 32
      ? z85Encode(value)
      : value;
    if (typeof text === "string" && z85Decode(text).byteLength === 32) {
      return text;
    }
  } catch { /* told below */ }
  throw new ZmqError(
    "EINVAL",
    `The option ${name} needs keys of 40 characters in Z85, or of 32 bytes`,
  );
}

function show(name: OptionName, value: unknown): string {
  // It may be a secret.
  if (name === "plainPassword" || name === "curveAllowedKeys") {
    return "what was given";
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
