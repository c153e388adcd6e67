/**
 * Layer: util (internal).
 *
 * Refuses options that do not exist: a misspelt option that is ignored is
 * found much later, if at all. It does not check the values of options.
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
 * Lists the names of an options type. The compiler makes sure that none is
 * missing, and that none is too many.
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
 * Refuses what is no object, and an object with a name that is not known. Names
 * whose value is `undefined` count as left out. Only own properties count: an
 * `AbortController` can be passed for its `signal`.
 *
 * @param given The options, as the caller gave them; `undefined` for none.
 * @param known The names that exist.
 * @param what What the options are of, such as `submit()`.
 * @param makeError Makes the error to throw, of a message.
 * @throws What `makeError` gives.
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
 * @param given The options, as the caller gave them.
 * @param known The names that exist.
 * @param what What the options are of.
 * @throws {AgentZeroSocketError} `OPTION_INVALID`, with the one that was probably meant.
 */
export function requireKnown(
  given: unknown,
  known: OptionNames,
  what: string,
): void {
  checkOptions(given, known, what, invalidOption);
}

/** The error of an option that does not exist, or does not fit. */
export function invalidOption(message: string): AgentZeroSocketError {
  return new AgentZeroSocketError(message, { code: "OPTION_INVALID" });
}

/**
 * Says that an option does not exist, and which one was probably meant.
 *
 * @param name The option that was given.
 * @param known The names that exist.
 * @param what What the options are of, such as `submit()`.
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
    ? "; there are none"
    : known.size <= MAX_LISTED
    ? `; known are ${[...known].join(", ")}`
    : "";
  return `There is no option "${name}" of ${what}${hint}`;
}
