/**
 * Layer: manager.
 *
 * The names of the options of every method. Any other name is an error, so that
 * a misspelt option is not ignored.
 *
 * @module
 */
import {
  invalidOption,
  type OptionNames,
  optionNames,
  requireKnown,
} from "../util/check_options.ts";
import type { OptionsMap, SocketMap } from "./contract.ts";
import type {
  CreateOptions,
  EventOptions,
  GetLoggerOptions,
  GetLogHandlerOptions,
  ReceiveOptions,
  RequestOptions,
  ServeOptions,
  SocketManagerOptions,
} from "./options.ts";
import { checkMask } from "./socket_types.ts";
import type { WaitOptions } from "../async/deadline.ts";

/** The options of each kind of method. */
export const OPTIONS_OF = {
  manager: optionNames<SocketManagerOptions<SocketMap, OptionsMap>>({
    zmq: true,
    context: true,
    serializationBackend: true,
    pollingTimeout: true,
    timeout: true,
    linger: true,
    onCloseError: true,
  }),
  wait: optionNames<WaitOptions>({ timeout: true, signal: true }),
  receive: optionNames<ReceiveOptions>({
    timeout: true,
    signal: true,
    schema: true,
  }),
  events: optionNames<EventOptions>({
    keepPolling: true,
    signal: true,
    timeout: true,
    onError: true,
    dropOldest: true,
    schema: true,
  }),
  request: optionNames<RequestOptions>({
    timeout: true,
    retries: true,
    signal: true,
    schema: true,
  }),
  serve: optionNames<ServeOptions>({
    schema: true,
    signal: true,
    onError: true,
    concurrency: true,
  }),
  logHandler: optionNames<GetLogHandlerOptions>({ topicName: true }),
  logger: optionNames<GetLoggerOptions>({ topicName: true, loggerName: true }),
} as const satisfies Record<string, OptionNames>;

/**
 * Checks the names of options.
 *
 * @throws {AgentZeroSocketError} `OPTION_INVALID` for an unknown option, with the name that was probably meant.
 */
export function requireOptions(
  given: unknown,
  kind: keyof typeof OPTIONS_OF,
  what: string,
): void {
  requireKnown(given, OPTIONS_OF[kind], what);
}

/**
 * The mask to poll with and the options of a call, where the mask may be left
 * out: `(mask?, options?)` or `(options?)`.
 *
 * @throws {AgentZeroSocketError} `OPTION_INVALID` for options in both places.
 * @throws {RangeError} For an invalid mask.
 */
export function maskAndOptions<T extends object>(
  first: number | T | undefined,
  second: T | undefined,
  type: number,
  what: string,
): { mask: number; options: T | undefined } {
  if (typeof first !== "object" || first === null) {
    return { mask: checkMask(first, type), options: second };
  }
  if (second === undefined) {
    return { mask: checkMask(undefined, type), options: first };
  }
  throw invalidOption(`The options of ${what} were given twice`);
}

/** A mask, or in its place the options to create a socket with. */
export type MaskOrOptions<O extends object, T = unknown> =
  | number
  | CreateOptions<O, T>;
