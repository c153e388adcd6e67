/**
 * Layer: options. The options of a context, in the manner of `values.ts` and
 * `table.ts`.
 *
 * @module
 */
import { ArgumentError, ZmqError } from "../errors.ts";
import { ABSENT_CONTEXT_OPTIONS, findAbsent } from "./absent.ts";
import { checkValue } from "./check.ts";
import type { OptionSpec } from "./table.ts";
import { MAX_INT } from "./values.ts";

/** The options of a context. */
export interface ContextValues {
  /** How many sockets may be open at a time. Default 65,535. */
  maxSockets: number;
  /** The largest message that its sockets send, in bytes over all frames; -1 for no limit. Default -1. */
  maxMessageSize: number;
  /** The option `ipv6` of its new sockets. Default false. */
  ipv6: boolean;
  /** Whether its new sockets send everything that waits when they are closed; if not, the default of their `linger` is 0. Default true. */
  blocky: boolean;
  /** No effect, as there are no I/O threads; the value is stored. Default 1. */
  ioThreads: number;
}

/** The upper bound of `maxSockets`. */
export const MAX_SOCKETS = 65_535;

/** That bound, as a read-only option; when setting, libzmq uses its number, 3, for another option. */
const MAX_SOCKETS_LIMIT = "maxSocketsLimit";
const ZMQ_SOCKET_LIMIT = 3;

/** Every option of a context. */
export const CONTEXT_OPTIONS: Readonly<
  Record<keyof ContextValues, OptionSpec>
> = {
  maxSockets: {
    number: 2,
    kind: "integer",
    min: 1,
    max: MAX_SOCKETS,
    unit: "sockets",
    default: MAX_SOCKETS,
  },
  maxMessageSize: {
    number: 5,
    kind: "integer",
    min: -1,
    max: Number.MAX_SAFE_INTEGER,
    unit: "bytes",
    default: -1,
  },
  ipv6: { number: 42, kind: "boolean", default: false },
  blocky: { number: 70, kind: "boolean", default: true },
  ioThreads: {
    number: 1,
    kind: "integer",
    min: 0,
    max: MAX_INT,
    default: 1,
  },
};

/** The options of a new context. */
export function defaultContextOptions(): ContextValues {
  return Object.fromEntries(
    Object.entries(CONTEXT_OPTIONS).map(([name, spec]) => [name, spec.default]),
  ) as unknown as ContextValues;
}

/**
 * Finds an option of a context by its name or by its number in libzmq.
 *
 * @throws {ZmqError} `EINVAL` if it is unknown; `ENOTSUP` if it is not
 *   supported.
 */
export function findContextOption(
  option: string | number,
): keyof ContextValues {
  for (const [name, { number }] of Object.entries(CONTEXT_OPTIONS)) {
    if (name === option || number === option) {
      return name as keyof ContextValues;
    }
  }
  if (option === MAX_SOCKETS_LIMIT) {
    throw new ArgumentError(`The context option ${option} is read-only`);
  }
  const absent = findAbsent(option, ABSENT_CONTEXT_OPTIONS);
  throw absent === undefined
    ? new ArgumentError(`Unknown context option ${option}`)
    : new ZmqError(
      "ENOTSUP",
      `The context option ${absent.name} cannot be used: ${absent.reason}`,
    );
}

/**
 * The value of an option of a context.
 *
 * @throws {ZmqError} As {@link findContextOption}.
 */
export function readContextOption(
  values: Readonly<ContextValues>,
  option: string | number,
): unknown {
  if (option === MAX_SOCKETS_LIMIT || option === ZMQ_SOCKET_LIMIT) {
    return MAX_SOCKETS;
  }
  return values[findContextOption(option)];
}

/**
 * Sets an option of a context.
 *
 * @throws {ZmqError} As {@link findContextOption}; `EINVAL` if the value is
 *   invalid.
 */
export function setContextOption(
  values: ContextValues,
  option: string | number,
  value: unknown,
): void {
  const name = findContextOption(option);
  const checked = checkValue(name, CONTEXT_OPTIONS[name], value);
  (values as unknown as Record<string, unknown>)[name] = checked;
}
