/**
 * Layer: util (internal).
 *
 * Throws for unknown options: a misspelt option that is ignored is found much
 * later, if at all. It does not check the values of options.
 *
 * @module
 */
import { AgentZeroSocketError } from "../errors.ts";
import { nearestName } from "../zmq/nearest_name.ts";

/** The names that an options object may have. */
export type OptionNames = ReadonlySet<string>;

/** More names than these are not listed in a message. */
const MAX_LISTED = 12;

/**
 * The names of an options type. The compiler makes sure that they are complete.
 *
 * @param names Every name of the type, with `true`.
 * @returns The names, for {@linkcode checkOptions}.
 */
export function optionNames<T extends object>(
  names: Readonly<Record<keyof T, true>>,
): OptionNames {
  return new Set(Object.keys(names));
}

/**
 * Throws for a value that is not an object, and for an object with an unknown
 * name. Names whose value is `undefined` are ignored. Only own properties count:
 * an `AbortController` can be passed for its `signal`.
 *
 * @param given The options; `undefined` for none.
 * @param known The known names.
 * @param what What has these options, such as `submit()`.
 * @param makeError Creates the error of a message.
 * @throws The error of `makeError`.
 */
export function checkOptions(
  given: unknown,
  known: OptionNames,
  what: string,
  makeError: (message: string) => Error,
): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null) {
    throw makeError(
      `The options of ${what} are ${
        given === null ? "null" : `a ${typeof given}`
      }: expected an object`,
    );
  }
  for (const name of Object.keys(given)) {
    if (known.has(name) || Reflect.get(given, name) === undefined) continue;
    throw makeError(unknownOption(name, known, what));
  }
}

/**
 * The same, with the error of the manager and the serializers.
 *
 * @param given The options.
 * @param known The known names.
 * @param what What has these options.
 * @throws {AgentZeroSocketError} `OPTION_INVALID`, with the name that was probably meant.
 */
export function requireKnown(
  given: unknown,
  known: OptionNames,
  what: string,
): void {
  checkOptions(given, known, what, invalidOption);
}

/** The error of an unknown or invalid option. */
export function invalidOption(message: string): AgentZeroSocketError {
  return new AgentZeroSocketError(message, { code: "OPTION_INVALID" });
}

/**
 * The message for an unknown option, with the name that was probably meant.
 *
 * @param name The unknown name.
 * @param known The known names.
 * @param what What has these options, such as `submit()`.
 * @returns A message.
 */
export function unknownOption(
  name: string,
  known: OptionNames,
  what: string,
): string {
  const nearest = nearestName(name, known);
  const hint = nearest !== undefined
    ? `; did you mean "${nearest}"?`
    : known.size === 0
    ? "; it has no options"
    : known.size <= MAX_LISTED
    ? `; known options: ${[...known].join(", ")}`
    : "";
  return `Unknown option "${name}" of ${what}${hint}`;
}
