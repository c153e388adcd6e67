/**
 * Layer: manager, logging.
 *
 * A destination for pino is a stream of Node, which a browser does not have:
 * there pino has the option `browser.write`.
 *
 * @module
 */
import { AgentZeroSocketError } from "../../errors.ts";
import type { PinoDestinationOptions } from "./pino_destination.ts";

export type { PinoDestinationOptions };

/** @throws {AgentZeroSocketError} Always. */
export function pinoDestination(): never {
  throw new AgentZeroSocketError(
    "pinoDestination() needs the streams of Node; in a browser, call handler.handle() from pino's option browser.write",
  );
}
