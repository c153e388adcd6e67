/**
 * Layer: options. Finds options in the table and checks their values. An
 * option that is not in the table is an error, never accepted and ignored.
 *
 * @module
 */
import { isIntegerIn } from "../integers.ts";
import { bytesEqual, copyOf, decodeText } from "../bytes.ts";
import { ArgumentError, ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";
import { noSocketOption } from "../nearest_name.ts";
import { traitsOf } from "../socket_traits.ts";
import { SOCKET_TYPE_NAMES, type SocketType } from "../types.ts";
import { z85Decode, z85Encode } from "../z85.ts";
import { ABSENT_NUMBERS, ABSENT_OPTIONS, findAbsent } from "./absent.ts";
import { convertOrigins, isProxyAddress } from "./server_values.ts";
import { FACTS, OPTIONS, type OptionSpec } from "./table.ts";
import {
  mechanismOf,
  type Protection,
  requireNotTooLate,
} from "./protection.ts";
import type { OptionName, OptionValues, StoredOptions } from "./values.ts";

const NAME_OF = new Map(
  Object.entries(OPTIONS).map(([name, { number }]) => [number, name]),
);

/** The context options that new sockets inherit. */
export interface SocketDefaults {
  readonly ipv6: boolean;
  readonly blocky: boolean;
}

/** The options of a new socket. */
export function defaultOptions(
  type: SocketType,
  { ipv6, blocky }: SocketDefaults = { ipv6: false, blocky: true },
): StoredOptions {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(OPTIONS)) {
    values[name] = spec.default;
  }
  values["ipv6"] = ipv6;
  // Subscriptions need not be delivered when a socket closes.
  const isSubscriber = traitsOf(type).subscribes !== null;
  if (!blocky || isSubscriber) values["linger"] = 0;
  return values as unknown as StoredOptions;
}

/** The defaults that sockets share, for each type and context options. */
const SHARED_DEFAULTS: Map<string, StoredOptions> = new Map();

/**
 * The options of a new socket, which has only those of its own that are set: the
 * others are those of the prototype. All of them took 672 bytes of each socket,
 * and of each of its addresses (V8).
 */
export function newOptions(
  type: SocketType,
  { ipv6, blocky }: SocketDefaults,
): StoredOptions {
  const key = `${type} ${ipv6} ${blocky}`;
  let shared = SHARED_DEFAULTS.get(key);
  if (shared === undefined) {
    SHARED_DEFAULTS.set(key, shared = defaultOptions(type, { ipv6, blocky }));
  }
  return Object.create(shared) as StoredOptions;
}

/** A copy of options, which those that are set later do not change. */
export function copyOfOptions(
  options: Readonly<StoredOptions>,
): StoredOptions {
  return Object.assign(Object.create(Object.getPrototypeOf(options)), options);
}

/**
 * Finds an option by its name or by its number in libzmq.
 *
 * @throws {ZmqError} `EINVAL` if the option is unknown, the socket type does
 *   not have it, or it is read-only; `ENOTSUP` if libzmq has it, but this
 *   library cannot support it.
 */
export function findOption(
  option: string | number,
  type: SocketType,
): OptionName {
  const name = typeof option === "number" ? NAME_OF.get(option) : option;
  if (name === undefined || !Object.hasOwn(OPTIONS, name)) {
    const fact = findFact(option);
    if (fact !== undefined) {
      throw new ArgumentError(`The option ${fact} is read-only`);
    }
    const absent = findAbsent(option, ABSENT_OPTIONS, ABSENT_NUMBERS);
    throw absent === undefined
      ? new ArgumentError(noSocketOption(option, optionsOf(type)))
      : new ZmqError(
        "ENOTSUP",
        `The option ${absent.name} cannot be used: ${absent.reason}`,
      );
  }
  const { types } = OPTIONS[name as OptionName];
  if (types !== undefined && !types.includes(type)) {
    throw new ArgumentError(
      `A ${SOCKET_TYPE_NAMES[type]} socket does not have the option ${name}`,
    );
  }
  return name as OptionName;
}

/** The names of the options that a socket type has. */
function optionsOf(type: SocketType): string[] {
  return Object.entries(OPTIONS)
    .filter(([, { types }]) => types?.includes(type) ?? true)
    .map(([name]) => name);
}

/**
 * The value of an option or of a read-only property.
 *
 * @throws {ZmqError} As {@link findOption}.
 */
export function readOption(
  option: string | number,
  socket: {
    readonly type: SocketType;
    readonly lastEndpoint: string | null;
    readonly hasEndpoints: boolean;
    readonly protections: readonly Protection[];
  },
  values: Readonly<OptionValues>,
): unknown {
  const fact = findFact(option);
  switch (fact) {
    case undefined:
      return values[findOption(option, socket.type)];
    case "securityMechanism":
      // Over inproc there is no limit.
      return socket.hasEndpoints && socket.protections.length === 0
        ? null
        : mechanismOf(values, socket.protections);
    case "threadSafe":
      return false;
    default:
      return socket[fact];
  }
}

function findFact(option: string | number): keyof typeof FACTS | undefined {
  for (const [name, number] of Object.entries(FACTS)) {
    if (name === option || number === option) return name as keyof typeof FACTS;
  }
  return undefined;
}

