/**
 * Layer: zmq, bottom. The version of this package. A test compares it with
 * `deno.json`, which a program that runs from a registry cannot read.
 *
 * @module
 */

/** The version of this package. */
export const RELEASE = "0.2.0";
