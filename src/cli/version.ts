/**
 * Layer: cli. The version of the package. A test holds it against `deno.json`,
 * which a program that runs from a registry cannot read.
 *
 * @module
 */

/** The version of the package. */
export const VERSION = "0.1.0";
