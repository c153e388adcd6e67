/**
 * Layer: options. What the tables of options have in common.
 *
 * @module
 */
import { typesWhere } from "../socket_traits.ts";
import type { SocketType } from "../types.ts";
import { MAX_INT, type OptionName, type OptionValues } from "./values.ts";

/** The definition of one option. */
export interface OptionSpec {
  /** The number of the option in libzmq's `zmq.h`, if it has one there. */
  readonly number?: number;
  /** The kind of its values. */
  readonly kind:
    | "integer"
    | "boolean"
    | "text"
    | "bytes"
    | "address"
    | "words"
    | "origins"
    | "verbosity"
    | "key"
    | "keys"
    | "function";
  /** Its value in a new socket. */
  readonly default: OptionValues[OptionName];
  /** The least value of an integer. */
  readonly min?: number;
  /** The greatest value of an integer. */
  readonly max?: number;
  /** The unit of an integer. */
  readonly unit?:
    | "ms"
    | "s"
    | "bytes"
    | "messages"
    | "frames"
    | "connections"
    | "sockets"
    | "subscriptions";
  /** How many bytes text or bytes may have. */
  readonly maxBytes?: number;
  /** Whether empty text or bytes mean null; otherwise they are an error. */
  readonly mayBeEmpty?: boolean;
  /** Whether the first byte must not be zero. */
  readonly isId?: boolean;
  /** The words that may be in the array; the first is bit 1 in libzmq's number, and so on. */
  readonly words?: readonly string[];
  /** Whether errors must not show the value: true for all security options, as a key may have been passed to the wrong one by mistake. */
  readonly isSecret?: boolean;
  /** The socket types that have it. Default: all. */
  readonly types?: readonly SocketType[];
}

/** All types but STREAM, whose peers do not speak ZMTP. */
export const ZMTP: readonly SocketType[] = typesWhere(({ isRaw }) => !isRaw);

type Partly = Pick<OptionSpec, "kind" | "min" | "max" | "unit">;

/** A number, such as a duration. */
export const duration: Partly = {
  kind: "integer",
  min: 0,
  max: MAX_INT,
  unit: "ms",
};
/** The same, or -1 for ever. */
export const orForever: Partly = { ...duration, min: -1 };
/** A flag that is not set at first. */
export const flag: OptionSpec = { kind: "boolean", default: false };
/** Text that is not set at first. */
export const text: OptionSpec = { kind: "text", default: null, maxBytes: 255 };
