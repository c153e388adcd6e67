/**
 * Layer: zmtp. The mechanism of a connection in a browser: NULL. The transport
 * refuses the options of any other one before there is a connection.
 *
 * @module
 */
import type { Mechanism, OwnProperties } from "./mechanism.ts";
import { NullMechanism } from "./null.ts";
import type { Security } from "./security.ts";

export type { Security };

/** Whether peers are authenticated. */
export function isProtected(_security: Security): boolean {
  return false;
}

/** Creates the mechanism of one connection. */
export function createMechanism(
  _security: Security,
  properties: OwnProperties,
): Mechanism {
  return new NullMechanism(properties, false);
}
