/**
 * Layer: transport. `node:net`, loaded when it is used: loading it takes about
 * as long as loading a quarter of this engine.
 *
 * @module
 */
import process from "node:process";

/** The module `node:net`. */
export function net(): typeof import("node:net") {
  return process.getBuiltinModule("node:net");
}
