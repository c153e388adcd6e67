/**
 * Layer: zmq, bottom. Which release this is. A test holds it against
 * `deno.json`, which a program that runs from a registry cannot read.
 *
 * @module
 */

/** The version of this package. */
export const RELEASE = "0.1.0";
