/**
 * Layer: options. Makes the options properties, as in zeromq.js:
 * `socket.linger = 0`. Unsupported options are properties, too: setting one is
 * an error with the reason.
 *
 * @module
 */

import { ABSENT_OPTIONS } from "./absent.ts";
import { OPTIONS } from "./table.ts";

/** An object with options by name. */
interface OptionHolder {
  getOption(name: string): unknown;
  setOption(name: string, value: unknown): void;
}

/**
 * Defines a property for each option on a prototype.
 *
 * @param absent Options that cannot be set, and read as `undefined`.
 */
export function defineOptionProperties(
  prototype: OptionHolder,
  names: readonly string[],
  absent: readonly string[],
): void {
  const define = (name: string, isThere: boolean) =>
    Object.defineProperty(prototype, name, {
      get(this: OptionHolder) {
        return isThere ? this.getOption(name) : undefined;
      },
      set(this: OptionHolder, value: unknown) {
        this.setOption(name, value);
      },
      configurable: true,
    });
  for (const name of names) define(name, true);
  for (const name of absent) define(name, false);
}

/** Defines the properties of all sockets. */
export function defineSocketProperties(prototype: OptionHolder): void {
  defineOptionProperties(
    prototype,
    [...Object.keys(OPTIONS), "securityMechanism", "threadSafe"],
    Object.keys(ABSENT_OPTIONS),
  );
}
