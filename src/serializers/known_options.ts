/**
 * Layer: serializers (internal). Refuses options that a serializer does not
 * have.
 *
 * @module
 */
import { AgentZeroSocketError } from "../errors.ts";
import { checkOptions, type OptionNames } from "../util/check_options.ts";

/**
 * Refuses options that do not exist.
 *
 * @throws {AgentZeroSocketError} `OPTION_INVALID`, with the one that was probably meant.
 */
export function requireKnown(
  given: unknown,
  known: OptionNames,
  serializer: string,
): void {
  checkOptions(
    given,
    known,
    serializer,
    (message) => new AgentZeroSocketError(message, { code: "OPTION_INVALID" }),
  );
}