/**
 * Sets an option.
 *
 * @param existing The protection of the addresses that are bound or connected.
 * @returns Its name.
 * @throws {ZmqError} As {@link findOption}; `EINVAL` if the value is invalid,
 *   or a security option would not apply to an existing address.
 */
export function writeOption(
  option: string | number,
  type: SocketType,
  values: StoredOptions,
  value: unknown,
  existing: readonly Protection[] = [],
): OptionName {
  const name = findOption(option, type);
  const checked = checkValue(name, OPTIONS[name], value);
  requireNotTooLate(name, checked, existing);
  (values as unknown as Record<string, unknown>)[name] = checked;
  if (name === "maxMessageSize") values.isMaxMessageSizeSet = true;
  return name;
}

/**
 * The value to store.
 *
 * @throws {ZmqError} `EINVAL` if it is invalid.
 */
export function checkValue(
  name: string,
  spec: OptionSpec,
  value: unknown,
): unknown {
  const checked = value === null && spec.default === null
    ? null
    : convert(name, spec, value);
  if (checked !== undefined) return checked;
  // It may be a secret.
  const shown = spec.isSecret ? "what was given" : show(value);
  throw new ArgumentError(
    `The option ${name} cannot be ${shown}: expected ${expectation(spec)}`,
  );
}

/** The value to store; `undefined` if it is invalid. */
function convert(name: string, spec: OptionSpec, value: unknown): unknown {
  switch (spec.kind) {
    case "boolean":
      if (value === 0 || value === 1) return value === 1;
      return typeof value === "boolean" ? value : undefined;
    case "integer":
      return isIntegerIn(value, spec.min!, spec.max!) ? value : undefined;
    case "text":
    case "bytes":
    case "address":
      return convertText(spec, value);
    case "words":
      return convertWords(spec.words!, value);
    case "origins":
      return convertOrigins(value);
    case "key":
      return checkKey(name, value);
    case "keys":
      if (!Array.isArray(value)) return undefined;
      return value.map((key) => checkKey(name, key));
    case "function":
      return typeof value === "function" ? value : undefined;
    case "verbosity":
      if (value === "allSubs" || value === "allSubsUnsubs") return value;
      if (value === 0 || value === 1) return value === 1 ? "allSubs" : null;
  }
  return undefined;
}

function convertText(spec: OptionSpec, value: unknown): unknown {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) return;
  const frame = toFrame(value);
  if (frame.byteLength === 0) return spec.mayBeEmpty ? null : undefined;
  if (frame.byteLength > (spec.maxBytes ?? Infinity)) return undefined;
  if (spec.isId && frame[0] === 0) return undefined;
  if (spec.kind === "bytes") {
    return typeof value === "string" ? value : copyOf(value);
  }
  const text = typeof value === "string" ? value : decodeText(value);
  // Bytes that are not valid text would change.
  if (!bytesEqual(toFrame(text), frame)) return undefined;
  if (spec.kind === "text") return text;
  return isProxyAddress(text) ? text : undefined;
}

/** Words, or libzmq's bits for them, in the order of the table. */
function convertWords(words: readonly string[], value: unknown): unknown {
  if (isIntegerIn(value, 0, 2 ** words.length - 1)) {
    return Object.freeze(
      words.filter((_, bit) => ((value as number) >> bit & 1) === 1),
    );
  }
  if (!Array.isArray(value)) return undefined;
  if (!value.every((word) => words.includes(word))) return undefined;
  return Object.freeze(words.filter((word) => value.includes(word)));
}

/** The values that an option may have, in words. */
export function expectation(spec: OptionSpec): string {
  const orNull = spec.default === null ? "null, or " : "";
  switch (spec.kind) {
    case "integer":
      return `an integer from ${spec.min} to ${spec.max}`;
    case "boolean":
      return "true or false";
    case "text":
    case "bytes": {
      const what = spec.kind === "text" ? "text" : "text or bytes";
      const most = spec.maxBytes === undefined
        ? ""
        : ` of 1 to ${spec.maxBytes} bytes`;
      const first = spec.isId ? ", the first not zero" : "";
      return `${orNull}${what}${most}${first}`;
    }
    case "address":
      return `${orNull}host:port`;
    case "words":
      return `an array of ${
        spec.words!.map((word) => JSON.stringify(word)).join(", ")
      }`;
    case "origins":
      return 'an array of origins, such as "https://example.com", or "*"';
    case "verbosity":
      return 'null, "allSubs" or "allSubsUnsubs"';
    case "key":
      return `${orNull}a key of 40 characters in Z85, or of 32 bytes`;
    case "keys":
      return `${orNull}an array of keys`;
    case "function":
      return `${orNull}a function`;
  }
}

/** A key as its 40 characters; the value is not in the message, it may be a secret. */
function checkKey(name: string, value: unknown): string {
  try {
    const text = value instanceof Uint8Array && value.byteLength === 32
      ? z85Encode(value)
      : value;
    if (typeof text === "string" && z85Decode(text).byteLength === 32) {
      return text;
    }
  } catch { /* reported below */ }
  throw new ArgumentError(
    `The option ${name} needs keys of 40 Z85 characters or 32 bytes`,
  );
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
